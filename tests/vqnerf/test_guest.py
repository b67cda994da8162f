"""The rest of the package does not know the guest, and works without it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import nfcodec
from nfcodec.model.kinds import GUESTS, KINDS

PACKAGE = Path(nfcodec.__file__).parent
VECTORS = PACKAGE.parent / "formats" / "vectors"
#: The command line of a package whose table of guests is empty.
ALONE = """
import sys
from nfcodec.model import kinds
kinds.GUESTS.clear()
from nfcodec.cli.app import run
sys.exit(run(sys.argv[1:]))
"""


def test_only_the_table_names_the_guest() -> None:
    found = [
        (path.relative_to(PACKAGE).as_posix(), line.strip())
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name != "vqnerf"
        for line in path.read_text().splitlines()
        if re.search(r"vq.?nerf|vq.?vae", line, flags=re.IGNORECASE)
    ]
    assert found == [("model/kinds.py", f'GUESTS = {{"vq-nerf": "{GUESTS["vq-nerf"]}"}}')]


def test_every_part_of_a_guest_is_there() -> None:
    for name in GUESTS:
        kind = KINDS.named(name, "test")
        assert kind.parts
        for part in kind.parts:
            assert kind.part(part) is not None


def alone(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ALONE, *map(str, argv)], capture_output=True, text=True
    )


@pytest.mark.parametrize("verb", ["info", "verify"])
def test_without_the_guest_its_files_are_unsupported(verb: str) -> None:
    done = alone(verb, VECTORS / "v1-images" / "vq_nerf.nfc")
    assert done.returncode == 4
    assert "kind: id 3 is not known to this build" in done.stderr


def test_without_the_guest_all_else_works(tmp_path: Path) -> None:
    first = VECTORS / "v1" / "dense_layers.nfc"
    assert alone("verify", first).returncode == 0
    assert alone("decode", first, "-o", tmp_path / "field.npz").returncode == 0
    encoded = alone("encode", tmp_path / "field.npz", "-m", "kmeans", "-b", "2", "--no-preview")
    assert encoded.returncode == 0, encoded.stderr
    shown = alone("train", "--help")
    assert shown.returncode == 0
    assert "vq" not in shown.stdout
