"""A web server with the faults of real ones: slow, cut, without ranges, or plainly wrong."""

from __future__ import annotations

import re
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nfcodec.viewer.pages import LIST, TYPES, resources

PIECE = 1400  # bytes, about what a packet of the internet carries


@dataclass
class Link:
    """What a :func:`linked` server does, which may be changed while it runs.

    ``rate``: bytes per second, all requests together; None for no limit. ``cuts``: how many more
    times a connection ends after ``cut_after`` bytes of the field. ``holds``: bytes of the field
    where a connection waits until that entry is taken away, and is cut then. ``answers``:
    responses (status, headers, body) instead of the field, by name.
    """

    rate: float | None = None
    ranges: bool = True
    cuts: int = 0
    cut_after: int = 0
    holds: list[int] = field(default_factory=list)
    #: Bytes from a field's start that are let through; what is behind them waits, or is cut off by
    #: ``drop``.
    gate: int | None = None
    drop: bool = False
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    #: (name, Range header or None) of each request.
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    #: (seconds since the epoch, name, bytes of its bodies so far) of each piece that went out.
    log: list[tuple[float, str, int]] = field(default_factory=list)
    #: Bytes of bodies sent, by name.
    sent: dict[str, int] = field(default_factory=dict)
    port: int = 0

    def address(self, name: str, fragment: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/?src={name}{fragment}"


class Bucket:
    """A token bucket: the wire is busy until what was sent before has gone through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free = 0.0

    def pass_through(self, count: int, rate: float) -> None:
        with self._lock:
            self._free = max(self._free, time.monotonic()) + count / rate
            wait = self._free - time.monotonic()
        if wait > 0:
            time.sleep(wait)


@contextmanager
def linked(files: dict[str, bytes], link: Link | None = None) -> Iterator[Link]:
    """Serve the viewer's page and ``files``, as ``link`` says."""
    link = link or Link()
    link.files = files
    page = {name: part.content for name, part in resources([]).items() if name != LIST}
    bucket = Bucket()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            name = unquote(urlsplit(self.path).path)[1:] or "index.html"
            link.asked.append((name, self.headers.get("Range")))
            if name in link.answers:
                self.give(name, *link.answers[name])
            elif name in link.files:
                self.give_field(name, link.files[name])
            elif name == LIST:
                self.give(name, 200, {"Content-Type": "application/json"}, b'{"files": []}')
            elif isinstance(part := page.get(name), Path):
                self.give(name, 200, {"Content-Type": TYPES[part.suffix]}, part.read_bytes())
            else:
                self.give(name, 404, {"Content-Type": "text/plain"}, b"not found")

        def give_field(self, name: str, data: bytes) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
            headers = {
                "ETag": '"1"',
                "Content-Type": "application/octet-stream",
                "Cache-Control": "no-store",
            }
            if asked is None or not link.ranges:
                self.give(name, 200, headers, data)
                return
            first, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
            if first >= len(data):
                self.give(name, 416, {"Content-Range": f"bytes */{len(data)}"}, b"")
                return
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            self.give(name, 206, headers, data[first : last + 1], first)

        def give(
            self, name: str, status: int, headers: dict[str, str], body: bytes, first: int = 0
        ) -> None:
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            if link.ranges and status < 300:
                self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            cut = link.cuts > 0 and name in link.files and len(body) > link.cut_after
            if cut:
                link.cuts -= 1
                body = body[: link.cut_after]
            try:
                at = 0
                while at < len(body):
                    room = PIECE
                    if name in link.files and link.holds and first + at >= link.holds[0]:
                        held = list(link.holds)
                        while link.holds == held:
                            time.sleep(0.01)
                        cut = True
                        break
                    if link.gate is not None and name in link.files:
                        room = min(room, link.gate - first - at)
                        if room <= 0 and (link.drop or self.left()):
                            cut = True
                            break
                        if room <= 0:
                            time.sleep(0.01)
                            continue
                    part = body[at : at + room]
                    at += len(part)
                    if link.rate is not None:
                        bucket.pass_through(len(part), link.rate)
                    self.wfile.write(part)
                    self.wfile.flush()
                    link.sent[name] = link.sent.get(name, 0) + len(part)
                    link.log.append((time.time(), name, link.sent[name]))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            if cut:
                self.close_connection = True

        def left(self) -> bool:
            """Whether the other side is gone: the page asks anew after 30 s without a byte."""
            readable, _, _ = select.select([self.connection], [], [], 0)
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    link.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield link
    finally:
        server.shutdown()
        server.server_close()
