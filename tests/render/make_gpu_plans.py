"""Writes ``gpu_plans.json``: every golden file's tables for programs, buffers and step lengths.

    python -m tests.render.make_gpu_plans

Python's and the page's plans are both held against it, so that they cannot differ. Run it again
after a change of the shaders or of the plan.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec import coding
from nfcodec.model.coded import CodedField
from nfcodec.render import settings
from nfcodec.render.gpu.pack import contents
from nfcodec.render.gpu.plan import make_plan, program_size
from nfcodec.render.gpu.tables import Members

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "formats" / "vectors" / "v1"
#: Where :func:`lengths` looks from.
EYE = (3.0, -2.0, 1.5)
EXPECTED = Path(__file__).with_name("gpu_plans.json")


def summary(field: CodedField) -> dict[str, Any]:
    """The tables that programs read, SHA-256 of the bytes of every buffer, lengths."""
    plan = make_plan(field)
    rows = plan.rows
    memory = {b.name: np.zeros(b.nbytes // 4, np.uint32) for b in plan.buffers}
    elements = {b.name: b.element_bytes // 4 for b in plan.buffers}
    for part, words in contents(plan, field):
        start = part.offset * elements[part.buffer]
        memory[part.buffer][start : start + len(words)] = words
    return {
        "rows": {
            "levels": [plain(row) for row in rows.levels],
            "inputs": [plain(row) for row in rows.inputs],
            "layers": [plain(row) for row in rows.layers],
        },
        "whole": plain(rows.whole),
        "calls": [[len(inputs), len(layers)] for inputs, layers in rows.calls],
        "sizes": dict(rows.sizes),
        "programs": list(plan.programs),
        "buffers": {b.name: digest(memory[b.name].astype("<u4").tobytes()) for b in plan.buffers},
        "bytes": plan.nbytes,
        "size": program_size(rows),
        "settings": [lengths(field, lod) for lod in range(field.num_lods)],
    }


def plain(row: Members) -> dict[str, Any]:
    """A table's row as float32 numbers, without what is zero."""
    values = {name: np.float32(value).tolist() for name, value in row.items()}
    return {name: value for name, value in values.items() if value != 0.0}


def lengths(field: CodedField, lod: int) -> dict[str, float]:
    """The steps that images of ``field`` are drawn with, and how far its box is from an eye."""
    voxel = settings.voxel_size(field, lod)
    found = {
        "radiance_step": settings.radiance_step(field, lod),
        "voxel_size": voxel,
        "shortest_step": settings.shortest_step(field, voxel),
        "scalar_step": settings.scalar_step(field, lod),
    }
    if field.dims == 3:
        found["nearest"], found["farthest"] = settings.depth_range(field, np.array(EYE))
    return found


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def all_summaries() -> dict[str, Any]:
    return {path.stem: summary(coding.open(path)) for path in sorted(VECTORS.glob("*.nfc"))}


if __name__ == "__main__":
    EXPECTED.write_text(
        json.dumps(all_summaries(), separators=(",", ":")).replace('},"', '},\n"') + "\n"
    )
