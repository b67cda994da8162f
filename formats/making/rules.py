"""The list of rules in ``formats/nfc-v1-rules.md``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).parents[1] / "nfc-v1-rules.md"
ANSWERS = ("rejected", "unsupported", "limit")
_ROW = re.compile(r"^\| ([A-Z]\d+) \| (V?\d+) \| (\w+) \| (.*) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """A reason for which decoders give no field."""

    code: str
    section: str
    answer: str
    text: str


def read() -> dict[str, Rule]:
    """All rules by their codes."""
    rows = [Rule(*row) for row in _ROW.findall(RULES.read_text("utf-8"))]
    return {rule.code: rule for rule in rows}
