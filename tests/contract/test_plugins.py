"""What other distributions bring is found by entry points, and looked at only when needed."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec import importers
from nfcodec.errors import UnsupportedError, UsageError
from nfcodec.exporters import export
from nfcodec.layouts import LAYOUTS
from nfcodec.quantize import encode
from tests.contract.plugins import MAGIC
from tests.fields import random_field


def _note(folder: Path) -> Path:
    path = folder / "scene.note"
    path.write_bytes(MAGIC + b'{"kind": "scalar", "seed": 3}')
    return path


@pytest.mark.usefixtures("installed")
def test_an_importer_is_asked_for_files_that_nobody_else_reads(tmp_path: Path) -> None:
    field = importers.load(_note(tmp_path))
    assert field.metadata["name"] == "random scalar dense"
    source = importers.recognize(_note(tmp_path))
    assert source is not None
    assert source.name == "notes"


def test_without_it_the_file_is_unknown(tmp_path: Path) -> None:
    assert importers.recognize(_note(tmp_path)) is None
    with pytest.raises(UnsupportedError, match="no field that can be imported"):
        importers.load(_note(tmp_path))


@pytest.mark.usefixtures("installed")
def test_an_exporter_writes_the_suffix_it_is_named_by(tmp_path: Path) -> None:
    field = random_field("scalar", "dense")
    export(field, tmp_path / "a.note")
    assert "networks" in (tmp_path / "a.note").read_text()
    with pytest.raises(UsageError, match="--resolution is for"):
        export(field, tmp_path / "b.note", resolution=4)


@pytest.mark.usefixtures("installed")
def test_a_method_codes_fields_by_its_options() -> None:
    field = random_field("scalar", "dense")
    coded = encode(field, "coarse", digits=2)
    assert coded.metadata["encoding"]["method"] == "coarse"
    assert coded.metadata["encoding"]["digits"] == 2
    values = coded.levels[0].code.decode_rows()
    assert (values == np.round(values * 4) / 4).all()


def test_without_it_there_is_no_such_method() -> None:
    with pytest.raises(UsageError, match="no method 'coarse'"):
        encode(random_field("scalar", "dense"), "coarse")


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"suffix \.note is not one of"):
        export(random_field("scalar", "dense"), tmp_path / "a.note")


def test_entry_points_are_left_alone_for_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(**given: Any) -> None:
        pytest.fail(f"entry points asked: {given}")

    monkeypatch.setattr(importlib.metadata, "entry_points", asked)
    assert LAYOUTS.named("octree", "x").name == "octree"
    assert LAYOUTS.tagged(0, "x").name == "dense"


def test_a_taken_id_or_name_is_refused() -> None:
    class Other:
        tag, name = 0, "other"

    with pytest.raises(ValueError, match="layout id 0 is registered already"):
        LAYOUTS.add(Other)  # type: ignore[arg-type]
