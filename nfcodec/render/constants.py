"""The numbers that images are drawn with: ``nfcodec/shaders/constants.json``.

The renderers on the CPU, the GPU programs and the page read the same file, which states the unit of
each number and the reason for it.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any


@functools.cache
def stated() -> dict[str, tuple[float, str]]:
    """Each constant's value and WGSL type by name."""
    text = (resources.files("nfcodec") / "shaders" / "constants.json").read_text(encoding="utf-8")
    entries: dict[str, Any] = json.loads(text)["constants"]
    return {name: (value, kind) for name, (value, kind, _) in entries.items()}


def number(name: str) -> float:
    """The value of a constant."""
    return float(stated()[name][0])


def count(name: str) -> int:
    """The value of a constant that is a whole number."""
    return int(stated()[name][0])
