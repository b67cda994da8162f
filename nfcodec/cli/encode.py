"""``nfcodec encode``: a field as a ``.nfc`` file."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nfcodec.atomic import check_output, writing
from nfcodec.cli.console import Verb, console, size
from nfcodec.cli.inputs import check_data, state_of
from nfcodec.cli.options import (
    BITS,
    INPUT,
    METHODS,
    PSNR,
    RATE_WEIGHT,
    Bytes,
    check_device,
    data_option,
    device_option,
    existing_file,
    json_option,
    output_option,
    overwrite_option,
    resume_option,
    seed_option,
    steps_option,
    vqvae_option,
)
from nfcodec.errors import UsageError

if TYPE_CHECKING:
    from nfcodec.model.coded import CodedField
    from nfcodec.model.field import Field

log = logging.getLogger("nfcodec")


@click.command(
    cls=Verb,
    short_help="Code a field as a .nfc file.",
    epilog="""\b
Examples:
  nfcodec encode lego.pt                        writes lego.nfc; vqad, 4 bits, no data needed
  nfcodec encode lego.pt -b 4 --data lego/      the same, finetuned on the images
  nfcodec encode lego.pt -m ecq --lambda 0.2    smaller: bits only where they show
  nfcodec encode lego.pt --target-size 150kB    at most 150,000 bytes, and hardly less
  nfcodec encode lego.pt --target-psnr 31 --data lego/    31 dB on the held-out views
  nfcodec encode lego.pt --layers 4             arrives in more and smaller steps
  nfcodec encode lego.pt -m kmeans -b 6 -o km6.nfc
  nfcodec encode lego.pt -m lra --rank 4
  nfcodec encode scan24.pt --vqvae vqvae.pt     a vq-nerf without its decoder, by its hash
  nfcodec encode model.ckpt.tar -b 6            another tool's checkpoint, known by its content

\b
Targets (methods ecq, which they imply, and vqad):
  --target-size  bytes of the whole file, preview and metadata included: at most that, at least
                 98 % of it. B, kB, MB are powers of 1000, KiB and MiB of 1024; a plain number is
                 bytes.
  --target-psnr  dB, within 0.1: on the held-out views of a nerf's --data; without data between
                 the field and its codes, as `nfcodec compare` tells: of images (nerf), of
                 distances near the surface (sdf), of values (scalar).
  One that cannot be met ends with exit code 2, says what can be reached, and writes nothing.

\b
Methods:
  vqad     learned vector quantization: indices, codebooks and decoder trained together
  ecq      the same under a rate constraint: fewer bytes at equal quality
  kmeans   vector quantization by k-means, one codebook for each level
  lra      low-rank approximation: truncated SVD of each level
  float16  uncompressed features in the same container
""",
)
@click.argument("field", type=INPUT)
@output_option("File to write; FIELD with the suffix .nfc by default.")
@click.option(
    "-m", "--method", type=click.Choice(list(METHODS)),
    help="How to code the features; see below.  [default: vqad; ecq for a target]",
)  # fmt: skip
@click.option("-b", "--bits", type=BITS, help="Bits of an index (vqad, kmeans: 4; ecq: 6).")
@click.option(
    "--target-size", type=Bytes(), help="Bytes that the file is to have, such as 150kB; see below."
)
@click.option("--target-psnr", type=PSNR, help="Quality in dB that is to be left; see below.")
@click.option(
    "--lambda", "rate_weight", type=RATE_WEIGHT,
    help="Share of the loss by which a bit more per vector has to lower it: more is smaller "
    "(ecq: 0.1; vqad: codes of fixed rate unless it is given).",
)  # fmt: skip
@click.option("--rank", type=click.IntRange(1), help="Rank of the approximation (lra).")
@click.option(
    "--layers", type=click.IntRange(1, 8),
    help="Layers that each level of detail arrives in, the coarsest first; 1 for none (vqad, ecq, "
    "kmeans: 2, where they take hardly more bytes).",
)  # fmt: skip
@data_option("Images or mesh the field was trained on, to finetune on (vqad, ecq).")
@click.option(
    "--preview/--no-preview", default=True, show_default=True,
    help="Put a small image at the end of the file, for programs that cannot draw fields.",
)  # fmt: skip
@vqvae_option
@steps_option("2000 (vqad, ecq)")
@seed_option
@device_option
@resume_option
@overwrite_option
@json_option
def encode(
    field: Path, output: Path | None, method: str | None, bits: int | None, rank: int | None,
    target_size: int | None, target_psnr: float | None, rate_weight: float | None,
    data: Path | None, preview: bool, layers: int | None, vqvae: Path | None,
    steps: int | None, seed: int, device: str, resume: bool, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Code FIELD, a trained field of ours (.pt, .h5, .npz) or another tool's, as a .nfc file."""
    targets = {
        "target-size": target_size, "target-psnr": target_psnr, "lambda": rate_weight
    }  # fmt: skip
    named = [name for name, value in targets.items() if value is not None]
    if len(named) > 1:
        raise UsageError(f"--{named[0]} and --{named[1]} exclude each other")
    aimed = target_size is not None or target_psnr is not None
    method = method or ("ecq" if aimed else "vqad")
    if aimed and "rate_weight" not in METHODS[method]:
        users = ", ".join(m for m, options in METHODS.items() if "rate_weight" in options)
        raise UsageError(f"--{named[0]} does not apply to method {method}; it is for {users}")
    given = {
        "bits": bits, "rank": rank, "steps": steps, "data": data, "rate_weight": rate_weight
    }  # fmt: skip
    # The option, what a method must take for it, and whether it was given.
    needs = [(name, name, value is not None) for name, value in given.items()]
    for name, needed, is_given in [*needs, ("layers", "bits", layers is not None)]:
        if is_given and needed not in METHODS[method]:
            users = ", ".join(m for m, options in METHODS.items() if needed in options)
            name = "lambda" if name == "rate_weight" else name
            raise UsageError(f"--{name} does not apply to method {method}; it is for {users}")
    if aimed and vqvae is not None:
        raise UsageError(f"--{named[0]} is met by files with all that they need; leave --vqvae out")
    if resume and "steps" not in METHODS[method]:
        raise UsageError(f"--resume does not apply to method {method}, which runs in one go")
    check_device(device)
    existing_file(field)
    check_data(data)
    output = output or field.with_suffix(".nfc")
    if output.suffix.lower() != ".nfc":
        raise UsageError(f"cannot write {output}: a coded field is a .nfc file")
    if output.exists() and output.samefile(field):
        raise UsageError(
            f"cannot write {output}: it is the input; if that is coded already give the field it "
            "was made from, else name another file with -o"
        )
    check_output(output, overwrite)
    state = state_of(output, resume, overwrite) if "steps" in METHODS[method] else None

    from nfcodec import coding, quantize
    from nfcodec.files import open_data, require_plain
    from nfcodec.importers.decoders import left_out, put_in
    from nfcodec.rd.layers import single

    source = require_plain(field)
    decoder = None if vqvae is None else left_out(source, vqvae)
    source = put_in(source, vqvae, field)
    training = None if data is None else open_data(data, source.kind, "train")
    image = _image if preview else None
    quality: dict[str, object] = {}
    if aimed:
        from nfcodec.rd import target

        views = data is not None and target_psnr is not None and source.is_radiance
        found = target.encode(
            source, size=target_size, psnr=target_psnr, method=method, bits=bits, steps=steps,
            data=training, test_data=open_data(data, source.kind) if data and views else None,
            image=image, seed=seed, device=device, progress=console.progress(), resume=state,
            layers=layers,
        )  # fmt: skip
        coded, count = found.field, len(found.data)
        with writing(output, overwrite=overwrite) as aside:
            aside.write_bytes(found.data)
        if found.measure is not None:
            quality = {found.measure: found.quality}
    else:
        coded = quantize.encode(
            source, method, bits=bits, rank=rank, steps=steps, rate_weight=rate_weight, seed=seed,
            device=device, data=training, progress=console.progress(), resume=state,
        )  # fmt: skip
        _hint(coded)
        coded = _measured(source, coded, seed, device)
        drawn = image and partial(image, coded)
        if decoder is not None and coded.image is not None:
            coded = replace(coded, image=replace(coded.image, decoder=decoder))
        count = coding.save(
            coded, output, overwrite=overwrite, preview=drawn,
            layers=layers or single(coded, seed, device),
        )  # fmt: skip
    if state is not None:
        state.unlink(missing_ok=True)
    before = field.stat().st_size
    console.result(
        as_json,
        {"path": output, "bytes": count, "source": field, "source_bytes": before,
         "ratio": before / count, "lods": coded.num_lods,
         "encoding": coded.metadata.get("encoding", {"method": method}), **quality},
        f"{output}: {size(count)}, 1/{before / count:.3g} of {field} ({size(before)})"
        + _left_out(source, coded)
        + "".join(f", {name} {value:.2f} dB" for name, value in quality.items()),
    )  # fmt: skip


def _left_out(source: Field, coded: CodedField) -> str:
    """Says so if the rate did not pay for the finest LODs."""
    if coded.num_lods == source.num_lods:
        return ""
    return f", {coded.num_lods} of {source.num_lods} LODs: finer ones are not worth their bytes"


def _hint(coded: CodedField) -> None:
    """Says so if a rate weight had too few codes to be heeded."""
    from nfcodec.quantize.contract import MAX_BITS
    from nfcodec.quantize.rates import wants_more_codes

    encoding = coded.metadata.get("encoding", {})
    if not isinstance(encoding, dict) or encoding.get("rate_weight") is None:
        return
    bits = encoding["bits"]
    if bits < MAX_BITS and wants_more_codes(coded, bits):
        console.note(
            f"all {1 << bits} codes are in use almost evenly: a smaller --lambda would change "
            f"little; -b {min(bits + 2, MAX_BITS)} reaches further"
        )


def _image(coded: CodedField, file_bytes: int) -> bytes | None:
    """The preview to store; none, and a warning, if it cannot be drawn.

    Whatever the reason: it must not cost what may be an hour's learning.
    """
    try:
        from nfcodec.render import preview

        return preview.draw(coded, file_bytes)
    except Exception as error:
        log.warning("no preview is stored: %s", str(error) or type(error).__name__)
        return None


def _measured(source: Field, coded: CodedField, seed: int, device: str) -> CodedField:
    """``coded`` with what coding cost, the PSNR of its values, as metadata ``metrics``."""
    from nfcodec.metrics.fields import FieldMetrics

    stick = FieldMetrics(source, seed=seed, device=device)
    psnr = stick.value_psnr(stick.module_of(coded))
    if psnr is None or not math.isfinite(psnr):
        return coded
    metrics = {"value_psnr": round(float(psnr), 3)}
    return replace(coded, metadata={**coded.metadata, "metrics": metrics})
