"""Kinds of fields: what their values are, and what follows from that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nfcodec.registry import Registry


@dataclass(frozen=True)
class FieldKind:
    """A kind of field. What rooms above do for it, they keep in tables by its name.

    ``tag``: its frozen id in files. ``dims``: the dimensions that a field may have. ``outputs``:
    of the last network; None for any number. ``networks``: names that have to be there.
    ``has_density``: it has a density, and what it shows depends on the direction.
    ``has_color``: the last network gives colors. ``is_distance``: its value is a signed distance.
    ``is_plain``: its values have no meaning of their own, and are shown through a color map.
    ``has_image_stage``: it is drawn as an image of features, which a decoder turns into an image.
    """

    tag: int
    name: str
    dims: tuple[int, ...] = (2, 3)
    outputs: int | None = None
    networks: tuple[str, ...] = ()
    has_density: bool = False
    has_color: bool = False
    is_distance: bool = False
    is_plain: bool = False
    has_image_stage: bool = False


class OfKind(Protocol):
    """A field, or what has been made of one."""

    @property
    def kind(self) -> str: ...


KINDS: Registry[FieldKind] = Registry("kind", "nfcodec.kinds")
for _kind in (
    FieldKind(
        0, "nerf", dims=(3,), outputs=3, networks=("density",), has_density=True, has_color=True
    ),
    FieldKind(1, "sdf", outputs=1, is_distance=True),
    FieldKind(2, "scalar", is_plain=True),
    FieldKind(3, "vq-nerf", dims=(3,), has_density=True, has_image_stage=True),
):
    KINDS.add(_kind)


def kind_of(field: OfKind) -> FieldKind:
    """The kind of ``field``; UnsupportedError if nobody brings it."""
    return KINDS.named(field.kind, "field")
