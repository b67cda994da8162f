"""What later sections of a file need of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from nfcodec.coding.work import Work
from nfcodec.errors import DamagedFileError
from nfcodec.layouts import OctreeLayout
from nfcodec.model.protocols import Layout
from nfcodec.model.sites import SiteSet


@dataclass
class Memory:
    """What has been decoded of a file so far, or written.

    ``work`` is what it has taken. ``octrees``: by storage position, those that later ones may start
    from.
    """

    work: Work = field(default_factory=Work)
    octrees: dict[int, OctreeLayout] = field(default_factory=dict)
    _sites: dict[Layout, SiteSet | None] = field(default_factory=dict)

    def sites(self, layout: Layout) -> SiteSet | None:
        """:func:`sites_of` the ``layout``; levels that share a layout share them."""
        if layout not in self._sites:
            self._sites[layout] = sites_of(layout)
        return self._sites[layout]


def sites_of(layout: Layout) -> SiteSet | None:
    """The one lattice on which the rows of ``layout`` have neighbors; None if there is none."""
    lattices = layout.lattices()
    return lattices[0] if len(lattices) == 1 else None


def need_sites(sites: SiteSet | None, label: str) -> SiteSet:
    """``sites``; DamagedFileError if rows have no neighbors."""
    if sites is None:
        raise DamagedFileError(f"{label}: neighbors of rows that have none")
    return sites
