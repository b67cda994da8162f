"""Kinds of fields: what their values are, and what follows from that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from nfcodec.registry import Registry, load

if TYPE_CHECKING:
    from nfcodec.arrays import FloatArray

#: Kinds that are guests in this package: where each is, by its name. Nothing else here names them.
GUESTS = {"vq-nerf": "nfcodec.vqnerf:KIND"}


class ImageStage(Protocol):
    """What a field holds that is drawn as an image of features: how that becomes an image.

    Plain data, as all of a field.
    """

    def arrays(self) -> Iterator[tuple[str, FloatArray]]:
        """All arrays that it holds, with names for messages."""

    def with_arrays(self, arrays: Iterable[FloatArray]) -> ImageStage:
        """A copy that holds ``arrays``, in the order of :meth:`arrays`."""

    def describe(self) -> dict[str, Any]:
        """What ``nfcodec info`` prints of it, as JSON-able values."""


@dataclass(frozen=True)
class SharedPart:
    """A part that fields may leave to a file of its own, so that many share it.

    ``option``: names that file, as ``--option`` and as a keyword; ``help`` explains it.
    """

    option: str
    help: str


@dataclass(frozen=True)
class FieldKind:
    """A kind of field. Rooms above keep what they do for it in tables by its name, or find it in
    ``parts``.

    ``tag``: its frozen id in files. ``dims``: the dimensions that a field may have. ``outputs``:
    of the last network; None for any number. ``networks``: names that have to be there.
    ``has_density``: it has a density, and what it shows depends on the direction.
    ``has_color``: the last network gives colors. ``is_distance``: its value is a signed distance.
    ``is_plain``: its values have no meaning of their own, and are shown through a color map.
    ``has_image_stage``: it is drawn as an image of features, which its fields' :class:`ImageStage`
    turns into an image. ``modes``: what can be drawn of it; the first is what it looks like by
    default. ``shared``: a part of its fields that a file of its own may hold.
    ``parts``: where answers to rooms above are, as ``"module:name"``, by the names that those rooms
    ask for: "check", "chunk", "document", "module", "drawing", "objective", "sharing" and
    "training_commands". Each of these rooms says what it expects.
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
    modes: tuple[str, ...] = ("shaded",)
    shared: SharedPart | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    def part(self, name: str) -> Any:
        """What the kind brings to the room that asks for ``name``; None if it brings nothing."""
        return load(self.parts[name]) if name in self.parts else None


class OfKind(Protocol):
    """A field, or what has been made of one."""

    @property
    def kind(self) -> str: ...


KINDS: Registry[FieldKind] = Registry("kind", "nfcodec.kinds", GUESTS)
for _kind in (
    FieldKind(
        0,
        "nerf",
        dims=(3,),
        outputs=3,
        networks=("density",),
        has_density=True,
        has_color=True,
        modes=("shaded", "depth"),
    ),
    FieldKind(
        1, "sdf", outputs=1, is_distance=True, modes=("shaded", "matcap", "normals", "depth")
    ),
    FieldKind(2, "scalar", is_plain=True, modes=("shaded", "iso")),
):
    KINDS.add(_kind)


def kind_of(field: OfKind) -> FieldKind:
    """The kind of ``field``; UnsupportedError if nobody brings it."""
    return KINDS.named(field.kind, "field")
