"""``nfcodec train vqvae``: an encoder, a codebook and a decoder of images."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from nfcodec.atomic import check_output
from nfcodec.cli.console import Verb, console, size
from nfcodec.cli.inputs import state_of
from nfcodec.cli.options import (
    INPUT,
    F,
    check_device,
    device_option,
    existing,
    json_option,
    output_option,
    overwrite_option,
    resume_option,
    seed_option,
)
from nfcodec.errors import NfcodecError, UsageError

SUFFIX = ".pt"


class Codebook(click.ParamType):  # type: ignore[type-arg]
    """``KxD``: codes, and values of each."""

    name = "KxD"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value  # type: ignore[return-value]
        match = re.fullmatch(r"([1-9]\d{0,4})[xX]([1-9]\d{0,3})", str(value))
        if match is None:
            self.fail(f"{value!r} is not a codebook such as 2048x16: 2048 codes of 16 values")
        return int(match[1]), int(match[2])


def _count(name: str, text: str) -> Callable[[F], F]:
    return click.option(f"--{name}", type=click.IntRange(1), help=text)


@click.command(
    cls=Verb,
    epilog="""\b
Examples:
  nfcodec train vqvae dtu_scan24/ -o vqvae.pt
  nfcodec train vqvae holiday_images/ -o vqvae.pt --codebook 512x8 --scale 2
  nfcodec train vqvae dtu_scan24/ -o vqvae.pt --from vq-f4/
  nfcodec train vqvae dtu_scan24/ -o vqvae.pt --from vqgan.ckpt --steps 500
""",
)
@click.argument("images", type=INPUT)
@output_option("VQ-VAE to write: .pt.", required=True)
@click.option("--codebook", type=Codebook(), help="Codes, and values of each; 2048x16 by default.")
@click.option(
    "--scale", type=click.IntRange(2, 32),
    help="Pixels that a code spans along each axis, a power of two; 4 by default.",
)  # fmt: skip
@click.option(
    "--from", "source", type=INPUT,
    help="Take a trained one: ours, the folder of a diffusers VQModel, or a VQGAN checkpoint of "
    "taming-transformers. It is trained further with --steps only.",
)  # fmt: skip
@click.option("--lpips", type=INPUT, help="File of LPIPS weights, to train for likeness as well.")
@_count("width", "Channels of the networks; 64 by default.")
@_count("blocks", "Residual blocks of each half; 3 by default.")
@_count("patch", "Side of the patches trained on, in pixels; 64 by default.")
@_count("batch", "Patches a step; 8 by default.")
@click.option("--steps", type=click.IntRange(0), help="Training steps; 2000 by default.")
@seed_option
@device_option
@resume_option
@overwrite_option
@json_option
def vqvae(
    images: Path, output: Path, codebook: tuple[int, int] | None, scale: int | None,
    source: Path | None, lpips: Path | None, width: int | None, blocks: int | None,
    patch: int | None, batch: int | None, steps: int | None, seed: int, device: str, resume: bool,
    overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Learn to code the images in the folder IMAGES: what `train vq-nerf` decodes with.

    IMAGES is an image set, as for `train nerf`, whose held-out views are not looked at, or any
    folder of images, of which every eighth is held out.
    """
    check_device(device)
    network = {"codebook": codebook, "scale": scale, "width": width, "blocks": blocks}
    given = [f"--{name}" for name, value in network.items() if value is not None]
    if source is not None and given:
        raise UsageError(f"--from: what it names has a network of its own; leave out {given[0]}")
    learning = {"lpips": lpips, "patch": patch, "batch": batch}
    unused = [f"--{name}" for name, value in learning.items() if value is not None]
    if source is not None and not steps and unused:
        raise UsageError(f"{unused[0]} is for training; give --steps as well to train further")
    if source is None and steps == 0:
        raise UsageError("--steps 0 is for --from")
    for path in (images, source, lpips):
        if path is not None:
            existing(path)
    if output.suffix.lower() != SUFFIX:
        raise UsageError(f"cannot write {output}: a VQ-VAE is a {SUFFIX} file")
    check_output(output, overwrite)
    state = state_of(output, resume, overwrite)
    from nfcodec.data import unposed
    from nfcodec.evaluate.device import pick
    from nfcodec.metrics.lpips import Lpips
    from nfcodec.vqnerf import pretrained
    from nfcodec.vqnerf.model import digest, num_values
    from nfcodec.vqnerf.train_vqvae import VqvaeSettings, measure, of_start, train_vqvae
    from nfcodec.vqnerf.vqvae_writer import save

    start = None if source is None else pretrained.load(source)
    if start is not None:
        scale = start.decoder.scale
    options = {
        "codes": codebook and codebook[0], "features": codebook and codebook[1],
        "scale": scale, "width": width, "blocks": blocks, "patch": patch, "batch": batch,
        "steps": steps,
    }  # fmt: skip
    settings = None
    if start is None or steps:
        settings = VqvaeSettings(**{name: n for name, n in options.items() if n is not None})
        if start is not None:
            settings = of_start(settings, start)
    learned = unposed.load(images, "train")
    if start is not None and settings is None:
        found = start
    else:
        found = train_vqvae(
            learned, start=start, settings=settings,
            perceptual=None if lpips is None else Lpips(lpips, str(pick(device))),
            seed=seed, device=device,
            progress=console.progress(), checkpoint=state,
        )  # fmt: skip
    try:
        held_out = unposed.load(images, "test")
    except NfcodecError as error:  # training needs none; say so and go on
        console.note(f"no held-out images to measure on: {error}")
        metrics = {}
    else:
        metrics = measure(found, held_out, device)
    found = replace(found, metadata={**found.metadata, "metrics": metrics})
    save(found, output, overwrite=overwrite)
    state.unlink(missing_ok=True)
    decoder, count = found.decoder, output.stat().st_size
    figures = "".join(f", {name} {value:.4g}" for name, value in metrics.items())
    console.result(
        as_json,
        {"path": output, "bytes": count, "codebook": list(decoder.codebook.shape),
         "scale": decoder.scale, "decoder_values": num_values(decoder), "sha256": digest(decoder),
         "metrics": metrics},
        f"{output}: VQ-VAE, {size(count)}, {decoder.num_codes} codes of {decoder.num_features} "
        f"values, scale {decoder.scale}{figures}",
    )  # fmt: skip
