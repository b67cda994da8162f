"""What a layout and a code answer for themselves.

Nobody else asks which layout or code a level has. The classes are in :mod:`nfcodec.layouts` and
:mod:`nfcodec.codes`; their registries say which there are. Shapes: P points, D dimensions, N rows
(vectors of a level), F features, C rows that one point touches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.container import Cursor, Section
from nfcodec.container.tree import Node
from nfcodec.model.sites import SiteSet

#: Which cells of a box hold something: (nz, ny, nx) or (ny, nx).
Cells: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.int64]
Array64: TypeAlias = npt.NDArray[np.float64]
#: JSON-able values by name.
Described: TypeAlias = "dict[str, Any]"


class Tree(Protocol):
    """A group of a field file: named values and arrays, each of a stated type.

    Errors: InvalidFieldError, which begins with ``where``, for a value that is missing or of
    another type.
    """

    @property
    def where(self) -> str: ...
    def text(self, key: str) -> str: ...
    def integer(self, key: str) -> int: ...
    def integers(self, key: str) -> list[int]: ...
    def value(self, key: str, kind: type) -> Any: ...
    def array(self, key: str) -> npt.NDArray[Any]: ...


class MemoryCost(NamedTuple):
    """Bytes, by the estimate of ``nfc-v1.md`` §9: held, and while reading."""

    held: int
    reading: int = 0


class LayoutHeader(Protocol):
    """What a header says of a layout."""

    @property
    def dims(self) -> int: ...
    @property
    def num_rows(self) -> int: ...

    def memory(self) -> MemoryCost:
        """What decoding takes."""

    def decode(self, cursor: Cursor, memory: Any) -> Layout:
        """The layout, whose section, if it has one, starts at ``cursor``.

        ``memory``: the :class:`nfcodec.layouts.memory.Memory` of the file. Errors:
        DamagedFileError, UnsupportedError, LimitError.
        """


class CodeHeader(Protocol):
    """What a header says of a code."""

    @property
    def name(self) -> str: ...
    @property
    def layers(self) -> tuple[int, ...]:
        """The sizes of the layers that it comes in, coarsest first; empty if there is one."""

    def memory(self, rows: int, features: int) -> MemoryCost:
        """What decoding takes."""

    def describe(self) -> Described:
        """What ``nfcodec info`` prints of the whole code, with any number of layers."""

    def decode(self, cursor: Cursor, rows: int, features: int, around: Any) -> Code:
        """The code, of its first layer if there are several.

        ``around``: a :class:`nfcodec.layouts.memory.Around`.
        """

    def refine(self, cursor: Cursor, before: Code, layer: int, around: Any) -> Code:
        """The code up to ``layer`` from 1, given that ``before`` it; ValueError if it has none."""


class Layers(Protocol):
    """How a code has been taken apart."""

    @property
    def sizes(self) -> tuple[int, ...]: ...
    def code(self, finest: Any, layer: int) -> Code:
        """What a reader of layers 0..``layer`` has of the code ``finest``."""


@dataclass(frozen=True)
class Candidate:
    """One way to code a level's rows.

    ``sections``: the first one goes into ``LEVL``, the others into one ``REFN`` each. ``header``:
    the code's entry in the header, after the id. ``layers``: how it has been taken apart, if there
    are several sections.
    """

    sections: tuple[Section, ...]
    header: tuple[float, ...]
    layers: Layers | None = None

    @property
    def size(self) -> int:
        return sum(section.size for section in self.sections)

    @property
    def cost(self) -> int:
        """The work of decoding all layers."""
        return sum(section.cost for section in self.sections)


class Layout(Protocol):
    """Where a level's rows sit in space, and in what order.

    A layout is a frozen dataclass. ``tag`` is its frozen id in ``.nfc`` files, ``name`` its name in
    field files and in messages.
    """

    tag: ClassVar[int]
    name: ClassVar[str]

    @property
    def dims(self) -> int:
        """Dimensions D of the points that it takes."""

    @property
    def num_rows(self) -> int:
        """N, the number of vectors of a level with this layout."""

    @property
    def resolution(self) -> tuple[float, ...]:
        """Voxels along x(, y(, z)) per side of the box that the level spans."""

    @property
    def occupied_shape(self) -> tuple[int, ...] | None:
        """The shape of :meth:`occupied`; None if the layout does not say where it is empty."""

    def occupied(self) -> Cells:
        """The cells [z, y, x] outside which the level holds nothing.

        ValueError if :attr:`occupied_shape` is None.
        """

    def keep(self, cells: Cells) -> tuple[Layout, Rows]:
        """The layout without what lies outside ``cells`` [z, y, x], and the rows that stay.

        Itself and all rows if it cannot leave rows out. ``cells`` have at least the resolution of
        :meth:`occupied`.
        """

    def locate(self, u: Array64) -> tuple[Rows, Array64]:
        """The rows (P, C) that (P, D) points in [-1, 1] touch, and their weights (P, C).

        The definition of the layout, in float64. A row of -1 is one that does not exist; it counts
        as a vector of zeros.
        """

    def lattices(self) -> tuple[SiteSet, ...]:
        """The points at which rows sit, in the order of rows; empty if rows have no neighbors.

        A coder predicts a row from those next to it.
        """

    def check(self, dims: int, where: str) -> None:
        """Raise unless the layout is sound in ``dims`` dimensions; sizes before contents.

        Errors: InvalidFieldError, LimitError, which begin with ``where``.
        """

    def options(self) -> Described:
        """What tells the layout from others of its class, arrays apart, as JSON-able values."""

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Its arrays by name."""

    @classmethod
    def from_tree(cls, tree: Tree) -> Layout:
        """The layout whose :meth:`options` and :meth:`arrays` a field file holds, unchecked."""

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        """What ``nfcodec info`` has to say of it, without its name.

        ``part_bytes``: of a level in a file, the bytes of its parts.
        """

    def __str__(self) -> str:
        """A few words, such as "octree 8^3, 40 voxels"."""

    def header(self) -> list[int | bool]:
        """Its entry in the header of a ``.nfc`` file, after the id."""

    @classmethod
    def read_header(cls, node: Node, values: list[Node], dims: int) -> LayoutHeader:
        """What :meth:`header` has written of a layout of ``dims`` dimensions.

        Errors: DamagedFileError, LimitError; sizes are checked before anything is allocated.
        """

    def sections(self, memory: Any) -> list[Section]:
        """Ways to code what the header does not say, given the :class:`Memory` of a file.

        The best of them that a file may ask for is stored; empty if there is nothing to code.
        """


class Code(Protocol):
    """What a level's rows are in a coded field; a frozen dataclass."""

    tag: ClassVar[int]
    name: ClassVar[str]

    @property
    def num_rows(self) -> int: ...

    @property
    def num_features(self) -> int: ...

    @property
    def nbytes(self) -> int:
        """Bytes that it takes in memory."""

    @property
    def paper_bytes(self) -> int:
        """Bytes by the accounting of the papers: no entropy coding."""

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        """Rows ``start`` to ``stop`` as float32 vectors (N, F), the same on every machine."""

    def check(self, where: str) -> None:
        """Raise InvalidFieldError, which begins with ``where``, unless the code is sound."""

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Its arrays by name: what is in them is the code."""

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        """What ``nfcodec info`` has to say of it, without its name.

        ``part_bytes``: of a level in a file, the bytes of its parts.
        """

    def header(self) -> Sequence[float]:
        """Its entry in the header of a ``.nfc`` file, after the id, if it comes in one layer."""

    @classmethod
    def read_header(cls, node: Node, values: list[Node], features: int) -> CodeHeader:
        """What :meth:`header`, or :attr:`Candidate.header`, has written.

        Errors: DamagedFileError, LimitError.
        """

    def candidates(self, sites: SiteSet | None, layers: int | None) -> list[Candidate]:
        """Ways to code the rows, the best first, the cheapest to decode last.

        ``sites``: where the rows sit, if they have neighbors. ``layers``: how many they come in if
        they can; None for as many as are usual, if that takes hardly more bytes.
        """


@runtime_checkable
class Continuing(Protocol):
    """A code that may go on from that of the level before, in the order of storage."""

    @property
    def base(self) -> Code | None: ...
