"""Write ``vectors/v1-refused``: files that decoders refuse, by rule.

    python -m formats.making.refused

One JSON for each letter of the rules. Each file is checked against the decoder before it is
written: it has the answer that its rule states.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from formats.making import (
    frame_cases,
    header_cases,
    image_cases,
    lattice_cases,
    limit_cases,
    payload_cases,
    rules,
    topology_cases,
)
from formats.making.frame_cases import Case
from nfcodec import coding
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError

FOLDER = Path(__file__).parents[1] / "vectors" / "v1-refused"
_ANSWERS: dict[type[NfcodecError], str] = {
    DamagedFileError: "rejected", UnsupportedError: "unsupported", LimitError: "limit",
}  # fmt: skip


def cases() -> Iterator[Case]:
    """All files, by rule."""
    yield from frame_cases.cases()
    yield from header_cases.cases()
    yield from payload_cases.cases()
    yield from topology_cases.cases()
    yield from image_cases.cases()
    yield from lattice_cases.cases()
    yield from limit_cases.cases()


def answer(data: bytes) -> tuple[str, str]:
    """What the decoder says of a file: one of the answers or ``accepted``, and its message."""
    try:
        coding.verify(data)
    except NfcodecError as error:
        for kind, name in _ANSWERS.items():
            if isinstance(error, kind):
                return name, str(error)
        raise
    return "accepted", ""


def main() -> int:
    known = rules.read()
    files: dict[str, list[dict[str, str]]] = {}
    wrong = 0
    for code, what, data in cases():
        rule = known[code]
        found, message = answer(data)
        if "-v" in sys.argv:
            print(code, what, "->", found, message)
        if found != rule.answer:
            wrong += 1
            print(f"{code} {what}: {found} instead of {rule.answer} {message}")
            continue
        stored = base64.b64encode(data).decode()
        files.setdefault(code[0], []).append(
            {"rule": code, "section": rule.section, "what": what, "answer": found, "file": stored}
        )
    FOLDER.mkdir(exist_ok=True)
    for letter, listed in files.items():
        rows = ",\n".join(json.dumps(file, ensure_ascii=False) for file in listed)
        (FOLDER / f"{letter}.json").write_text(f"[\n{rows}\n]\n", "utf-8")
    missing = set(known) - {file["rule"] for listed in files.values() for file in listed}
    print("no vector:", ", ".join(sorted(missing)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
