"""A generated campus as files for a web server: so many hosts, the same every time. Writes files.

Every host has three lists with further pages, and articles, 15 to 40 KB each in the frame real pages have:
menus, styles, scripts, side bars. What they are made of stands in `campus.toml`.
"""

from __future__ import annotations

import gzip
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

SECTIONS = ("xw", "tz", "xs")
PER_PAGE = 20
_MENU, _SIDE = 110, 50  # links around a page; real campus pages have 60 to 300
_LATEST = date(2026, 9, 1)

_MADE_OF = tomllib.loads(Path(__file__).with_name("campus.toml").read_text("utf-8"))
_WORDS: dict[str, list[str]] = _MADE_OF["words"]
SHAPES = _MADE_OF["shapes"]


@dataclass(frozen=True, slots=True)
class Host:
    """One host of the campus: its address, what it runs on, whether it sends its pages compressed."""

    number: int
    shape: str
    address: str
    packed: bool

    @property
    def name(self) -> str:
        """The name of its site in the config."""
        return f"h{self.number:03}"

    @property
    def encoding(self) -> str:
        """What its pages are written in; gb2312 is what most GBK pages call themselves."""
        return SHAPES[self.shape]["charset"].replace("gb2312", "gbk")

    def list_path(self, key: str, page: int = 1) -> str:
        """Return the path of a page of a list."""
        form = SHAPES[self.shape]["first_list" if page == 1 else "further_list"]
        return form.format(key=key, page=page)

    def seeds(self, port: int) -> list[str]:
        """Return the first pages of its lists."""
        return [f"http://{self.address}:{port}{self.list_path(key)}" for key in SECTIONS]


def hosts(count: int) -> list[Host]:
    """Return so many hosts, the shapes in turn; every second round of them compresses."""
    names = list(SHAPES)
    return [
        Host(n, names[n % len(names)], f"127.0.1.{n + 1}", packed=n // len(names) % 2 == 0)
        for n in range(count)
    ]


def write(root: Path, host: Host, articles: int) -> int:
    """Write a host's files, `articles` for each of its lists, and return how many pages these are."""
    count = 0
    for path, text in pages(host, articles):
        file = root / host.name / (path[1:] + "index.html" if path.endswith("/") else path[1:])
        file.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode(host.encoding)
        file.write_bytes(data)
        if host.packed:
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(data, 6, mtime=0))
        count += 1
    (root / host.name / "robots.txt").write_text("User-agent: *\nDisallow: /search\nDisallow: /login\n")
    return count


def pages(host: Host, articles: int) -> Iterator[tuple[str, str]]:
    """Yield path and text of every page of a host."""
    shape = SHAPES[host.shape]
    for tree, key in enumerate(SECTIONS, 101):
        items = []
        for at in range(articles):
            facts = _facts(host, tree, at)
            facts["href"] = shape["path"].format(key=key, tree=tree, **facts)
            items.append(shape["item"].format(**facts))
            yield facts["href"], _framed(host, facts["title"], shape["article"].format(**facts))
        count = -(-articles // PER_PAGE)
        for page in range(1, count + 1):
            shown = "".join(items[(page - 1) * PER_PAGE : page * PER_PAGE])
            following = shape["next"].format(href=host.list_path(key, page + 1)) if page < count else ""
            whole = shape["list"].format(items=shown, next=following)
            yield host.list_path(key, page), _framed(host, f"列表{key}", whole)


def _facts(host: Host, tree: int, at: int) -> dict[str, object]:
    """Return what the templates tell of one article."""
    number = tree * 100_000 + at
    chance = random.Random(f"{host.number}-{number}")
    who = chance.choice(_WORDS["who"])
    return {
        "n": number,
        "day": _LATEST - timedelta(days=2 * at),
        "title": f"{who}{chance.choice(_WORDS['about'])}第{number}期：{_sentence(chance)[:18]}",
        "who": who,
        "views": chance.randrange(20, 5000),
        "lead": _sentence(chance),
        "body": _body(chance),
    }


def _sentence(chance: random.Random) -> str:
    when, who, did, then = (chance.choice(_WORDS[kind]) for kind in ("when", "who", "did", "then"))
    return f"{when}，{who}{did}。{then}。"


def _body(chance: random.Random) -> str:
    """Return 4 to 16 paragraphs as an editor leaves them, some with a picture."""
    before = '<p style="text-indent:2em;line-height:1.75em;"><span style="font-family:宋体;font-size:16px;">'
    picture = '<p style="text-align:center"><img src="/upload/p{}.jpg" width="600" alt="现场"/></p>\n'
    made = []
    for at in range(chance.randint(4, 16)):
        sentences = "".join(_sentence(chance) for _ in range(chance.randint(1, 3)))
        made.append(f"{before}{sentences}</span></p>\n")
        if at % 7 == 3:
            made.append(picture.format(chance.randrange(10**6)))
    return "".join(made)


def _framed(host: Host, title: object, main: str) -> str:
    """Return the whole page: head, menus, the main part, side bar, footer."""
    shape = SHAPES[host.shape]
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{shape["charset"]}"><title>{title}</title>'
        f"{shape['head']}<style>{_STYLE}</style></head><body><div class='wrapper'><div class='header'>"
        f"<ul class='nav menu'>{_LINKS}</ul></div><div class='container'>{main}<div class='sidebar'>"
        f"<h3>最新公告</h3><ul>{_NOTES}</ul></div></div><div class='footer'><p>版权所有 样本大学{host.number}"
        f" 地址：样本路1号 邮编：000000</p></div></div><script>{_SCRIPT}</script></body></html>"
    )


_STYLE = "".join(f".box{at} .inner > li:hover {{ width: {at}px; color: #333 }}\n" for at in range(60))
_SCRIPT = "".join(f"menus[{at}] = new Menu('#m{at}', {{ speed: {at} }});\n" for at in range(60))
_LINKS = "".join(
    f'<li class="nav-item i{at}"><a href="/lanmu{at}/list.htm" title="栏目{at}">栏目{at}</a></li>\n'
    for at in range(_MENU)
)
_NOTES = "".join(
    f'<li class="item i{at}"><a href="/note/{at}.htm" target="_blank">旁栏的第{at}条公告</a></li>\n'
    for at in range(_SIDE)
)
