"""Parts that fields leave to a file of their own, so that many share it.

A kind of field may have such a part (:class:`nfcodec.model.kinds.SharedPart`), and an option that
names its file. ``given``, here and elsewhere, are the files by the names of those options.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import KINDS, ImageStage, kind_of

FieldT = TypeVar("FieldT", bound="Field | CodedField")
Given: TypeAlias = "Mapping[str, str | Path | None]"


class Sharing(Protocol):
    """The part "sharing" of a kind that has a shared part."""

    def left_out(self, field: Field, path: str | Path) -> ImageStage:
        """The image stage of ``field`` without what the file at ``path`` holds; UsageError if
        that is something else."""

    def check_needed(
        self, path: str | Path, *fields: tuple[str | Path, Field | CodedField]
    ) -> None:
        """UsageError if none of ``fields``, each with its file, leaves a part to ``path``."""

    def put_in(self, field: Any, path: str | Path | None, source: str | Path) -> Any:
        """``field`` with the part that it leaves to ``path``; UsageError if that is None or has
        another part. ``source`` names the field in messages."""


def options() -> tuple[str, ...]:
    """The names of all options that name a shared part's file."""
    return tuple(kind.shared.option for kind in KINDS if kind.shared is not None)


def left_out(field: Field, given: Given) -> ImageStage | None:
    """The image stage that ``field`` keeps if it leaves a part to one of the files ``given``.

    None if none is given. Errors as for :meth:`Sharing.left_out`.
    """
    for sharing, path in _named(given):
        return sharing.left_out(field, path)
    return None


def check_needed(given: Given, *fields: tuple[str | Path, Field | CodedField]) -> None:
    """UsageError for a file that none of ``fields``, each with its own file, needs."""
    for sharing, path in _named(given):
        sharing.check_needed(path, *fields)


def put_in(field: FieldT, given: Given, source: str | Path) -> FieldT:
    """``field`` with the part that it leaves to one of the files ``given``, if it does.

    ``source`` names the field in messages. Errors as for :meth:`Sharing.put_in`.
    """
    kind = kind_of(field)
    if kind.shared is None:
        return field
    sharing: Sharing = kind.part("sharing")
    whole: FieldT = sharing.put_in(field, given.get(kind.shared.option), source)
    return whole


def _named(given: Given) -> list[tuple[Sharing, str | Path]]:
    """How the parts in the files ``given`` are shared; TypeError for an unknown option."""
    kinds = {kind.shared.option: kind for kind in KINDS if kind.shared is not None}
    for option in given:
        if option not in kinds:
            raise TypeError(f"there is no option {option!r} that names a file with a shared part")
    return [
        (kinds[option].part("sharing"), path) for option, path in given.items() if path is not None
    ]
