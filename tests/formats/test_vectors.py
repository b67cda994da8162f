"""The golden files of each format version decode to what they always have."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from formats.make_vectors import CUTS, FIELDS, LAYERS, cuts, expected
from nfcodec import coding
from nfcodec.codes import VQCode
from tests.formats.by_spec import Decoder
from tests.formats.test_specification import bits, check

FOLDER = Path(__file__).parents[2] / "formats" / "vectors" / "v1"
FILES = sorted(FOLDER.glob("*.nfc"))


def test_there_are_golden_files() -> None:
    assert len(FILES) >= len(FIELDS)
    assert all(path.with_suffix(".json").exists() for path in FILES)
    assert all(path.stat().st_size < 10_000 for path in FILES)


def test_their_bytes_are_what_they_always_were() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    present = [path for path in FOLDER.iterdir() if path.suffix in (".nfc", ".json")]
    assert len(listed) == len(lines)
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in present} == listed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_decode_as_expected(path: Path) -> None:
    wanted = json.loads(path.with_suffix(".json").read_text())
    assert expected(coding.open(path)) == wanted
    coding.verify(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_specification_says_the_same(path: Path) -> None:
    check(coding.open(path), Decoder(path.read_bytes()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_parts_sum_to_the_file(path: Path) -> None:
    info = coding.describe(path)
    assert sum(part["bytes"] for part in info["parts"]) == path.stat().st_size == info["bytes"]
    json.dumps(info)  # as `info --json` prints it


def test_cuts_behind_each_layer_decode_as_expected() -> None:
    """Of files with layers: what is there at each cut, also by the specification's decoder."""
    names = sorted(path.stem for path in CUTS.glob("*.json"))
    assert names == sorted(LAYERS)
    for name in names:
        data = (FOLDER / f"{name}.nfc").read_bytes()
        wanted = json.loads((CUTS / f"{name}.json").read_text())
        assert cuts(data) == wanted
        history = Decoder(data).layers
        last = {cut["bytes"]: coding.open(data[: cut["bytes"]]) for cut in wanted}
        seen: dict[int, set[int]] = {position: set() for position in history}
        for coded in last.values():
            for position in [p for p in history if p < len(coded.levels)]:
                code = coded.levels[position].code
                assert isinstance(code, VQCode)
                layers = [*history[position], Decoder(data).levels[position]]
                by_size = {len(layer["codebook"]): layer for layer in layers}
                layer = by_size[code.codebook.size]
                assert layer["indices"] == code.indices.unpack().tolist()
                assert layer["codebook"] == bits(code.codebook)
                seen[position].add(code.codebook.size)
        assert all(len(seen[p]) == len(history[p]) + 1 >= 2 for p in history)


def test_together_they_use_everything_the_format_has() -> None:
    forms: set[Any] = set()
    topologies: set[tuple[bool, int]] = set()
    refinements: set[int] = set()
    for path in FILES:
        decoder = Decoder(path.read_bytes())
        topologies |= set(decoder.topologies)
        refinements |= {len(layers) for layers in decoder.layers.values()}
        forms |= {level.get("form") for level in decoder.levels.values()}
    assert forms == {None, 0, 1, 2, 3}
    assert {start for start, _ in topologies} == {True, False}
    assert {form for _, form in topologies} == {0, 1}
    assert refinements == {2, 3}


def test_existing_files_are_never_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formats import make_vectors

    monkeypatch.setattr(make_vectors, "FOLDER", tmp_path)
    monkeypatch.setattr(make_vectors, "CUTS", tmp_path / "cuts")
    (tmp_path / "plain_mlp.nfc").write_bytes(b"golden")
    (tmp_path / "cuts").mkdir()
    (tmp_path / "cuts" / "dense_layers.json").write_text("golden")
    make_vectors.main()
    assert (tmp_path / "cuts" / "dense_layers.json").read_text() == "golden"
    assert (tmp_path / "plain_mlp.nfc").read_bytes() == b"golden"
    assert not (tmp_path / "plain_mlp.json").exists()
    # Encoders may improve; what is decoded from their files stays the same.
    for path in FILES:
        if path.stem != "plain_mlp":
            now = json.loads((tmp_path / path.name).with_suffix(".json").read_text())
            assert now == json.loads(path.with_suffix(".json").read_text())
