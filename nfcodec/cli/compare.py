"""``nfcodec compare``: how far is one field from another, and how much smaller?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nfcodec.cli.console import Verb, console, size, table
from nfcodec.cli.inputs import check_data
from nfcodec.cli.options import (
    INPUT,
    check_device,
    data_option,
    device_option,
    existing_file,
    json_option,
    lod_option,
    seed_option,
    shared_options,
)

UNITS = {
    "psnr": "dB",
    "value_psnr": "dB",
    "near_value_psnr": "dB",
    "view_psnr": "dB",
    "normal_error_deg": "degrees",
    "seconds": "s per image",
}


@click.command(
    cls=Verb,
    short_help="Measure one field against another.",
    epilog="""\b
Examples:
  nfcodec compare lego.pt lego.nfc
  nfcodec compare lego.pt lego.nfc --data lego/ --json
  nfcodec compare armadillo.pt armadillo.nfc --data armadillo.obj
""",
)
@click.argument("reference", type=INPUT)
@click.argument("test", type=INPUT)
@data_option("Posed images (held-out views) or mesh to measure both fields on.")
@click.option("--lpips", type=INPUT, help="File of LPIPS weights, to measure LPIPS as well.")
@shared_options
@lod_option
@seed_option
@device_option
@json_option
def compare(
    reference: Path, test: Path, data: Path | None, lpips: Path | None,
    lod: int | None, seed: int, device: str, as_json: bool, **shared_files: Any,
) -> None:  # fmt: skip
    """Compare the field TEST with REFERENCE: sizes, values, images, shapes.

    --lod K takes TEST at level of detail K. docs/conventions.md defines every figure.
    """
    check_device(device)
    existing_file(reference)
    existing_file(test)
    check_data(data)
    from nfcodec.rd.compare import compare as measure

    found = measure(
        reference, test, data=data, lod=lod, seed=seed, device=device, lpips=lpips,
        progress=console.progress(), **shared_files,
    )  # fmt: skip
    console.result(as_json, found, _text(found, reference, test))


def _text(found: dict[str, Any], reference: Path, test: Path) -> str:
    first, second = found["reference"], found["test"]
    lines = [
        f"{reference}: {size(first['bytes'])}",
        f"{test}: {size(second['bytes'])}, 1/{found['ratio']:.3g} of the reference",
    ]
    figures = [name for name in first if name not in ("path", "bytes")]
    if figures:
        rows = [(_label(name), _number(first[name]), _number(second[name])) for name in figures]
        lines += ["", table(rows, ("each", "reference", "test"))]
    between = [(_label(name), _number(value)) for name, value in found["between"].items()]
    return "\n".join([*lines, "", table(between, ("between the two", ""))])


def _label(name: str) -> str:
    return f"{name} ({UNITS[name]})" if name in UNITS else name


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
