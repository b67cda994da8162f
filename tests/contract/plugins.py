"""An importer, an exporter and a method of another distribution."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from nfcodec.codes import Float16Code
from nfcodec.fieldfile import document
from nfcodec.methods import MethodOptions
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context, Quantizer, with_codes
from nfcodec.untrusted.source import InputFile, Source
from tests.fields import random_field

MAGIC = b"a note: "


def recognize(file: InputFile) -> bool:
    return file.head.startswith(MAGIC)


def read(file: InputFile) -> Field:
    settings = json.loads(Path(file.path).read_bytes().removeprefix(MAGIC))
    return random_field(settings["kind"], "dense", settings["seed"])


SOURCE = Source("notes", "fields by their seed", recognize, read)


def write_note(field: Field, path: Path) -> None:
    """A field as the names of its parts."""
    path.write_text(json.dumps([*document.from_field(field)]))


@dataclass(frozen=True)
class CoarseOptions(MethodOptions):
    """Values rounded to ``digits`` binary digits."""

    name: ClassVar[str] = "coarse"
    summary: ClassVar[str] = "rounded values"

    digits: int = 4


@dataclass(frozen=True)
class Coarse(CoarseOptions, Quantizer):
    """What codes fields by them."""

    def quantize(self, field: Field, context: Context) -> CodedField:
        scale = 2.0**self.digits
        rounded = [np.round(level.features * scale) / scale for level in field.levels]
        return with_codes(field, [Float16Code(values.astype(np.float16)) for values in rounded])
