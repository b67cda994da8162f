"""A distance function coded to a file without learning: from a mesh, a field or a callable."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nfcodec import coding
from nfcodec.data.meshes import Mesh, bounding_cube, check_place
from nfcodec.data.sdf import SurfaceDistance
from nfcodec.encoder.encode_file import EncodedFile
from nfcodec.encoder.lattice_request import LatticeRequest, kept_metadata
from nfcodec.errors import UsageError
from nfcodec.evaluate.device import pick
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress, Silent
from nfcodec.quantize.lattice import distances
from nfcodec.quantize.lattice.closed_loop import Floats
from nfcodec.quantize.lattice.distances import (
    RESOLUTIONS,
    CodedDistances,
    DistanceSettings,
    code_distances,
    field_of,
)
from nfcodec.quantize.lattice.quality import SurfacePoints, steepest
from nfcodec.quantize.lattice.sampled import Function, Sampled
from nfcodec.quantize.lattice.verify import largest_error

#: The finest resolution that is chosen without being asked for.
_FINEST_CHOSEN = 256
#: Steps that a search for a size goes through, in voxels of the finest lattice.
_LEAST_STEP, _MOST_STEP = 0.03, 0.6
_BISECTIONS = 7
#: A finer lattice is tried where the steps of a coarser one are below this: with larger ones it
#: has had better use for the bytes, on armadillo, bob and spot alike.
_FINER_BELOW = 0.12
#: And it is taken, with eight times the memory, if it lowers the product of faults to this share.
_WORTH = 0.9
#: Dead zones pay more where steps are chosen for a size.
_SEARCH_ROUNDING = 0.4
#: Mean error near the surface, as a share of the bounds, that is good enough unless asked for less.
_GOOD = 4e-4
#: Steps of coarse lattices: what they are enough for is smooth, where fine steps are cheap.
_SMOOTH = {32: 0.06, 64: 0.08}


class _Coded(NamedTuple):
    """Distances and how they were coded."""

    distances: CodedDistances
    settings: DistanceSettings


def encode_mesh(
    mesh: Mesh, request: LatticeRequest | None = None, progress: Progress | None = None
) -> EncodedFile:
    """Code the signed distances of a mesh as a ``.nfc`` file.

    Inside and outside are told apart as :mod:`nfcodec.data.sdf` says: by normals where the mesh is
    watertight, else by the winding number. Errors: DamagedFileError if it encloses nothing,
    LimitError if it is too far from the origin, and as :func:`encode_distances`.
    """
    check_place(mesh)
    sound = mesh.watertight and not mesh.conflicts
    surface = SurfaceDistance(mesh, "pseudonormal" if sound else "winding")
    return encode_distances(surface.signed, bounding_cube(surface.mesh), request, progress)


def encode_field(
    field: Field, request: LatticeRequest | None = None, device: str = "auto"
) -> EncodedFile:
    """Code the values of a field of distances or scalars again, as a lattice.

    UsageError for other kinds of fields, and as :func:`encode_distances` and
    :func:`nfcodec.encoder.scalars.encode_scalars`.
    """
    from nfcodec.evaluate.module import FieldModule

    request, kind = request or LatticeRequest(), kind_of(field)
    if not (kind.is_plain or (kind.is_distance and field.dims == 3)):
        raise UsageError(
            f"a {field.kind} field of {field.dims} dimensions cannot be coded as a lattice: it "
            "needs an sdf in 3 dimensions, or a scalar field; method vqad codes any field"
        )
    module = FieldModule(field, pick(device))
    if kind.is_plain:
        from nfcodec.encoder.scalars import encode_scalars

        return encode_scalars(field, module, request)
    import torch

    @torch.no_grad()
    def distance(points: Floats) -> Floats:
        values = module(torch.from_numpy(points).to(module.device))[:, 0]
        return np.asarray(values.cpu().numpy(), np.float64)

    found = encode_distances(distance, field.bounds, request)
    kept = {**kept_metadata(field.metadata), **found.coded.metadata}
    coded = replace(found.coded, metadata=kept)
    return EncodedFile(coding.to_bytes(coded), coded)


def encode_distances(
    function: Function, bounds: Floats, request: LatticeRequest | None = None,
    progress: Progress | None = None,
) -> EncodedFile:  # fmt: skip
    """Code ``function``, which gives a signed distance for each of (P, 3) points, as a file.

    ``bounds``: (2, 3), the box to code. UsageError if it gives NaN, has no surface in the bounds,
    or a target cannot be met.
    """
    request = LatticeRequest() if request is None else request
    truth = distances.sample(function, np.asarray(bounds, np.float64))
    search = _Search(truth, request, Silent() if progress is None else progress)
    if request.max_error is not None:
        return search.within(request.max_error)
    if request.target_size is not None:
        return search.of_size(request.target_size)
    return search.good()


class _Search:
    """Settings for one function."""

    def __init__(self, truth: Sampled, request: LatticeRequest, progress: Progress) -> None:
        self.truth, self.request, self.progress = truth, request, progress
        first = code_distances(truth, DistanceSettings(64))
        self.points = SurfacePoints(truth, first.values)
        chosen = request.resolution
        self.resolutions = (
            [n for n in RESOLUTIONS if n <= _FINEST_CHOSEN] if chosen is None else [chosen]
        )

    def good(self) -> EncodedFile:
        """The coarsest resolution that is good enough, or else 128."""
        for resolution in self.resolutions:
            settings = DistanceSettings(resolution)
            if resolution in _SMOOTH:
                settings = replace(settings, step=_SMOOTH[resolution], rounding=_SEARCH_ROUNDING)
            coded = code_distances(self.truth, settings)
            if self.points.faults(coded.values).distance <= _GOOD or resolution == 128:
                break
        return self._file(coded, settings)

    def within(self, error: float) -> EncodedFile:
        """The coarsest resolution that keeps to ``error`` between its vertices, on the mean.

        Steps are such that ``error`` holds at every coded vertex, which is then verified.
        """
        units = self.points.longest
        step = 2.0 * error * units
        if step < 1.0:
            raise UsageError(
                f"a max-error of {100 * error:g}% of the bounds is finer than files hold; the "
                f"least is {100 * 0.5 / units:.2g}%"
            )
        for resolution in self.resolutions:
            settings = DistanceSettings(resolution, math.floor(step) * resolution / units, 1.0, 0.5)
            coded = code_distances(self.truth, settings)
            if self.points.faults(coded.values).distance <= error:
                break
        found = self._file(coded, settings)
        worst = largest_error(coding.open(found.data), self.truth.function)
        if worst > error:
            raise UsageError(
                f"a vertex is off by {100 * worst:.3g}% of the bounds, more than {100 * error:g}%: "
                "the function is no distance there"
            )
        return found

    def of_size(self, size: int) -> EncodedFile:
        """The best file of at most ``size`` bytes."""
        best: tuple[float, _Coded] | None = None
        least = math.inf
        for resolution in self.resolutions:
            found = self._largest(resolution, size)
            if isinstance(found, int):
                least = min(least, found)
                if best is not None:
                    break
                continue
            product = self.points.faults(found.distances.values).product
            if best is not None and product >= _WORTH * best[0]:
                break
            best = product, found
            if found.settings.step > _FINER_BELOW:
                break
        if best is None:
            raise UsageError(
                f"no file of {size:,} bytes can be made: the smallest takes {int(least):,}"
            )
        return self._file(*best[1])

    def _largest(self, resolution: int, size: int) -> _Coded | int:
        """The distances of finest steps whose file has at most ``size`` bytes; if there are none,
        the bytes of the smallest file."""
        low, high = math.log(_LEAST_STEP), math.log(_MOST_STEP)

        def attempt(step: float) -> tuple[int, _Coded]:
            settings = DistanceSettings(resolution, math.exp(step), rounding=_SEARCH_ROUNDING)
            coded = code_distances(self.truth, settings)
            # Whatever the slope is, it takes as many bytes.
            return len(coding.to_bytes(self._field(coded, settings, 1.5))), _Coded(coded, settings)

        bytes_, found = attempt(high)
        if bytes_ > size:
            return bytes_
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            bytes_, tried = attempt(middle)
            if bytes_ <= size:
                found, high = tried, middle
            else:
                low = middle
        return found

    def _file(self, coded: CodedDistances, settings: DistanceSettings) -> EncodedFile:
        field = self._field(coded, settings, 1.5)
        spacing = (field.bounds[1] - field.bounds[0]) / self.truth.unit
        slopes = [
            steepest(code.values[0], spacing / (np.array(code.shape[::-1]) - 1))
            for code in coded.codes()
        ]
        # A multiple of 1/64 takes three bytes.
        field = self._field(coded, settings, math.ceil(64 * max(slopes)) / 64)
        return EncodedFile(coding.to_bytes(field), field)

    def _field(self, coded: CodedDistances, settings: DistanceSettings, slope: float) -> CodedField:
        field = field_of(coded, self.truth.bounds, settings)
        encoding = field.metadata["encoding"]
        if self.request.max_error is not None:
            encoding = {**encoding, "max_error": self.request.max_error}
        metadata = {**field.metadata, "encoding": encoding, "render": {"slope": slope}}
        return replace(field, metadata=metadata)
