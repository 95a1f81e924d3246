"""What tests of replay drive: Chromium by its DevTools pipe, a pywb, a server that answers for ranges.

Each gives up with a reason where the machine has none: `CAMPUSNEWS_CHROMIUM` names the browser (by default
`chromium` on the path), `CAMPUSNEWS_PYWB` pywb's `wayback` (by default on the path).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0  # seconds
# Headless, alone with itself and this machine: no name is looked up, nothing is fetched behind our back.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
    "--window-size=1200,900",
)
_MEDIA = {".html": "text/html", ".js": "text/javascript", ".wacz": "application/wacz"}


def until(ask: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        threading.Event().wait(0.1)
    pytest.fail(f"{what} within {PATIENCE:.0f} s")


# ---- the browser


class Browser:
    """One tab of a headless Chromium, spoken to over a pair of pipes: no library is needed for that."""

    def __init__(self, program: str, profile: Path) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The browser reads commands from descriptor 3 and answers on 4.
        shell = ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash"]
        self._process = subprocess.Popen(
            [*shell, program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = os.fdopen(ours_in, "rb", 0), os.fdopen(ours_out, "wb", 0)
        self._held, self._number, self._session = b"", 0, ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def close(self) -> None:
        self._session = ""
        self.call("Browser.close")
        self._process.wait(PATIENCE)
        self._in.close()
        self._out.close()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Carry out a command of the DevTools protocol and return what it gives."""
        self._number += 1
        told = {"id": self._number, "method": method, "params": params}
        told |= {"sessionId": self._session} if self._session else {}
        self._out.write(json.dumps(told).encode() + b"\0")
        while (answer := self._message()).get("id") != self._number:
            pass  # an event
        assert "error" not in answer, answer["error"]
        result: dict[str, Any] = answer["result"]
        return result

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._held:
            piece = os.read(self._in.fileno(), 1 << 16)
            assert piece, "the browser went away"
            self._held += piece
        message, _, self._held = self._held.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the page; null where it has none yet."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return None if "exceptionDetails" in answer else answer["result"].get("value")

    def picture(self, path: Path) -> None:
        """Keep what is shown, for who wants to look."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """Give a browser, or skip the test where there is none."""
    program = os.environ.get("CAMPUSNEWS_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium here: install Debian's `chromium`, or name one in CAMPUSNEWS_CHROMIUM")
    browser = Browser(program, profile)
    try:
        yield browser
    finally:
        browser.close()


# ---- servers


@contextmanager
def served(files: Mapping[str, Path], directory: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve named files, else those of a directory, on loopback; give the base and what was asked for."""
    asked: list[str] = []

    class Files(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asked.append(path)
            file = files.get(path) or directory / (path.lstrip("/") or "index.html")
            if not file.is_file():
                return self._send(404, b"", {})
            data, total = file.read_bytes(), file.stat().st_size
            headers = {"Content-Type": _MEDIA.get(file.suffix, "text/plain"), "Accept-Ranges": "bytes"}
            if not (wanted := self.headers.get("Range", "").removeprefix("bytes=")):
                return self._send(200, data, headers)
            first, _, last = wanted.partition("-")
            start = int(first) if first else max(0, total - int(last))
            end = min(int(last), total - 1) if first and last else total - 1
            headers["Content-Range"] = f"bytes {start}-{end}/{total}"
            return self._send(206, data[start : end + 1], headers)

        do_HEAD = do_GET

        def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(data))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data if self.command == "GET" else b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def wayback() -> str:
    """Return pywb's program, or skip the test where there is none."""
    program = os.environ.get("CAMPUSNEWS_PYWB") or shutil.which("wayback")
    if program is None:
        pytest.skip("no pywb here: name its `wayback` in CAMPUSNEWS_PYWB")
    return program


@contextmanager
def replaying(place: Path, probe: str) -> Iterator[str]:
    """Start pywb in a directory and give its base once it answers at the path `probe`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [wayback(), "-p", str(port), "-b", "127.0.0.1"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=place, stdout=quiet, stderr=quiet) as process:
        try:
            until(lambda: _answers(base + probe), "pywb did not answer")
            yield base
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False
