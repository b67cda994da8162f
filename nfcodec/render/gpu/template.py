"""The substitution that turns the files of ``render/shaders`` into a program for one field.

Lines that begin with ``//#`` direct it: ``//#include file``, ``//#for x in list`` and ``//#if
value`` with ``//#else``, each closed by ``//#end``. In other lines ``${a.b}`` is replaced by that
value of the description. There is nothing else: all arithmetic is done in the plan. The page does
the same in ``web/src/gpu/template.ts``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any

_VALUE = re.compile(r"\$\{([a-z0-9_.]+)\}")


@functools.cache
def shader_file(name: str) -> str:
    """The text of one file of ``render/shaders``."""
    return (resources.files("nfcodec.render") / "shaders" / name).read_text(encoding="utf-8")


def expand(name: str, values: Mapping[str, Any], read: Callable[[str], str] = shader_file) -> str:
    """The file ``name`` with its directives carried out; ValueError or KeyError if it is wrong."""
    out: list[str] = []
    _expand(read(name).splitlines(), values, read, out)
    return "\n".join(out) + "\n"


def _expand(
    lines: Sequence[str], values: Mapping[str, Any], read: Callable[[str], str], out: list[str]
) -> None:
    i = 0
    while i < len(lines):
        line = lines[i]
        if not line.startswith("//#"):
            out.append(_VALUE.sub(lambda found: str(_look_up(found[1], values)), line))
            i += 1
            continue
        word, *rest = line[3:].split()
        if word == "include":
            _expand(read(rest[0]).splitlines(), values, read, out)
            i += 1
            continue
        other, end = _block(lines, i)
        inner, otherwise = lines[i + 1 : other], lines[other + 1 : end]
        if word == "for":
            for item in _look_up(rest[2], values):
                _expand(inner, {**values, rest[0]: item}, read, out)
        elif word == "if":
            _expand(inner if _look_up(rest[0], values) else otherwise, values, read, out)
        else:
            raise ValueError(f"unknown directive {line!r}")
        i = end + 1


def _block(lines: Sequence[str], start: int) -> tuple[int, int]:
    """Where the ``else`` (or else the end) and the end of the block at ``start`` are."""
    depth, other = 0, -1
    for i in range(start, len(lines)):
        if lines[i].startswith(("//#for", "//#if")):
            depth += 1
        elif lines[i].startswith("//#else") and depth == 1:
            other = i
        elif lines[i].startswith("//#end"):
            depth -= 1
            if depth == 0:
                return (i if other < 0 else other), i
    raise ValueError(f"no end of {lines[start]!r}")


def _look_up(path: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for key in path.split("."):
        found = found[key]
    return found
