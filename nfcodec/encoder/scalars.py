"""A scalar field coded again as a lattice of its values, without a network or learning."""

from __future__ import annotations

import math

import numpy as np

from nfcodec import coding
from nfcodec._version import __version__
from nfcodec.encoder.encode_file import EncodedFile
from nfcodec.encoder.lattice_request import LatticeRequest, kept_metadata
from nfcodec.errors import UsageError
from nfcodec.evaluate.module import FieldModule
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Grid
from nfcodec.quantize.lattice.closed_loop import Floats
from nfcodec.quantize.lattice.distances import RESOLUTIONS, identity_network
from nfcodec.quantize.lattice.scalars import ScalarLattice, sampled

#: The bound unless one is asked for, as a share of the values' range.
_ERROR = 0.005
#: Bounds that a search for a size goes through, and its steps.
_LEAST, _MOST, _BISECTIONS = 1e-5, 0.3, 12
#: The finest resolution that is chosen without being asked for.
_FINEST_CHOSEN = 256


def encode_scalars(field: Field, module: FieldModule, request: LatticeRequest) -> EncodedFile:
    """``field``, which ``module`` evaluates, on a lattice as fine as its own finest level.

    ``request.max_error``: of every site, as a share of the range of values. UsageError for values
    that are not finite, and bounds or sizes that cannot be met.
    """
    import torch

    @torch.no_grad()
    def values(points: Floats) -> Floats:
        found = module(torch.from_numpy(points).to(module.device))
        return np.asarray(found.cpu().numpy(), np.float64)

    own = max((max(level.layout.resolution) for level in field.levels), default=128)
    chosen = next((n for n in RESOLUTIONS if n >= own), _FINEST_CHOSEN)
    resolution = request.resolution or min(chosen, _FINEST_CHOSEN)
    found = sampled(values, field.bounds, resolution + 1)
    whole = found.range or max(float(np.abs(found.values).max()), 1.0)

    def coded(share: float) -> CodedField:
        return CodedField(
            kind=field.kind,
            bounds=field.bounds,
            grids=(Grid(found.levels(share * whole), "finest"),),
            networks=(identity_network(found.values.shape[3], field.networks[-1].name),),
            metadata={
                **kept_metadata(field.metadata),
                "encoding": {"method": "lattice", "resolution": resolution, "max_error": share},
                "tool": f"nfcodec {__version__}",
            },
        )

    if request.target_size is None:
        made = coded(_ERROR if request.max_error is None else request.max_error)
        _verify(made, found, made.metadata["encoding"]["max_error"] * whole)
        return EncodedFile(coding.to_bytes(made), made)
    low, high = math.log(_LEAST), math.log(_MOST)
    made = coded(_MOST)
    data = coding.to_bytes(made)
    if len(data) > request.target_size:
        raise UsageError(
            f"no file of {request.target_size:,} bytes can be made at a resolution of "
            f"{resolution}: the smallest takes {len(data):,}"
        )
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        tried = coded(math.exp(middle))
        bytes_ = coding.to_bytes(tried)
        if len(bytes_) <= request.target_size:
            made, data, high = tried, bytes_, middle
        else:
            low = middle
    return EncodedFile(data, made)


def _verify(made: CodedField, wanted: ScalarLattice, most: float) -> None:
    """UsageError if a decoded site is off by more than ``most``."""
    decoded = coding.open(coding.to_bytes(made)).levels[-1].code.decode_rows()
    worst = float(np.abs(decoded - wanted.values.reshape(decoded.shape)).max())
    if worst > most:
        raise UsageError(f"a site is off by {worst:.3g}, more than {most:.3g}: ask for more")
