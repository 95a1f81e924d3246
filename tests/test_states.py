"""The states of `scraper.states`: each is met by a real exchange, has its name and changes nothing kept."""

from __future__ import annotations

import ast
import gzip
import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import scraper
from scraper import states
from scraper.cli import main
from scraper.config import Config
from scraper.crawl import crawl
from scraper.sent import sent
from storage import Archive
from storage.records import Article, Problem, Run

from .fault_server import EMPTY, RESET, Answer, FaultServer, flood, redirect, reply, then_close, then_hang
from .tls import certificate, only_tls_1_0

pytestmark = pytest.mark.usefixtures("catalogue")

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ELSEWHERE = {
    "tls_expired": "test_faults_network",
    "tls_name": "test_faults_network",
    "proxy": "test_proxy",
    "host_left_alone": "test_polite_crawl",
    "outside_window": "test_polite_crawl",
    "request_limit": "test_polite_crawl",
}
SOUND = 30
DAY = timedelta(days=1)


def html(body: str, *headers: str, status: int = 200) -> bytes:
    return reply(status, body.encode(), "Content-Type: text/html; charset=utf-8", *headers)


def article(n: int) -> bytes:
    text = f"<p>Paragraph one of story {n}, long enough to be a body of text.</p><p>The second, {n}.</p>" * 3
    title = f"A story of some length, number {n}"
    return html(
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<p class='date'>2026-11-{n % 28 + 1:02}</p><div class='article'>{text}</div></body></html>"
    )


def answered() -> dict[str, Answer]:
    """Return what the server itself answers with, by a name that begins with the state's."""
    return {
        "not_found": reply(404),
        "gone": reply(410),
        "soft_error": html("<p>您访问的页面不存在</p>"),
        "soft_error/in a table": html("<h1>Page not found</h1>"),
        "home_page": redirect("/"),
        "forbidden": reply(403),
        "forbidden/451": reply(451),
        "login_wall": reply(401),
        "login_wall/form": html("<form>账号<input name=u>密码<input type='password' name=p></form>"),
        "login_wall/sign-on": redirect("/cas/login?service=x"),
        "intranet_only": html("<p>您访问的内容仅限校内访问</p>"),
        "intranet_only/403": html("<p>该页面仅限校内用户访问</p>", status=403),
        "captcha": html("<p>请输入验证码</p>"),
        "js_challenge": html("<script>$_ts=window['$_ts'];</script>", status=412),
        "js_challenge/202": html("<script>$_ts=window['$_ts'];</script>", status=202),
        "js_challenge/521": html("<script>document.cookie='__jsl_clearance=1';</script>", status=521),
        "js_challenge/403": html("<script>window._cf_chl_opt={}</script>", status=403),
        "too_many_requests": reply(429),
        "server_error": reply(500),
        "server_error/503": reply(503),
        "unexpected_status": reply(418),
        "empty": html(""),
        "no_content": html("<video src='a.mp4'></video>"),
        "meta_refresh": html("<meta http-equiv='refresh' content='0; url=/new.htm'>"),
        "js_redirect": html("<script>location.replace('/new.htm')</script>"),
        "not_html": reply(200, b"PK\x03\x04 ...", "Content-Type: text/html"),
        "pdf_bytes": reply(200, b"%PDF-1.7 ...", "Content-Type: application/pdf"),
        "too_deep": html("<p>text</p>" + "<div>" * 3_000),
        "too_large": reply(200, length=10**13),
        "too_large/elements": html("<p>t</p>" * 100_001),
        "too_large/bomb": reply(200, gzip.compress(b"\0" * 80_000_000), "Content-Encoding: gzip"),
        "too_large/endless": flood(CHUNKED, b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
        "reset": RESET,
        "reset/nothing": EMPTY,
        "deadline": then_hang(b""),
        "truncated": then_close(reply(200, b"x", length=9)),
        "bad_encoding": reply(200, b"not gzip at all", "Content-Encoding: br"),
        "protocol": then_close(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        "headers_too_large": reply(200, b"x", *[f"X-{n}: 1" for n in range(600)]),
        "unasked_304": b"HTTP/1.1 304 Not Modified\r\n\r\n",
        "redirect_loop": redirect("there"),
        "too_many_redirects": redirect("/far/0"),
        "robots": redirect("/private/1.html"),
        "scheme": redirect("ftp://127.0.0.1/"),
        "address": redirect("http://169.254.169.254/latest/"),
        "port": redirect("http://127.0.0.1:1/"),
        "beacon": redirect("/_visitcount?siteId=1"),
        "dns": redirect("http://nowhere.invalid/"),
    }


@dataclass
class World:
    """A site whose articles were read once and then answer with a fault each, beside sound ones."""

    place: Path
    faults: list[str]
    before: dict[str, Article] = field(default_factory=dict)
    after: dict[str, Article] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    run: Run | None = None

    def path(self, fault: str) -> str:
        return f"/news/{self.faults.index(fault) + 100}.html"


def stalled(stack: ExitStack) -> int:
    """Return the port of a listener whose queue is full, so that connecting to it takes for ever."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(2):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(listener.getsockname())
    return int(listener.getsockname()[1])


def other_servers(stack: ExitStack) -> tuple[dict[str, Answer], set[int]]:
    """Return redirects to servers that fail in ways of their own, and their ports."""
    opened = {
        "tls_old": FaultServer({}, only_tls_1_0()),
        "tls_untrusted": FaultServer({}, certificate("good.pem")),
        "tls": FaultServer({}, greeting=reply(400, b"speak up")),
        "robots_unreachable": FaultServer({"/robots.txt": reply(500)}),
    }
    urls = {name: stack.enter_context(server).url("/a") for name, server in opened.items()}
    urls["tls"] = urls["tls"].replace("http:", "https:")
    with FaultServer({}) as closed:
        urls["refused"] = closed.url("/a")
    urls["timeout"] = f"http://127.0.0.1:{stalled(stack)}/a"
    ports = {int(url.rpartition(":")[2].partition("/")[0]) for url in urls.values()}
    return {name: redirect(url) for name, url in urls.items()}, ports


@pytest.fixture(scope="module")
def world(catalogue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        real = socket.getaddrinfo

        def resolve(host: str, *rest: Any, **more: Any) -> Any:
            if host == "nowhere.invalid":
                raise socket.gaierror(socket.EAI_NONAME, "no such name")
            return real(host, *rest, **more)

        patch.setattr(socket, "getaddrinfo", resolve)
        redirects, ports = other_servers(stack)
        answers = answered() | redirects
        made = World(tmp_path_factory.mktemp("states") / "archive", list(answers))
        with FaultServer(site_of(made, answers)) as server:
            live_through(made, server, ports)
        yield made


def site_of(world: World, faults: dict[str, Answer]) -> dict[str, Answer]:
    """Return the answers of the site: each faulty article is sound when it is first asked for."""
    numbers = [*range(1, SOUND + 1), *range(100, 100 + len(faults))]
    rows = "".join(
        f'<li><a href="/news/{n}.html">A story of some length, number {n}</a></li>' for n in numbers
    )
    pages: dict[str, Answer] = {f"/news/{n}.html": article(n) for n in numbers}
    for fault, answer in faults.items():
        n = world.faults.index(fault) + 100
        pages[f"/news/{n}.html"] = [article(n), answer]
    pages["/news/there"] = redirect("there")
    pages |= {f"/far/{n}": redirect(f"/far/{n + 1}") for n in range(9)}
    pages["/"] = html("<h1>Home of a small university</h1>")
    pages["/cas/login?service=x"] = html("<div id='app'></div>")
    pages["/robots.txt"] = reply(200, b"User-agent: *\nDisallow: /private/\n", "Content-Type: text/plain")
    pages["/list.htm"] = html(f"<html><body><ul class='news_list'>{rows}</ul></body></html>")
    return pages


def live_through(world: World, server: FaultServer, ports: set[int]) -> None:
    site = {
        "name": "faulty",
        "seeds": (server.url("/list.htm"),),
        "allow_private": True,
        "ports": (server.port, *ports),
        "delay": 0,
        "retries": 0,
        "deadline": 3,  # more than a busy machine takes for an answer
        "give_up_after": 1000,
        "recheck": ({"every": 0},),
    }
    config = Config.model_validate({"archive": str(world.place), "sites": (site,)})
    now = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)
    crawl(config, now=lambda: now, accept=True)
    with Archive.open(world.place) as archive:
        world.before = {each.url.removeprefix(server.url("")): each for each in archive.articles()}
    world.run = crawl(config, now=lambda: now + DAY / 2, accept=True)
    with Archive.open(world.place) as archive:
        world.after = {each.url.removeprefix(server.url("")): each for each in archive.articles()}
        found = {archive_key(each, server): each for each in archive.problems(world.run.id)}
    world.problems = found


def archive_key(problem: Problem, server: FaultServer) -> str:
    return problem.url.removeprefix(server.url(""))


FAULTS = [*answered(), "tls_old", "tls_untrusted", "tls", "robots_unreachable", "refused", "timeout"]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_state_is_shown_by_its_look_and_changes_nothing_that_is_kept(world: World, fault: str) -> None:
    path, state = world.path(fault), states.STATES[fault.partition("/")[0]]
    before, after = world.before[path], world.after[path]
    assert after.state == {"gone": "missing"}.get(state.look or "", state.look)
    assert (after.version, after.content_digest, after.capture) == (1, before.content_digest, before.capture)


def test_each_state_has_its_own_name_in_the_catalogue(world: World) -> None:
    told = sorted(problem.reason for problem in world.problems.values())
    assert told == sorted(fault.partition("/")[0] for fault in FAULTS)


def test_bad_pages_fail_neither_their_list_nor_their_neighbours(world: World) -> None:
    assert world.run is not None
    assert world.run.outcome == "done"
    sound = [world.after[f"/news/{n}.html"] for n in range(1, SOUND + 1)]
    assert {each.state for each in sound} == {"live"}
    assert all(
        each.last_seen > (world.before[f"/news/{n}.html"].last_seen or "") for n, each in enumerate(sound, 1)
    )


def test_the_names_are_in_status(world: World) -> None:
    printed = CliRunner().invoke(main, ["status", "--archive", str(world.place), "--json"])
    reasons = {problem["reason"] for problem in json.loads(printed.stdout)["problems"]}
    assert reasons == {fault.partition("/")[0] for fault in FAULTS}


def test_every_state_of_a_page_is_met_here_or_in_a_test_named_here() -> None:
    met = {fault.partition("/")[0] for fault in FAULTS}
    assert met | set(ELSEWHERE) == {*states.ANSWERED, *states.BROKEN, *states.NOT_ASKED}
    for name, module in ELSEWHERE.items():
        assert f'"{name}"' in (Path(__file__).parent / f"{module}.py").read_text("utf-8")


def test_every_name_the_code_gives_is_in_the_table() -> None:
    """Looks at every call that makes a failure: its reason is the first or second argument."""
    makers = {"FetchError", "Failure", "BadURL", "CodingError"} | {
        name for name, value in vars(scraper.errors).items() if isinstance(value, type)
    }
    unknown = set()
    for file in Path(scraper.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in makers:
                told = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
                names = [word for word in told if re.fullmatch("[a-z_0-9]+", str(word))]
                unknown |= {f"{file.name}: {name}" for name in names if name not in states.STATES}
    assert unknown <= {"course.py: earlier"}  # a site that failed in the part of the run before a kill


@pytest.mark.parametrize(
    ("asked", "got", "status", "told"),
    [
        ("http://a.edu/1.htm", "http://a.edu/", 200, "home_page"),
        ("http://a.edu/1.htm", "https://www.a.edu/index.html", 200, "home_page"),
        ("http://a.edu/1.htm", "http://a.edu/", 503, None),
        ("http://a.edu/", "http://a.edu/index.htm", 200, None),
        ("http://a.edu/1.htm", "https://cas.a.edu/x", 200, "login_wall"),
        ("http://a.edu/1.htm", "https://a.edu/authserver/login?x=1", 200, "login_wall"),
        ("http://a.edu/1.htm", "http://a.edu/wp-login.php", 403, "login_wall"),
        ("http://a.edu/1.htm", "http://a.edu/system/Login.aspx", 200, "login_wall"),
        ("http://a.edu/1.htm", "http://a.edu/blogin/2.htm", 200, None),
        ("http://cas.a.edu/1.htm", "http://cas.a.edu/2.htm", 200, None),
        ("http://a.edu/1.htm", "http://a.edu/2.htm", 200, None),
    ],
)
def test_a_redirect_says_what_stands_in_place_of_the_article(
    asked: str, got: str, status: int, told: str | None
) -> None:
    assert sent(asked, got, status) == told
