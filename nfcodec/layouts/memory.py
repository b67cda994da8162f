"""What later sections of a file need of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from nfcodec.container.work import Work
from nfcodec.errors import DamagedFileError
from nfcodec.model.protocols import Code, Layout
from nfcodec.model.sites import SiteSet


@dataclass
class Memory:
    """What has been decoded of a file so far, or written.

    ``work`` is what it has taken. ``layouts``, ``codes``: those of levels, by storage position,
    from which later ones may start.
    """

    work: Work = field(default_factory=Work)
    layouts: dict[int, Layout] = field(default_factory=dict)
    codes: dict[int, Code] = field(default_factory=dict)
    _sites: dict[Layout, SiteSet | None] = field(default_factory=dict)

    def sites(self, layout: Layout) -> SiteSet | None:
        """:func:`sites_of` the ``layout``; levels that share a layout share them."""
        if layout not in self._sites:
            self._sites[layout] = sites_of(layout)
        return self._sites[layout]


@dataclass(frozen=True)
class Around:
    """What the coder of a level's rows may look at besides them.

    ``before``: the code of the level before, in the order of storage, if it has been decoded.
    """

    layout: Layout
    memory: Memory
    before: Code | None = None

    @property
    def work(self) -> Work:
        return self.memory.work

    def need_sites(self, label: str) -> SiteSet:
        """The sites of the rows; DamagedFileError if they have no neighbors."""
        sites = self.memory.sites(self.layout)
        if sites is None:
            raise DamagedFileError(f"{label}: neighbors of rows that have none")
        return sites


def sites_of(layout: Layout) -> SiteSet | None:
    """The one lattice on which the rows of ``layout`` have neighbors; None if there is none."""
    lattices = layout.lattices()
    return lattices[0] if len(lattices) == 1 else None
