"""``nfcodec train``: fit a field to images or to a mesh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nfcodec.atomic import check_output
from nfcodec.cli.console import Verb, VerbGroup, console, size
from nfcodec.cli.inputs import state_of
from nfcodec.cli.options import (
    INPUT,
    check_device,
    device_option,
    existing,
    json_option,
    output_option,
    overwrite_option,
    resume_option,
    seed_option,
    sign_option,
    steps_option,
)
from nfcodec.errors import NfcodecError, UsageError

if TYPE_CHECKING:
    from nfcodec.data import FieldData
    from nfcodec.data.sdf import Sign
    from nfcodec.model.field import Field

SUFFIXES = (".pt", ".h5")


@click.group(cls=VerbGroup, short_help="Fit a field to images or to a mesh.")
def train() -> None:
    """Fit a neural field: `nerf` to posed images, `sdf` to a mesh."""


@train.command(
    cls=Verb,
    epilog="""\b
Examples:
  nfcodec train nerf lego/ -o lego.pt
  nfcodec train nerf fox/ -o fox.pt --steps 2000 --seed 7
  nfcodec train nerf dtu_scan24/ -o scan24.pt --surface
  nfcodec train nerf lego/ -o lego.pt --resume
""",
)
@click.argument("data", type=INPUT)
@output_option("Field to write: .pt or .h5.", required=True)
@click.option(
    "--surface", is_flag=True,
    help="Let a signed distance cause the density, so that `decode` gives its surface as a mesh.",
)  # fmt: skip
@steps_option("2400")
@seed_option
@device_option
@resume_option
@overwrite_option
@json_option
def nerf(
    data: Path, output: Path, surface: bool, steps: int | None, seed: int, device: str,
    resume: bool, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Fit a radiance field to the posed images in the folder DATA.

    DATA holds the images and transforms_train.json (Blender layout), a single transforms.json, or
    cameras_sphere.npz (NeuS; cameras.npz as IDR and H3DS have it).
    """
    check_device(device)
    existing(data)
    state = prepare(output, resume, overwrite)
    from nfcodec.data import images
    from nfcodec.train.nerf import NerfSettings, train_nerf
    from nfcodec.train.surface import SurfaceSettings

    settings = NerfSettings(surface=SurfaceSettings() if surface else None)
    field = train_nerf(
        images.load(data, split="train"), settings=settings, steps=steps, seed=seed, device=device,
        progress=console.progress(), checkpoint=state,
    )  # fmt: skip
    try:
        held_out = images.load(data, split="test")
    except NfcodecError as error:  # training needs no test views; say so and go on
        console.note(f"no held-out views to measure on: {error}")
        held_out = None
    finish(measured(field, held_out, seed, device), output, state, overwrite, as_json)


@train.command(
    cls=Verb,
    epilog="""\b
Examples:
  nfcodec train sdf armadillo.obj -o armadillo.pt
  nfcodec train sdf scan.ply -o scan.pt --sign winding
""",
)
@click.argument("mesh", type=INPUT)
@output_option("Field to write: .pt or .h5.", required=True)
@sign_option
@steps_option("2500")
@seed_option
@device_option
@resume_option
@overwrite_option
@json_option
def sdf(
    mesh: Path, output: Path, sign: Sign, steps: int | None, seed: int, device: str,
    resume: bool, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Fit a signed distance field to the MESH (.obj, .ply, .stl, .glb or .gltf)."""
    check_device(device)
    existing(mesh)
    state = prepare(output, resume, overwrite)
    from nfcodec.data import meshes
    from nfcodec.train.sdf import train_sdf

    shape = meshes.load(mesh)
    field = train_sdf(
        shape, sign=sign, steps=steps, seed=seed, device=device,
        progress=console.progress(), checkpoint=state,
    )  # fmt: skip
    finish(measured(field, shape, seed, device), output, state, overwrite, as_json)


def measured(field: Field, data: FieldData | None, seed: int, device: str) -> Field:
    """``field`` with its quality on views or points not trained on, as metadata ``metrics``."""
    from nfcodec.metrics.fields import FieldMetrics

    if data is None:
        return field
    stick = FieldMetrics(field, data=data, seed=seed, device=device, progress=console.progress())
    found = stick.on_data(stick.module)
    metrics = {name: round(float(value), 6) for name, value in found.items() if value is not None}
    return replace(field, metadata={**field.metadata, "metrics": metrics})


def prepare(output: Path, resume: bool, overwrite: bool) -> Path:
    """The state file of work on ``output``; UsageError if that cannot be written."""
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"cannot write {output}: a trained field is a .pt or .h5 file")
    check_output(output, overwrite)
    return state_of(output, resume, overwrite)


def finish(field: Field, output: Path, state: Path, overwrite: bool, as_json: bool) -> None:
    """Write ``field``, which makes the state superfluous, and say what it is."""
    from nfcodec.exporters import export

    export(field, output, overwrite=overwrite)
    state.unlink(missing_ok=True)
    count = output.stat().st_size
    metrics: dict[str, Any] = dict(field.metadata.get("metrics", {}))
    figures = "".join(f", {name} {value:.4g}" for name, value in metrics.items())
    console.result(
        as_json,
        {"path": output, "bytes": count, "kind": field.kind, "lods": field.num_lods,
         "metrics": metrics},
        f"{output}: {field.kind} field, {size(count)}, {field.num_lods} levels of detail{figures}",
    )  # fmt: skip
