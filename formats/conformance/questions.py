"""The questions to a decoder, from the vectors."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "vectors"
#: Parts of a vector's JSON that are no decoded numbers.
_OTHERS = ("values", "image")


@dataclass(frozen=True)
class Question:
    """What is asked of a decoder and what it should say.

    ``part``: the row of the table. ``data``: the file. ``asked``: the rest of the question.
    ``answer``, ``decoded``, ``values``: of the answer, the latter two if they are compared.
    """

    part: str
    name: str
    data: bytes
    answer: str
    asked: dict[str, Any] = field(default_factory=dict)
    decoded: Any = None
    values: Any = None
    optional: bool = False


def questions(folder: Path = VECTORS) -> Iterator[Question]:
    """All questions. Each folder of vectors has one at least: an empty one raises ValueError."""
    for part, found in (
        ("decoded", _decoded(folder)), ("cuts", _cuts(folder)), ("values", _values(folder)),
        ("refused", _refused(folder)),
    ):  # fmt: skip
        count = 0
        for question in found:
            count += 1
            yield question
        if not count:
            raise ValueError(f"no vectors for {part} in {folder}")


def _decoded(folder: Path) -> Iterator[Question]:
    for path in sorted([*folder.glob("v1/*.nfc"), *folder.glob("v1-images/*.nfc")]):
        known = json.loads(path.with_suffix(".json").read_text("utf-8"))
        decoded = {key: value for key, value in known.items() if key not in _OTHERS}
        yield Question(
            "decoded", path.stem, path.read_bytes(), "accepted", decoded=decoded,
            optional=known["kind"] == "vq-nerf",
        )  # fmt: skip

    for path in folder.glob("v1-more/forms.json"):
        for file in json.loads(path.read_text("utf-8")):
            yield Question(
                "decoded", file["what"], base64.b64decode(file["file"]), "accepted",
                decoded=file["decoded"],
            )  # fmt: skip


def _cuts(folder: Path) -> Iterator[Question]:
    for path in sorted(folder.glob("v1-cuts/*.json")):
        data = (folder / "v1" / path.stem).with_suffix(".nfc").read_bytes()
        for cut in json.loads(path.read_text("utf-8")):
            yield Question(
                "cuts", f"{path.stem} at {cut['bytes']}", data, "accepted",
                asked={"bytes": cut["bytes"]}, decoded={"levels": cut["levels"]},
            )  # fmt: skip


def _values(folder: Path) -> Iterator[Question]:
    for path in sorted(folder.glob("v1-values/*.json")):
        yield _with_values(path, folder / "v1" / f"{path.stem}.nfc")
    for path in sorted(folder.glob("v1-evaluation/*.json")):
        yield _with_values(path, path.with_suffix(".nfc"))


def _with_values(path: Path, file: Path) -> Question:
    known = json.loads(path.read_text("utf-8"))
    asked = {key: known[key] for key in ("points", "directions") if key in known}
    asked["lods"] = len(known["values"])
    return Question(
        "values", path.stem, file.read_bytes(), "accepted", asked=asked, values=known["values"]
    )


def _refused(folder: Path) -> Iterator[Question]:
    for path in sorted(folder.glob("v1-refused/?.json")):
        for file in json.loads(path.read_text("utf-8")):
            yield Question(
                "refused", f"{file['rule']} {file['what']}", base64.b64decode(file["file"]),
                file["answer"], optional=path.stem == "V",
            )  # fmt: skip
