"""A field, plain or coded, as a PyTorch module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from nfcodec import transforms
from nfcodec.combine import combine_of
from nfcodec.evaluate.device import pick
from nfcodec.evaluate.locators import locator_of
from nfcodec.evaluate.networks import NetworkModule
from nfcodec.evaluate.stages import StageModule
from nfcodec.evaluate.storage import FloatRows, LevelStorage, storage_of
from nfcodec.layouts import RankedBitmap
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level, Skeleton
from nfcodec.model.kinds import kind_of

#: Blocks of the coarse occupancy bitmap have ``2^COARSER`` cells a side.
COARSER = 3


class FieldModule(nn.Module):
    """Evaluates a :class:`Field` (trainable) or a :class:`CodedField` (codes stay packed).

    ``storage`` gives another storage for a level, as trainable codes do; by default
    :func:`nfcodec.evaluate.storage.storage_of`.
    """

    def __init__(
        self,
        field: Field | CodedField,
        device: str | torch.device = "cpu",
        storage: Callable[[Any], LevelStorage] = storage_of,
    ) -> None:
        super().__init__()
        self.field = field
        self.kind, self.dims, self.num_lods = field.kind, field.dims, field.num_lods
        levels: tuple[Level | CodedLevel, ...] = field.levels
        self.locators = nn.ModuleList(locator_of(level.layout) for level in levels)
        self.rows = nn.ModuleList(storage(level) for level in levels)
        self.networks = nn.ModuleList(NetworkModule(network) for network in field.networks)
        self.low: Tensor
        self.high: Tensor
        low, high = torch.from_numpy(np.array(field.bounds, np.float32))
        self.register_buffer("low", low, persistent=False)
        self.register_buffer("high", high, persistent=False)
        self.box: Tensor
        self.register_buffer("box", torch.from_numpy(np.array(field.bounds)), persistent=False)
        self.transforms = [
            None if level.transform is None else torch.from_numpy(np.array(level.transform))
            for level in levels
        ]
        self.image: StageModule | None = None
        if field.image is not None:
            self.image = kind_of(field).part("module")(field.image)
        self.occupied = nn.ModuleList(
            OccupiedCells.of(field, lod) for lod in range(field.num_lods if field.dims == 3 else 0)
        )
        self.device = pick(device) if isinstance(device, str) else device
        self.to(self.device)

    def normalize(self, points: Tensor) -> Tensor:
        """Points in the field's units to ``u`` in [-1, 1], float32.

        Far from the origin float32 cannot tell points apart; points in float64 stay what they are.
        """
        if points.dtype == torch.float64:
            low, high = self.box
            u: Tensor = (points - low) / (high - low) * 2.0 - 1.0
            return u.float()
        return (points - self.low) / (self.high - self.low) * 2.0 - 1.0

    def features(self, u: Tensor, lod: int | None = None) -> Tensor:
        """(P, F) interpolated vectors of all grids at normalized points (P, D)."""
        lod = self.num_lods - 1 if lod is None else lod
        parts: list[Tensor] = []
        first = 0
        skeleton: Skeleton[Any] = self.field
        for grid in skeleton.grids:
            levels = grid.levels

            def zeros(number: int, levels: Sequence[Any] = levels) -> Tensor:
                return torch.zeros((len(u), levels[number].num_features), device=u.device)

            way = combine_of(grid)
            there = [number for number, level in enumerate(levels) if level.lod <= lod]
            used = way.in_use(there)
            vectors = [
                self._vectors(first + number, u) if number in used else None
                for number in range(len(levels))
            ]
            parts += way.columns(vectors, zeros)
            first += len(levels)
        if not parts:
            return torch.zeros((len(u), 0), device=u.device)
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _vectors(self, position: int, u: Tensor) -> Tensor:
        """(P, F) vectors of the level at storage ``position`` at normalized points (P, D)."""
        transform = self.transforms[position]
        at = u if transform is None else transforms.apply(transform.to(u.device), u)
        found: Tensor = self.rows[position](at, self.locators[position])
        return found

    def sources(self, points: Tensor, lod: int | None = None) -> dict[str, Tensor]:
        """What networks read that does not depend on the view: ``position`` and ``features``."""
        u = self.normalize(points)
        return {"position": u, "features": self.features(u, lod)}

    def run(self, names: tuple[str, ...], sources: dict[str, Tensor]) -> Tensor:
        """Run the networks called ``names``, adding to ``sources``; the last one's output."""
        for network in self.networks:
            if network.name in names:
                sources[str(network.name)] = network(sources)
        return sources[names[-1]]

    def names_to(self, name: str) -> tuple[str, ...]:
        """The networks to run, in order, for the one called ``name``."""
        names = [str(network.name) for network in self.networks]
        return tuple(names[: names.index(name) + 1])

    @property
    def has_color(self) -> bool:
        """Whether the last network gives colors."""
        if self.image is None:
            return kind_of(self).has_color
        return self.image.has_color(self.names_to(str(self.networks[-1].name)))

    @property
    def density_networks(self) -> tuple[str, ...]:
        """The networks to run, in order, for ``density`` alone."""
        return self.names_to("density")

    @property
    def color_networks(self) -> tuple[str, ...]:
        """The networks left to run, after the density's, for what the last one gives."""
        names = [str(network.name) for network in self.networks]
        after = names[names.index("density") + 1 :]
        return tuple(after if self.image is None else after[-1:])

    def values_of(self, name: str, points: Tensor, lod: int | None = None) -> Tensor:
        """(P, C) outputs of the network called ``name``, one not after ``density``, at points."""
        return self.run(self.names_to(name), self.sources(points, lod))

    def density(self, points: Tensor, lod: int | None = None) -> Tensor:
        """(P,) densities of a field that has one at (P, 3) points."""
        sources = self.sources(points, lod)
        density = self.run(self.density_networks, sources)[:, 0]
        return density * self.occupancy(lod).at(sources["position"])

    def occupancy(self, lod: int | None = None) -> OccupiedCells:
        """Where a 3-D field may hold something at ``lod``."""
        cells = self.occupied[self.num_lods - 1 if lod is None else lod]
        assert isinstance(cells, OccupiedCells)
        return cells

    def forward(
        self, points: Tensor, directions: Tensor | None = None, lod: int | None = None
    ) -> Tensor:
        """Values at (P, D) points: as :func:`nfcodec.evaluate.reference.evaluate`, float32."""
        sources = self.sources(points, lod)
        if directions is not None:
            sources["direction"] = directions
        out = self.run(tuple(str(network.name) for network in self.networks), sources)
        if not self.field.is_radiance:
            return out
        mask = self.occupancy(lod).at(sources["position"])
        return torch.cat([(sources["density"][:, 0] * mask)[:, None], out], dim=1)

    def parameter_bytes(self) -> int:
        """Bytes that hold the field: vectors or codes, corner lookup structures and networks."""
        held: list[nn.Module] = [self.rows, self.locators, self.networks]
        held += [] if self.image is None else [self.image]
        tensors = [t for m in held for t in (*m.parameters(), *m.buffers())]
        return sum(t.numel() * t.element_size() for t in tensors)

    def to_field(self) -> Field:
        """The field with its present weights; every level must hold :class:`FloatRows`."""
        assert isinstance(self.field, Field)
        features = []
        for rows in self.rows:
            assert isinstance(rows, FloatRows)
            features.append(rows.features.detach().cpu().numpy().copy())
        networks = tuple(n.to_network() for n in self.networks if isinstance(n, NetworkModule))
        stage = self.field.image
        if self.image is not None:
            stage = self.image.to_stage()
        return replace(self.field.with_features(features), networks=networks, image=stage)


def module(field: Field | CodedField, device: str = "auto") -> FieldModule:
    """``field`` on ``device`` as a PyTorch module, for other renderers.

    ``module(field, "cuda")(points, directions)`` evaluates (P, D) points, differentiably in the
    points; the levels of a coded field stay packed. UsageError for an unknown device.
    """
    return FieldModule(field, device)


def _blocks(cells: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which blocks of ``2^COARSER`` cells a side hold an occupied cell."""
    side = 1 << COARSER
    padded = np.pad(cells, [(0, -n % side) for n in cells.shape])
    z, y, x = (n // side for n in padded.shape)
    blocks = padded.reshape(z, side, y, side, x, side).any(axis=(1, 3, 5))
    return np.asarray(blocks)


class OccupiedCells(nn.Module):
    """The occupied cells of a 3-D field, as a bitmap.

    ``shape``: cells along x, y, z. ``words`` is the bitmap of the cells, ``coarse`` that of blocks
    of ``2^COARSER`` cells a side, for long jumps through empty space.
    """

    def __init__(self, cells: npt.NDArray[np.bool_]) -> None:
        """``cells``: (nz, ny, nx)."""
        super().__init__()
        self.shape = cells.shape[::-1]
        self.words: Tensor
        self.coarse: Tensor
        for name, mask in (("words", cells), ("coarse", _blocks(cells))):
            words = RankedBitmap.from_mask(mask).words.view(np.int32)
            self.register_buffer(name, torch.from_numpy(words), persistent=False)

    @classmethod
    def of(cls, field: Field | CodedField, lod: int) -> OccupiedCells:
        """Those of ``field`` at ``lod``; all of the box if it does not say."""
        cells = field.occupied(lod)
        return cls(np.ones((1, 1, 1), np.bool_) if cells is None else cells)

    def mask(self, resolution: int) -> npt.NDArray[np.bool_]:
        """(R, R, R) [z, y, x]: whether the center of each of R^3 cells of the box is occupied."""
        nx, ny, nz = self.shape
        bits = np.unpackbits(self.words.cpu().numpy().view(np.uint8), bitorder="little")
        cells = bits[: nx * ny * nz].reshape(nz, ny, nx).astype(np.bool_)
        at = [
            ((np.arange(resolution) + 0.5) * n / resolution).astype(np.int64) for n in (nz, ny, nx)
        ]
        return cells[np.ix_(*at)]

    def at(self, u: Tensor) -> Tensor:
        """(P,) bool: the normalized points (P, 3) in the box and in an occupied cell."""
        shape = torch.tensor(self.shape, device=u.device)
        cell = torch.floor((u.detach() + 1.0) * 0.5 * shape).long()
        cell = torch.minimum(cell.clamp_min(0), shape - 1)
        site = (cell[:, 2] * shape[1] + cell[:, 1]) * shape[0] + cell[:, 0]
        word = self.words[site >> 5].long()
        within = (u.detach().abs() <= 1.0).all(dim=1)
        return within & (((word >> (site & 31)) & 1) != 0)
