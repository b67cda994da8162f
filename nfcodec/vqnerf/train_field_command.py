"""``nfcodec train vq-nerf``: fit a surface and the decoder of its images to images."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nfcodec.cli.console import Verb, console
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
)
from nfcodec.cli.train import finish, measured, prepare
from nfcodec.errors import NfcodecError, UsageError

if TYPE_CHECKING:
    from nfcodec.vqnerf.loss import Semantic
    from nfcodec.vqnerf.train_field import VqNerfSettings

#: Terms of the loss whose weight may be given, by what holds them; a test compares them.
WEIGHTS = ("commitment", "features", "decoded", "rays", "semantic", "eikonal", "mask")
_SURFACE = ("eikonal", "mask")


class Weight(click.ParamType):  # type: ignore[type-arg]
    """``TERM=NUMBER``."""

    name = "term=number"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, float]:
        if isinstance(value, tuple):
            return value  # type: ignore[return-value]
        name, _, number = str(value).partition("=")
        if name not in WEIGHTS:
            self.fail(f"{name!r} is no term of the loss; there are {', '.join(WEIGHTS)}")
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if not 0.0 <= weight < math.inf:
            self.fail(f"{value!r} needs a number of 0 or more after its =")
        return name, weight


@click.command(
    "vq-nerf",
    cls=Verb,
    epilog="""\b
Examples:
  nfcodec train vqvae dtu_scan24/ -o vqvae.pt
  nfcodec train vq-nerf dtu_scan24/ --vqvae vqvae.pt -o scan24.pt
  nfcodec train vq-nerf dtu_scan24/ --vqvae vqvae.pt -o scan24.pt --no-global
  nfcodec train vq-nerf dtu_scan24/ --vqvae vqvae.pt -o scan24.pt --no-finetune
  nfcodec train vq-nerf dtu_scan24/ --vqvae vqvae.pt -o scan24.pt --clip ViT-B-32/

\b
Terms of the loss and their weights (--weight), beside the colors' mean squared error:
  commitment  features less their codes                          0.01
  features    features less what the VQ-VAE's encoder gives      0.3
  decoded     all of the low resolution, next to --global        1
  rays        rays at the full resolution, with --global         1
  semantic    CLIP's cosine distance, with --clip                0.01
  eikonal     length of the distance's slope less one            0.01
  mask        opacity less the images' alpha                     0.1
""",
)
@click.argument("data", type=INPUT)
@output_option("Field to write: .pt or .h5.", required=True)
@click.option(
    "--vqvae", type=INPUT, required=True,
    help="VQ-VAE whose decoder makes the images, as `nfcodec train vqvae` writes it.",
)  # fmt: skip
@click.option(
    "--scale", type=click.IntRange(1, 32),
    help="Pixels that a feature vector spans; that of the VQ-VAE, which must have this one.",
)  # fmt: skip
@click.option(
    "--global/--no-global", "sampled", default=True, show_default=True,
    help="Sample the full resolution as well, once a pixel, through layers of its own.",
)  # fmt: skip
@click.option(
    "--finetune/--no-finetune", default=True, show_default=True,
    help="Train the decoder with the scene; without, many scenes can share one.",
)  # fmt: skip
@click.option(
    "--semantic/--no-semantic", default=True, show_default=True,
    help="Keep CLIP's embeddings of images those of the real ones; off without --clip.",
)  # fmt: skip
@click.option("--clip", type=INPUT, help="Folder of a CLIP model, as transformers saves it.")
@click.option("--weight", "weights", type=Weight(), multiple=True, help="See below.")
@click.option("--steps", type=click.IntRange(2), help="Training steps in all; 4000 by default.")
@seed_option
@device_option
@resume_option
@overwrite_option
@json_option
def vq_nerf(
    data: Path, output: Path, vqvae: Path, scale: int | None, sampled: bool, finetune: bool,
    semantic: bool, clip: Path | None, weights: tuple[tuple[str, float], ...], steps: int | None,
    seed: int, device: str, resume: bool, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Fit a surface to the posed images in the folder DATA, and a decoder of its images to it.

    Rays at 1/4 of the resolution see features, and the decoder makes the image of them
    (VQ-NeRF). DATA as for `train nerf`.
    """
    if clip is not None and not semantic:
        raise UsageError("--clip is for --semantic")
    check_device(device)
    for path in (data, vqvae, *([clip] if clip is not None else [])):
        existing(path)
    state = prepare(output, resume, overwrite)
    from nfcodec.data import images
    from nfcodec.vqnerf import vqvae_file as vqvaes
    from nfcodec.vqnerf.train_field import VqNerfSettings, train_vq_nerf

    halves = vqvaes.load(vqvae)
    if scale not in (None, halves.decoder.scale):
        raise UsageError(
            f"--scale {scale}: the VQ-VAE in {vqvae} has scale {halves.decoder.scale}; `nfcodec "
            f"train vqvae --scale {scale}` trains one of the other"
        )
    settings = replace(VqNerfSettings(), sampled=sampled, finetune=finetune)
    field = train_vq_nerf(
        images.load(data, split="train"), halves, settings=_weighted(settings, dict(weights)),
        steps=steps, semantic=_semantic(semantic, clip, device), seed=seed, device=device,
        progress=console.progress(), checkpoint=state,
    )  # fmt: skip
    try:
        held_out = images.load(data, split="test")
    except NfcodecError as error:  # training needs no test views; say so and go on
        console.note(f"no held-out views to measure on: {error}")
        held_out = None
    finish(measured(field, held_out, seed, device), output, state, overwrite, as_json)


def _weighted(settings: VqNerfSettings, given: dict[str, float]) -> VqNerfSettings:
    """``settings`` with the weights that were given."""
    assert settings.nerf.surface is not None
    of_surface = {name: given[name] for name in _SURFACE if name in given}
    others = {name: weight for name, weight in given.items() if name not in _SURFACE}
    nerf = replace(settings.nerf, surface=replace(settings.nerf.surface, **of_surface))
    return replace(settings, nerf=nerf, weights=replace(settings.weights, **others))


def _semantic(wanted: bool, clip: Path | None, device: str) -> Semantic | None:
    """CLIP's distance between images; None, with a note, if requested without weights."""
    if clip is None:
        if wanted:
            console.note("no --clip weights: the semantic term of the loss is off")
        return None
    from nfcodec.vqnerf.semantic import SemanticLoss

    return SemanticLoss(clip, device)
