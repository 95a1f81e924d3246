"""A web server for the files of a generated campus, in its own process: nginx where installed, else ours.

python benchmarks/server.py PORT FOLDER HOSTS.json     our own, by itself
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_NGINX = """
daemon off; worker_processes {workers}; pid {home}/pid; error_log stderr crit; {user}
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type text/html;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  {servers}
}}
"""
_ONE = "server {{ listen {address}:{port}; root {root}; index index.html; gzip_static {packed}; }}"


@contextmanager
def serving(root: Path, hosts: list[dict[str, str]], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve each host's folder at its address until the end; `nginx()` says by what."""
    home = root / "server"
    home.mkdir()
    if program := nginx():
        servers = "\n  ".join(
            _ONE.format(
                address=host["address"],
                port=port,
                root=root / host["name"],
                packed="on" if host["packed"] else "off",
            )
            for host in hosts
        )
        user = "user root;" if os.geteuid() == 0 else ""
        settings = _NGINX.format(workers=1, home=home, user=user, servers=servers)
        (home / "nginx.conf").write_text(settings)
        command = [program, "-p", str(home), "-c", str(home / "nginx.conf"), "-e", "stderr"]
    else:
        (home / "hosts.json").write_text(json.dumps(hosts))
        command = [sys.executable, __file__, str(port), str(root), str(home / "hosts.json")]
    server = subprocess.Popen(command)
    try:
        _await(server, hosts[-1]["address"], port)
        yield server
    finally:
        server.terminate()
        server.wait()


def nginx() -> str | None:
    """Return the path of nginx, if it is installed."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(server: subprocess.Popen[bytes], address: str, port: int) -> None:
    for _ in range(100):
        if server.poll() is not None:
            raise SystemExit(f"the server ended at once, exit code {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server does not answer")


async def _serve(port: int, root: Path, hosts: list[dict[str, str]]) -> None:
    for host in hosts:
        folder, packed = root / host["name"], bool(host["packed"])

        async def answer(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            folder: Path = folder,
            packed: bool = packed,
        ) -> None:
            with closing(writer):
                try:
                    while True:
                        head = await reader.readuntil(b"\r\n\r\n")
                        writer.write(_answer(folder, packed, head.split(b" ", 2)[1].decode()))
                        await writer.drain()
                except (asyncio.IncompleteReadError, ConnectionError):
                    return

        await asyncio.start_server(answer, host["address"], port)
    await asyncio.Event().wait()


def _answer(folder: Path, packed: bool, path: str) -> bytes:
    file = folder / (path[1:] + "index.html" if path.endswith("/") else path[1:])
    if not file.is_file():
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    small = file.with_name(file.name + ".gz")
    coded = packed and small.exists()
    body = small.read_bytes() if coded else file.read_bytes()
    kind = b"text/plain" if file.suffix == ".txt" else b"text/html"
    coding = b"Content-Encoding: gzip\r\n" if coded else b""
    return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
        kind,
        coding,
        len(body),
        body,
    )


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text("utf-8"))))
