"""Writes ``gpu_plans.json``: what is expected of every golden file's GPU programs and buffers.

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

from nfcodec import stream
from nfcodec.coded import CodedField
from nfcodec.render.gpu.pack import contents
from nfcodec.render.gpu.plan import make_plan

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "formats" / "vectors" / "v1"
EXPECTED = Path(__file__).with_name("gpu_plans.json")


def summary(field: CodedField) -> dict[str, Any]:
    """SHA-256 of the text of every program and of the bytes of every buffer."""
    plan = make_plan(field)
    memory = {b.name: np.zeros(b.nbytes // 4, np.uint32) for b in plan.buffers}
    elements = {b.name: b.element_bytes // 4 for b in plan.buffers}
    for part, words in contents(plan, field):
        start = part.offset * elements[part.buffer]
        memory[part.buffer][start : start + len(words)] = words
    return {
        "programs": {name: digest(plan.text(name).encode()) for name in plan.programs},
        "buffers": {b.name: digest(memory[b.name].astype("<u4").tobytes()) for b in plan.buffers},
        "bytes": plan.nbytes,
    }


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def all_summaries() -> dict[str, Any]:
    return {path.stem: summary(stream.open(path)) for path in sorted(VECTORS.glob("*.nfc"))}


if __name__ == "__main__":
    EXPECTED.write_text(json.dumps(all_summaries(), indent=1) + "\n")
