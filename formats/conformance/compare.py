"""An answer against a question: what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from formats.conformance.questions import Question

#: Of values in float64, relative to what is stated, or to 1 if that is less.
TOLERANCE = 1e-5
#: What an array of a vector is compared by.
_DIGEST = "sha256"


def problem(question: Question, answer: dict[str, Any], tolerance: float = TOLERANCE) -> str | None:
    """What is wrong with ``answer``; "" where the decoder need not answer, None if it is right."""
    said = answer.get("answer")
    if question.optional and said == "unsupported" and question.answer != "unsupported":
        return ""
    if said != question.answer:
        message = answer.get("message")
        return f"answers {said!r} instead of {question.answer!r}" + (
            f" ({message})" if message else ""
        )
    if question.decoded is not None:
        return next(_differences(question.decoded, answer.get("decoded"), ""), None)
    if question.values is not None:
        if "values" not in answer:
            return ""
        return next(_far(question.values, answer["values"], tolerance, ""), None)
    return None


def _differences(wanted: Any, found: Any, where: str) -> Iterator[str]:
    if isinstance(wanted, dict) and _DIGEST in wanted:
        digest = found.get(_DIGEST) if isinstance(found, dict) else None
        if digest != wanted[_DIGEST]:
            yield f"{where[1:]}: another array"
    elif isinstance(wanted, dict):
        for key, value in wanted.items():
            inner = found.get(key, _NOTHING) if isinstance(found, dict) else _NOTHING
            yield from _differences(value, inner, f"{where}.{key}")
    elif isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            yield f"{where[1:]}: not {len(wanted)} items"
            return
        for i, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _differences(one, other, f"{where}.{i}")
    elif found is _NOTHING:
        yield f"{where[1:]} is missing"
    elif wanted != found:
        yield f"{where[1:]}: {found!r} instead of {wanted!r}"


_NOTHING = object()


def _far(wanted: Any, found: Any, tolerance: float, where: str) -> Iterator[str]:
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            yield f"values{where}: not {len(wanted)} items"
            return
        for i, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _far(one, other, tolerance, f"{where}[{i}]")
    elif not isinstance(found, (int, float)) or not (
        abs(found - wanted) <= tolerance * max(1.0, abs(wanted))
    ):
        yield f"values{where} (LOD, point, channel): {found!r} instead of {wanted!r}"
