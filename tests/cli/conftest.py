"""Running the command line, in this process or as a shell would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fields import random_field


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def expect(self, code: int, *words: str) -> Outcome:
        """This outcome, if it is one line of error with ``words`` in it and ``code``."""
        assert self.code == code, self
        assert self.out == "", self
        lines = self.err.strip().split("\n")
        assert len(lines) == 1, self
        assert lines[0].startswith("nfcodec: error: "), self
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err, self
        return self


Run = Callable[..., Outcome]


@pytest.fixture
def nfcodec(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process: quick, and the messages can be read."""
    from nfcodec.cli.app import run

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capfd.readouterr()
        return Outcome(code, said.out, said.err)

    return call


def shell(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "nfcodec", *(str(argument) for argument in arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options,
    )  # fmt: skip


@pytest.fixture(scope="session")
def fields(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small random fields, plain and coded: {nerf,sdf,scalar}.{pt,nfc}."""
    from nfcodec import coding, exporters, quantize

    folder = tmp_path_factory.mktemp("fields")
    for kind, layout in (("nerf", "octree"), ("sdf", "octree"), ("scalar", "dense")):
        field = random_field(kind, layout)
        exporters.export(field, folder / f"{kind}.pt")
        coding.save(quantize.encode(field, "kmeans", bits=4), folder / f"{kind}.nfc")
    return folder
