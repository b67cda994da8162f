"""``nfcodec decode``: a coded field in another form."""

from __future__ import annotations

from pathlib import Path

import click

from nfcodec import files
from nfcodec.atomic import check_output
from nfcodec.cli.console import Verb, console, size
from nfcodec.cli.options import (
    INPUT,
    Finite,
    check_device,
    device_option,
    existing_file,
    json_option,
    lod_option,
    output_option,
    overwrite_option,
)
from nfcodec.errors import UsageError

FIELDS = (".pt", ".h5", ".npz", ".npy")
MESHES = (".ply", ".glb", ".stl")
#: Cells along a mesh's longest side, as :mod:`nfcodec.exporters` has it; a test compares them.
MAX_CELLS = 2048


@click.command(
    cls=Verb,
    short_help="Write a field in another form, or as a mesh.",
    epilog="""\b
Examples:
  nfcodec decode lego.nfc -o lego.h5
  nfcodec decode armadillo.nfc -o armadillo.ply --resolution 512
  nfcodec decode lego.nfc -o lego.glb --level 20 --lod 3
  nfcodec decode lego.nfc -o volume.h5 --resolution 256
  nfcodec decode head.nfc -o head.npy           the array that head.nfc was coded from
""",
)
@click.argument("field", type=INPUT)
@output_option(
    "File to write; its suffix says what: .pt .h5 .npz (fields), .npy (the array of a "
    "volume), .ply .glb .stl (meshes).",
    required=True,
)
@lod_option
@click.option("--level", type=Finite(), help="Value at which to cut a scalar or density field.")
@click.option(
    "--resolution", type=click.IntRange(8, 4096),
    help="Cells along the longest side of a mesh, at most 2048; for .h5 and .npz, write that many "
    "sampled values instead of the field.",
)  # fmt: skip
@device_option
@overwrite_option
@json_option
def decode(
    field: Path, output: Path, lod: int | None, level: float | None, resolution: int | None,
    device: str, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write FIELD, a .nfc file or any field we read, in the form that the output's suffix names."""
    suffix = output.suffix.lower()
    if suffix not in FIELDS + MESHES:
        known = " ".join(FIELDS + MESHES)
        raise UsageError(f"cannot write {output}: its suffix is none of {known}")
    if suffix in FIELDS and level is not None:
        raise UsageError("--level is for meshes (.ply .glb .stl)")
    if suffix in (".pt", ".npy") and resolution is not None:
        raise UsageError("--resolution is for meshes (.ply .glb .stl), .h5 and .npz")
    if suffix in MESHES and resolution is not None and resolution > MAX_CELLS:
        raise UsageError(f"--resolution {resolution}: a mesh has at most {MAX_CELLS} cells a side")
    check_device(device)
    existing_file(field)
    check_output(output, overwrite)
    from nfcodec.exporters import export

    export(
        files.open(field, lod), output, lod=lod, level=level, resolution=resolution,
        overwrite=overwrite, device=device, progress=console.progress(),
    )  # fmt: skip
    count = output.stat().st_size
    console.result(as_json, {"path": output, "bytes": count}, f"{output}: {size(count)}")
