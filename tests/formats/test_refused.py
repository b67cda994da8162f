"""Files that decoders answer alike: sound ones at the edges, damaged, unsupported, costly ones."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nfcodec import coding
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError

FOLDER = Path(__file__).parents[2] / "formats" / "vectors" / "v1-refused"
ANSWERS: dict[str, tuple[type[NfcodecError], ...]] = {
    "accepted": (), "rejected": (DamagedFileError,), "unsupported": (UnsupportedError,),
    "limit": (LimitError,),
}  # fmt: skip


def files(name: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return listed


def answer(data: bytes) -> str:
    """What the decoder says of a file, as the vectors name it."""
    try:
        coding.verify(data)
    except NfcodecError as error:
        return next(name for name, kinds in ANSWERS.items() if isinstance(error, kinds))
    return "accepted"


@pytest.mark.parametrize(("name", "count"), [("edges", 17), ("costly", 5)])
def test_each_file_gets_its_answer(name: str, count: int) -> None:
    found: dict[str, str] = {}
    wanted: dict[str, str] = {}
    for file in files(name):
        rule = f"{file.get('section', '')} {file['rule']} {len(wanted)}"
        wanted[rule] = file["answer"]
        found[rule] = answer(base64.b64decode(file["file"]))
    assert found == wanted
    assert len(wanted) == count
    assert set(wanted.values()) <= set(ANSWERS)


_MEASURED = """
import base64, json, resource, sys, time
from pathlib import Path
from nfcodec import coding
from nfcodec.errors import NfcodecError

coding.verify(sys.argv[1])
for file in json.loads(Path(sys.argv[2]).read_text("utf-8")):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        coding.verify(base64.b64decode(file["file"]))
    except NfcodecError:
        pass
    took = time.process_time() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([file["rule"], took, grown / 1024]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
def test_small_files_cost_little() -> None:
    """Each takes less than 100 MB and half a second of processor time beyond what any file does.

    A file of 240 bytes once took 1.8 GB, one of 1548 bytes 4.6 GB and 26 seconds.
    """
    small = FOLDER.parent / "v1" / "octree_packed.nfc"
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(small), str(FOLDER / "costly.json")],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    measured = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(measured) == 5
    for rule, seconds, megabytes in measured:
        assert seconds < 0.5, rule
        assert megabytes < 100, rule
