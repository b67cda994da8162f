"""``nfcodec rd-curve``: rate against distortion for several methods, as a figure and tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from nfcodec.cli.console import Verb, console, size, table
from nfcodec.cli.inputs import check_data
from nfcodec.cli.options import (
    INPUT,
    Listed,
    UserPath,
    check_device,
    data_option,
    device_option,
    existing_file,
    is_given,
    json_option,
    method_infos,
    option_type,
    overwrite_option,
    seed_option,
    steps_option,
)
from nfcodec.errors import UsageError
from nfcodec.methods import METHODS, taking

_BITS, _RATE_WEIGHTS = (
    Listed(option_type(method_infos()[name][0])) for name in ("bits", "rate_weight")
)
#: The parameter and the methods' option behind each option that some methods have no use for.
_OPTIONS = {
    "bits": ("bits", "bits"),
    "lambda": ("rate_weights", "rate_weight"),
    "rank": ("ranks", "rank"),
    "steps": ("steps", "steps"),
}


@click.command(
    "rd-curve",
    cls=Verb,
    short_help="Plot rate against distortion for several methods.",
    epilog="""\b
Examples:
  nfcodec rd-curve lego.pt -o rd/
  nfcodec rd-curve lego.pt --data lego/ -m vqad,kmeans,lra -b 1,2,4,6,8 -o rd/
  nfcodec rd-curve lego.pt --data lego/ -m ecq,vqad --lambda 0.03,0.1,0.3,1 -o rd/
  nfcodec rd-curve lego.pt -m vqad -b 4 --lods -o rd/
""",
)
@click.argument("field", type=INPUT)
@click.option(
    "-o", "--output", type=UserPath(), default=Path("rd"), show_default=True,
    help="Folder for rd.png, rd.svg, rd.csv and rd.json; made if it is not there.",
)  # fmt: skip
@click.option(
    "-m", "--methods", type=Listed(click.Choice(list(METHODS))), default="vqad,kmeans,lra",
    show_default=True, help="Methods to try.",
)  # fmt: skip
@click.option(
    "-b", "--bits", type=_BITS, default="1,2,4,6,8", show_default=True,
    help="Bits of an index, for vqad and kmeans.",
)  # fmt: skip
@click.option(
    "--lambda", "rate_weights", type=_RATE_WEIGHTS, default="0.03,0.1,0.3,1",
    show_default=True, help="Weights of the rate, for ecq.",
)  # fmt: skip
@click.option(
    "--rank", "ranks", type=Listed(click.IntRange(1)), help="Ranks for lra; spread by default."
)
@click.option("--lods", is_flag=True, help="Also measure each prefix of the levels of detail.")
@data_option("Images or mesh: finetuned and measured on; value_psnr is measured without.")
@steps_option("2000")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Points worked on at once; by memory by default."
)
@seed_option
@device_option
@overwrite_option
@json_option
def rd_curve(
    field: Path, output: Path, methods: tuple[str, ...], bits: tuple[int, ...],
    rate_weights: tuple[float, ...], ranks: tuple[int, ...] | None, lods: bool, data: Path | None,
    steps: int | None, jobs: int | None, seed: int, device: str, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Code FIELD in many ways and measure each: real file sizes against quality.

    Points already in the output folder are kept, so the same command goes on where it stopped;
    --overwrite starts over.
    """
    for name, (parameter, option) in _OPTIONS.items():
        users = [name for name, cls in METHODS.items() if cls.rate == option] or taking(option)
        if is_given(parameter) and not set(users) & set(methods):
            raise UsageError(
                f"--{name} does not apply to {', '.join(methods)}; it is for {', '.join(users)}"
            )
    check_device(device)
    existing_file(field)
    check_data(data)
    console.on_interrupt("run the same command to go on")
    from nfcodec.rd.sweep import sweep

    with _folder(output):
        found = sweep(
            field, output, methods=methods, bits=bits, ranks=ranks, rate_weights=rate_weights,
            lods=lods, data=data, steps=steps, jobs=jobs, seed=seed, device=device,
            overwrite=overwrite, progress=console.progress(),
        )  # fmt: skip
    console.result(as_json, found, _text(found, output))


@contextmanager
def _folder(path: Path) -> Iterator[None]:
    """Makes the folder ``path`` if it is not there; it goes again if the block fails before
    anything is in it."""
    made = not path.exists()
    _make_folder(path)
    try:
        yield
    except BaseException:
        if made:
            with suppress(OSError):  # something is in it
                path.rmdir()
        raise


def _make_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file, and rd-curve writes a folder; choose another -o")
    if not path.exists():
        if not path.absolute().parent.is_dir():
            raise UsageError(f"cannot make {path}: the folder {path.absolute().parent} is missing")
        try:
            path.mkdir()
        except OSError as error:
            raise UsageError(f"cannot make {path}: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise UsageError(f"the folder {path} cannot be written")


def _text(found: dict[str, Any], output: Path) -> str:
    points = [found["uncompressed"], *found["points"]]
    names = list(dict.fromkeys(name for point in points for name in point["metrics"]))
    rows = [
        (
            point["method"],
            _number(point["bits"] or point["rank"] or point["rate_weight"]), _number(point["lod"]),
            size(point["bytes"]), *(_number(point["metrics"].get(name)) for name in names),
        )
        for point in points
    ]  # fmt: skip
    lines = [table(rows, ("method", "bits/rank/lambda", "lod", "size", *names))]
    for anchor, others in found["bd_rate"].items():
        rates = [
            (name, "-" if percent is None else f"{percent:+.1f} %")
            for name, percent in others.items()
        ]
        lines += ["", table(rates, ("method", f"Bjontegaard rate against {anchor}"))]
    return "\n".join(
        [*lines, "", *(str(output / f"rd.{s}") for s in ("png", "svg", "csv", "json"))]
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
