"""What ``nfcodec encode`` does with arrays of values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nfcodec.atomic import writing
from nfcodec.cli.console import console, size
from nfcodec.cli.encode_straight import LATTICE
from nfcodec.cli.options import existing_file
from nfcodec.errors import UsageError

if TYPE_CHECKING:
    from nfcodec.encoder.volumes import VolumeRequest


def volume_request(
    path: Path, method: str | None, others: Mapping[str, object], max_error: float | None,
    target_psnr: float | None, target_size: int | None,
) -> VolumeRequest:  # fmt: skip
    """What is asked for. UsageError for a method or for options that do not apply."""
    if method not in (None, LATTICE):
        raise UsageError(f"{path} is an array, which is coded by method lattice, not {method}")
    for name, value in others.items():
        if value is not None:
            raise UsageError(f"--{name.replace('_', '-')} does not apply to arrays of values")
    from nfcodec.encoder.volumes import DEFAULT, VolumeRequest

    asked = VolumeRequest(max_error, target_psnr, target_size)
    return DEFAULT if asked == VolumeRequest() else asked


def encode_volume(
    path: Path, output: Path, request: VolumeRequest, shape: tuple[int, ...] | None,
    dtype: str | None, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Code the array in ``path`` and say what was written."""
    existing_file(path)
    from nfcodec.data import volumes
    from nfcodec.encoder.volumes import encode_volume as encode

    began = time.perf_counter()
    volume = volumes.load(path, shape, dtype)
    found = encode(volume, request, console.progress())
    with writing(output, overwrite=overwrite) as aside:
        aside.write_bytes(found.data)
    seconds = time.perf_counter() - began
    count, before = len(found.data), volume.values.nbytes
    sides = " x ".join(map(str, volume.values.shape))
    bound = request.max_error
    kept = "" if bound is None else f", every value within {100 * bound:g}% of the range"
    assert found.quality is not None
    psnr = None if found.quality == float("inf") else found.quality
    quality = "the same values" if psnr is None else f"{psnr:.2f} dB"
    console.result(
        as_json,
        {"path": output, "bytes": count, "source": path, "source_bytes": before,
         "ratio": before / count, "shape": list(volume.values.shape),
         "dtype": volume.values.dtype.name, "encoding": found.coded.metadata["encoding"],
         "psnr": psnr, "seconds": seconds},
        f"{output}: {size(count)}, 1/{before / count:.3g} of {sides} {volume.values.dtype.name} "
        f"({size(before)}), {quality}{kept}, {seconds:.1f} s",
    )  # fmt: skip
