"""``.nfc`` files: the Python decoder alone, and against the TypeScript decoder."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from random import Random

from nfcodec import coding
from nfcodec.errors import NfcodecError
from nfcodec.model.coded import CodedField
from tests.coding.equal import difference
from tests.fuzz import nfc_files, small_fields
from tests.fuzz.digest import digest
from tests.fuzz.node import Answer, Decoder
from tests.fuzz.target import Target, Verdict

_ROOT = Path(__file__).resolve().parents[3]
#: Files of some hundred bytes, one for each form that a part of a file may have.
_FORMS = _ROOT / "formats" / "vectors" / "v1-more" / "forms.json"
#: Golden files of at most so many bytes are seeds as well.
_GOLDEN_BYTES = 3000


@cache
def seeds() -> dict[str, bytes]:
    forms = json.loads(_FORMS.read_text())
    found = {form["what"]: base64.b64decode(form["file"]) for form in forms}
    for path in sorted((_ROOT / "formats" / "vectors").glob("v1*/*.nfc")):
        if path.stat().st_size <= _GOLDEN_BYTES:
            found[path.stem] = path.read_bytes()
    return found


@cache
def _parts() -> tuple[nfc_files.Parts, ...]:
    # Small files are read faster and damaged more often: they count three times.
    parts = [nfc_files.parts(data) for data in seeds().values()]
    return tuple(part for part in parts for _ in range(1 if len(part.chunks[-1][1]) > 500 else 3))


def mutant(rng: Random) -> bytes:
    return nfc_files.mutant(_parts(), rng)


def read_again(data: bytes) -> CodedField:
    """A file that is read is also described, every byte of it, and verified unless it is cut."""
    field = coding.open(data)
    found = coding.describe(data)
    assert sum(part["bytes"] for part in found["parts"]) == found["bytes"] == len(data)
    assert found["complete"] == (found["bytes"] == found["total_bytes"])
    assert json.dumps(found)
    if found["complete"]:
        coding.verify(data)
    return field


def check_again(field: CodedField) -> int:
    """A field that was read has values, and can be written, and is then read as the same."""
    small_fields.check_values(field)
    if field.total_lods in (0, field.num_lods):
        again = coding.open(coding.to_bytes(field, layers=1))
        found = difference(again, field)
        assert found is None, found
    return digest(field)


def differs(data: bytes, verdict: Verdict, answer: Answer) -> str | None:
    """How two decoders disagree: what both accept has one digest, and they refuse the same.

    The TypeScript decoder leaves vq-nerf to others and refuses what takes more memory than a
    browser has.
    """
    if answer.name == "crashed":
        return "the TypeScript decoder throws what is no error of its own"
    if answer.seconds > 20:
        return f"the TypeScript decoder took {answer.seconds:.0f} s"
    mine, other = verdict.answer == "accepted", answer.name == "accepted"
    if mine and other:
        same = verdict.digest == answer.digest
        return None if same else "both decoders accept the file and decode it differently"
    if mine == other or answer.name == "limit" or (answer.name == "unsupported" and _is_vq(data)):
        return None
    return f"Python: {verdict.answer}, TypeScript: {answer.name}"


def _is_vq(data: bytes) -> bool:
    try:
        return coding.kind(data) == "vq-nerf"
    except NfcodecError:
        return False


def targets() -> list[Target]:
    both = Decoder()
    return [
        Target("nfc", seeds(), mutant, coding.open, digest, both.ask, differs),
        Target("nfc_again", seeds(), mutant, read_again, check_again),
    ]
