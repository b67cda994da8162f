"""Small files of every form, and three fields with what they give where others have no points."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import pytest

from nfcodec import coding
from nfcodec.codes import Float16Code, VQCode
from nfcodec.evaluate.reference import evaluate
from nfcodec.layouts import OctreeLayout, corner_coordinates
from nfcodec.model.coded import CodedField

FOLDER = Path(__file__).parents[2] / "formats" / "vectors" / "v1-more"


def decoded_arrays(field: CodedField) -> Iterator[Any]:
    """All arrays in the order of the file (``formats/vectors/README.md``)."""
    for level in field.levels:
        if isinstance(level.layout, OctreeLayout):
            yield level.layout.voxels.astype("<u8")
            yield corner_coordinates(level.layout).astype("<i4")
        code = level.code
        if isinstance(code, VQCode):
            yield from (code.indices.unpack().astype("<u2"), code.codebook.astype("<f2"))
        elif isinstance(code, Float16Code):
            yield code.values.astype("<f2")
        else:
            yield from (array.astype("<f2") for array in (code.mean, code.basis, code.coefficients))
    for network in field.networks:
        for layer in network.layers:
            yield layer.weight.astype("<f2")
            if layer.bias is not None:
                yield layer.bias.astype("<f2")
    if field.occupancy is not None:
        yield field.occupancy.cells.astype("u1")
    if field.image is not None:
        empty, *others = (array.astype("<f2") for _, array in field.image.arrays())
        yield from (*others, empty)


def test_compact_files_decode_to_what_is_stated() -> None:
    files = json.loads((FOLDER / "compact.json").read_text())
    assert len(files) == 18
    for number, file in enumerate(files):
        data = base64.b64decode(file["file"])
        coding.verify(data)
        arrays = b"".join(
            np.ascontiguousarray(array).tobytes() for array in decoded_arrays(coding.open(data))
        )
        assert int(google_crc32c.value(arrays)) == file["crc32c"], number


@pytest.mark.parametrize("name", ["space", "functions", "flat"])
def test_fields_give_what_is_stated(name: str) -> None:
    """Bounds, transforms, paddings, activations, encodings that ``v1`` has no points for."""
    wanted = json.loads((FOLDER / f"{name}.json").read_text())
    coded = coding.open(FOLDER / f"{name}.nfc")
    assert len(wanted["values"]) == coded.num_lods
    for lod, values in enumerate(wanted["values"]):
        found = evaluate(coded, wanted["points"], wanted.get("directions"), lod=lod)
        np.testing.assert_allclose(found, values, rtol=1e-5, atol=1e-6)
