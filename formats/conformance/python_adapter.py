"""Answers the questions of the conformance runner for the decoder in ``nfcodec``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from formats import make_images, make_vectors
from nfcodec import coding
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError
from nfcodec.evaluate.reference import evaluate
from nfcodec.model.coded import CodedField

_ANSWERS = (
    (UnsupportedError, "unsupported"),
    (LimitError, "limit"),
    (DamagedFileError, "rejected"),
)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What the decoder says of a file."""
    data = Path(question["file"]).read_bytes()[: question.get("bytes")]
    try:
        field = coding.open(data)
    except NfcodecError as error:
        for kind, name in _ANSWERS:
            if isinstance(error, kind):
                return {"answer": name, "message": str(error)}
        raise
    found: dict[str, Any] = {"answer": "accepted", "decoded": _decoded(field)}
    if "points" in question:
        directions = question.get("directions")
        found["values"] = [
            evaluate(field, question["points"], directions, lod=lod).tolist()
            for lod in range(question["lods"])
        ]
    return found


def _decoded(field: CodedField) -> dict[str, Any]:
    describe = make_vectors.expected if field.image is None else make_images.expected
    return describe(field)


def main() -> None:
    """Answer until the questions end."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
