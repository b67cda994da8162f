"""A real browser, driven by web/test/browser/bridge.js over lines of JSON."""

from __future__ import annotations

import base64
import io
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

WEB = Path(__file__).resolve().parent.parent.parent / "web"
REQUIRED = os.environ.get("NFCODEC_REQUIRE_GPU_TESTS") == "1"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Seconds for one request; software WebGPU on a busy machine is slow.
PATIENCE = 240.0


def missing() -> str | None:
    """What keeps the tests in a browser from running; None if nothing does."""
    if shutil.which("node") is None:
        return "Node is not installed"
    if not (WEB / "node_modules" / "playwright-core").is_dir():
        return "Playwright is not installed (npm ci in web/)"
    if executable() is None:
        return "no Chromium was found (apt install chromium, or name it in NFCODEC_BROWSER)"
    return None


def executable() -> str | None:
    named = os.environ.get("NFCODEC_BROWSER")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def require() -> None:
    """Skip the test, or fail it where NFCODEC_REQUIRE_GPU_TESTS=1, if there is no browser."""
    reason = missing()
    if reason is None:
        return
    if REQUIRED:
        pytest.fail(f"NFCODEC_REQUIRE_GPU_TESTS=1, but {reason}")
    pytest.skip(f"needs a browser: {reason}")


class Browser:
    """Chromium with software WebGPU; one page at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "test/browser/bridge.js", str(executable())],
            cwd=WEB,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version: str = self._answer(PATIENCE)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def do(self, deed: str, **options: Any) -> Any:
        """One request to the bridge; AssertionError with its text if it fails."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": deed, **options}) + "\n")
        self._process.stdin.flush()
        return self._answer(PATIENCE)

    def open(self, url: str, **page: Any) -> None:
        self.do("page", **page)
        self.do("goto", url=url)

    def until(self, code: str, seconds: float = 120.0) -> dict[str, Any]:
        """Wait until an expression holds in the page; what the page then says of itself."""
        try:
            found: dict[str, Any] = self.do("until", code=code, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{code}: {self.look()} {self.do('said')}") from error
        return _plain(found)

    def sharp(self, lod: int | None = None, layer: int | None = None) -> dict[str, Any]:
        """Wait until the image (of this LOD, in this layer or in the last one) is sharp, or there
        is a message instead."""
        body = "document.body.dataset"
        wanted = "" if lod is None else f" && {body}.lod === '{lod}'"
        last = f"{body}.layer === String({body}.layers - 1)"
        wanted += f" && {last}" if layer is None else f" && {body}.layer === '{layer}'"
        found = self.until(f"{body}.sharp === 'true'{wanted} || {body}.state === 'failed'")
        assert found["state"] == "showing", found
        return found

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.do("look")
        return _plain(found)

    def image(self, folder: Path, *, bare: bool = True) -> npt.NDArray[np.uint8]:
        """(H, W, 3): the window as it is seen, or the field alone."""
        path = folder / f"{time.monotonic_ns()}.png"
        self.do("shot", path=str(path), bare=bare)
        return np.asarray(Image.open(path).convert("RGB"))

    def drop(self, name: str, content: bytes) -> None:
        self.do("drop", name=name, base64=base64.b64encode(content).decode())

    def save(self, key: str) -> tuple[str, bytes]:
        """Press a key that saves a file: its name and content."""
        saved = self.do("download", key=key)
        return saved["name"], base64.b64decode(saved["base64"])

    def _answer(self, seconds: float) -> Any:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        assert ready, f"the browser did not answer within {seconds:.0f} s"
        line = self._process.stdout.readline()
        assert line, "the browser has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["ok"]


def _plain(seen: dict[str, Any]) -> dict[str, Any]:
    """What the page says, with the signs of typewriters: - for the en dash, x for "times"."""
    plain = json.dumps(seen).replace("\\u2013", "-").replace("\\u00d7", "x")
    found: dict[str, Any] = json.loads(plain)
    return found


def psnr(image: npt.NDArray[np.uint8], reference: npt.NDArray[np.uint8]) -> float:
    """Peak signal to noise ratio of two images of one size, in dB."""
    assert image.shape == reference.shape
    error = np.mean((image.astype(np.float64) - reference.astype(np.float64)) ** 2)
    return float(10.0 * np.log10(255.0**2 / max(error, 1e-10)))


def decoded(image: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGB"))
