"""The local server: the viewer and the given files on 127.0.0.1, and nothing else.

Requests are looked up in a table of names; no part of an address ever becomes a path on disk.
Ranges (RFC 9110, section 14) are answered by Starlette.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import threading
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import closing
from urllib.parse import unquote

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import NotModifiedResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nfcodec.errors import UsageError
from nfcodec.viewer.pages import INDEX, Resource

HOST = "127.0.0.1"
#: Names by which a browser may know this machine; others are turned away, so that a page from
#: elsewhere whose name was made to point here (DNS rebinding) reads nothing.
NAMES = (HOST, "localhost")
#: Tried first if no port is given, so that links stay the same from one run to the next.
USUAL_PORT = 8420
#: Seconds that transfers under way have to end after Ctrl-C.
PATIENCE = 1

_RANGE = r"\s*(\d{1,18}-\d{0,18}|-\d{1,18})\s*"
_RANGES = re.compile(rf"bytes={_RANGE}(,{_RANGE})*", re.IGNORECASE)

SAFETY = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    # Kept, but asked about each time: a file that was encoded again is shown again.
    "cache-control": "no-cache",
}


def application(site: Mapping[str, Resource]) -> ASGIApp:
    """The ASGI application that answers for ``site``, a table of names below the root."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        response = await _respond(site, Request(scope))
        await response(_without_idle_range(scope), receive, send)

    return _Safely(TrustedHostMiddleware(answer, NAMES, www_redirect=False))


def listen(port: int | None) -> socket.socket:
    """A socket that listens on ``port`` of 127.0.0.1; by default the usual one or any free one.

    UsageError if the port is taken or may not be used.
    """
    for choice in (USUAL_PORT, 0) if port is None else (port,):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if os.name == "posix":  # elsewhere the option lets two servers share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, choice))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if port is not None:
                raise _refused(port, error) from error
    raise UsageError(f"no port of {HOST} is free")


def address(listener: socket.socket, query: str = "") -> str:
    """The address of the viewer, with ``query`` such as ``?src=lego.nfc``."""
    return f"http://{HOST}:{listener.getsockname()[1]}/{query}"


def serve(
    site: Mapping[str, Resource],
    listener: socket.socket,
    *,
    started: Callable[[], None] = lambda: None,
    open_at: str | None = None,
) -> None:
    """Serve ``site`` until Ctrl-C, which is raised as KeyboardInterrupt once all is closed.

    ``started`` is called when requests are answered, and then a browser is shown ``open_at``.
    """
    server = _Server(
        uvicorn.Config(
            application(site),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
    )
    server.when_started = lambda: _announce(started, open_at)
    with closing(listener):
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    when_started: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.when_started()


def _announce(started: Callable[[], None], open_at: str | None) -> None:
    started()
    if open_at is not None:  # some browsers do not return until they are closed
        threading.Thread(target=webbrowser.open, args=(open_at,), daemon=True).start()


def _refused(port: int, error: OSError) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"port {port} of {HOST} is taken by another program; name another one with --port, "
            "or leave --port out"
        )
    reason = error.strerror or str(error)
    return UsageError(f"port {port} of {HOST} cannot be used ({reason}); name another one")


class _Safely:
    """Puts the safety headers on every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFETY.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, with_headers)


async def _respond(site: Mapping[str, Resource], request: Request) -> Response:
    if request.method not in {"GET", "HEAD"}:
        return PlainTextResponse("only GET and HEAD", 405, {"allow": "GET, HEAD"})
    resource = site.get(_name(request.scope))
    if resource is None:
        return PlainTextResponse("there is no such file", 404)
    if isinstance(resource.content, bytes):
        return Response(resource.content, media_type=resource.media_type)
    try:
        # In a thread: a disk that sleeps or a network file system must not hold up the others.
        state = await run_in_threadpool(os.stat, resource.content)
    except OSError:
        return PlainTextResponse("the file is no longer there", 404)
    if not stat.S_ISREG(state.st_mode):
        return PlainTextResponse("the file is no longer there", 404)
    response = FileResponse(resource.content, media_type=resource.media_type, stat_result=state)
    known = request.headers.get("if-none-match")
    if known is not None and _matches(known, response.headers["etag"]):
        return NotModifiedResponse(response.headers)
    return response


def _name(scope: Scope) -> str:
    """What the address names: decoded once from the raw path, '' and the root being the index.

    Nothing is normalized, so that ``..`` in any spelling is simply a name that is not there.
    """
    raw = scope.get("raw_path") or scope["path"].encode()
    try:
        path = unquote(raw.split(b"?", 1)[0].decode("ascii"), errors="strict")
    except UnicodeDecodeError:
        return "/"
    if not path.startswith("/"):
        return "/"
    return path[1:] or INDEX


def _matches(condition: str, etag: str) -> bool:
    """If-None-Match, by weak comparison (RFC 9110, section 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def _without_idle_range(scope: Scope) -> Scope:
    """``scope`` without a Range header that RFC 9110 (14.2) has us ignore.

    That is one of another method than GET, in another unit than bytes, or in no known grammar.
    """
    asked = Headers(scope=scope).get("range")
    if asked is None or (scope["method"] == "GET" and _RANGES.fullmatch(asked)):
        return scope
    kept = [(name, value) for name, value in scope["headers"] if name.lower() != b"range"]
    return {**scope, "headers": kept}
