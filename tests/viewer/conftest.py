"""A viewer as users start it, a browser that shows it, and files for it to show."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from nfcodec import coding, importers, quantize
from nfcodec.model.coded import CodedField
from nfcodec.render import views
from tests.cli.conftest import Run, nfcodec, shell
from tests.fields import random_field
from tests.viewer.browser import Browser, require
from tests.viewer.images import SIDE

__all__ = ["Run", "nfcodec"]

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples" / "fields"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Served:
    """A server that runs: the address it says, its port, its process and the file it shows."""

    address: str
    port: int
    process: subprocess.Popen[str]
    file: Path

    def ask(self, target: str, method: str = "GET", **headers: str) -> Answer:
        """One request, its target sent as it is written here."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, target, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            response = connection.getresponse()
            body = response.read()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, body)
        finally:
            connection.close()


@contextmanager
def serving(*files: Path, options: tuple[str, ...] = ()) -> Iterator[Served]:
    """``nfcodec view`` in a process of its own, until the block ends."""
    process = shell("view", *files, "--no-open", "--json", *options)
    try:
        assert process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):
            line = process.stdout.readline()
            assert line, process.communicate()
            said += line
        address = json.loads(said)["address"]
        yield Served(address, int(address.split(":")[2].split("/")[0]), process, files[0])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """The address of a plain server's ``folder``, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small coded radiance field with a name that has to be quoted in addresses."""
    path = tmp_path_factory.mktemp("coded") / "a field.nfc"
    coding.save(quantize.encode(random_field("nerf", "octree"), "kmeans", bits=4), path)
    return path


@pytest.fixture(scope="session")
def served(coded: Path) -> Iterator[Served]:
    (coded.parent / "secret.txt").write_text("not for browsers")
    with serving(coded) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    require()
    running = Browser()
    yield running
    running.close()


@pytest.fixture(scope="session")
def fields() -> dict[str, CodedField]:
    """A field of each kind, coded, with a camera hint for square images."""
    plain = {
        "nerf": importers.load(EXAMPLES / "still_life.pt"),
        "sdf": importers.load(EXAMPLES / "ornament.pt"),
        "scalar": random_field("scalar", "dense"),
    }
    found = {}
    for kind, field in plain.items():
        coded = quantize.encode(field, "kmeans", bits=4)
        camera = views.default_camera(coded, (SIDE, SIDE))
        hint = {
            "eye": camera.pose[:3, 3].tolist(),
            "target": (camera.pose[:3, 3] - camera.pose[:3, 2]).tolist(),
            "up": camera.pose[:3, 1].tolist(),
            "vertical_fov": float(2 * np.arctan(0.5 * camera.height / camera.fy)),
            "width": SIDE,
            "height": SIDE,
        }
        found[kind] = replace(coded, metadata={**coded.metadata, "camera": hint})
    return found


@pytest.fixture(scope="session")
def data(fields: dict[str, CodedField]) -> dict[str, bytes]:
    return {f"{kind}.nfc": coding.to_bytes(field) for kind, field in fields.items()}
