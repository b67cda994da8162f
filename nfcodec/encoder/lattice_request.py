"""What is asked of a file that is coded without learning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nfcodec.errors import UsageError
from nfcodec.quantize.lattice.distances import DistanceSettings


@dataclass(frozen=True)
class LatticeRequest:
    """How a function is coded as a lattice.

    ``resolution``: voxels along a side of the finest lattice; chosen if None. ``max_error``: of
    every coded vertex, as a share of the longest side of the bounds for distances, of the range of
    values for scalars. ``target_size``: the most bytes of the file. UsageError for a size and an
    error at once, or values out of range.
    """

    resolution: int | None = None
    max_error: float | None = None
    target_size: int | None = None

    def __post_init__(self) -> None:
        if self.max_error is not None and self.target_size is not None:
            raise UsageError("--max-error and --target-size exclude each other")
        if self.max_error is not None and not 0 < self.max_error < 0.1:
            raise UsageError(
                f"a max-error of {100 * self.max_error:g}%; it must be above 0 and below 10%"
            )
        if self.resolution is not None:
            DistanceSettings(self.resolution)


def kept_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What a file keeps of the ``metadata`` of the field that it was made from."""
    kept = {key: value for key, value in metadata.items() if key not in ("viewpoints", "metrics")}
    if "metrics" in metadata:  # they are not those of the codes
        kept["source_metrics"] = metadata["metrics"]
    return kept
