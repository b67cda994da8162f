"""``nfcodec encode``: parses what users type, calls the encoder, and says what it wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nfcodec.atomic import check_output, writing
from nfcodec.cli.console import Verb, console, size
from nfcodec.cli.encode_straight import LATTICE, encode_straight, lattice_request
from nfcodec.cli.encode_volume import encode_volume, volume_request
from nfcodec.cli.inputs import check_data, state_of
from nfcodec.cli.options import (
    INPUT,
    PSNR,
    Bytes,
    Listed,
    Share,
    check_device,
    data_option,
    device_option,
    existing_file,
    json_option,
    method_option,
    output_option,
    overwrite_option,
    resume_option,
    seed_option,
    shared_options,
)
from nfcodec.encoder.request import EncodeRequest, Quality, Size
from nfcodec.errors import UsageError
from nfcodec.files import is_array, is_mesh
from nfcodec.methods import METHODS, taking

if TYPE_CHECKING:
    from nfcodec.encoder.encode_file import EncodedFile
    from nfcodec.model.coded import CodedField
    from nfcodec.model.field import Field

#: Options of the command that a method takes under another name: what learns takes data, and what
#: has indices comes in layers.
_NEEDS = {"data": "steps", "layers": "bits"}


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
  nfcodec encode model.ckpt.tar -b 6            another tool's checkpoint, known by its content
  nfcodec encode model.pth --refit              an octree of ours, learned from what it gives
  nfcodec encode armadillo.obj                  a mesh, straight to its distances: seconds
  nfcodec encode armadillo.obj --max-error 0.05%
  nfcodec encode head.npy --max-error 0.5%      an array: every value within 0.5 % of the range
  nfcodec encode head.raw --shape 58,248,175 --dtype u1 --max-error 0      whole numbers, exactly

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
  lattice  values on lattices, predicted from coarser ones, without a network or learning: for
           meshes and arrays (.npy .npz .raw), which are always coded so, and fields of distances
           or scalars
""",
)
@click.argument("field", type=INPUT)
@output_option("File to write; FIELD with the suffix .nfc by default.")
@click.option(
    "-m", "--method", type=click.Choice([*METHODS, LATTICE]),
    help="How to code it; see below.  [default: vqad; ecq for a target; lattice for a mesh]",
)  # fmt: skip
@method_option("bits")
@click.option("--target-size", type=Bytes(), help="Target file size, such as 150kB; see below.")
@click.option("--target-psnr", type=PSNR, help="Target quality in dB; see below.")
@click.option(
    "--max-error",
    type=Share(),
    help="Largest error of every coded vertex, as a share of the box's longest side such as "
    "0.05%, or of every value of an array, as a share of their range (lattice).",
)
@click.option(
    "--shape", type=Listed(click.IntRange(1)),
    help="Sides of a .raw array, the slowest axis first, such as 41,128,128.",
)  # fmt: skip
@click.option("--dtype", help="Type of the values of a .raw array, such as '<f4' or u1.")
@click.option(
    "--resolution",
    type=click.IntRange(32, 512),
    help="Voxels along a side of the finest lattice, a power of two (lattice).  [default: as the "
    "shape or the target needs]",
)
@method_option("rate_weight")
@method_option("rank")
@click.option(
    "--layers", type=click.IntRange(1, 8),
    help="Layers that each level of detail arrives in, the coarsest first; 1 for none (vqad, ecq, "
    "kmeans: 2, where they take hardly more bytes).",
)  # fmt: skip
@data_option("Images or mesh the field was trained on, to finetune on (vqad, ecq).")
@click.option(
    "--refit/--no-refit", default=None,
    help="Learn octrees of ours from what FIELD gives, and code these.  [default: of what cannot "
    "be coded as it is]",
)  # fmt: skip
@click.option(
    "--preview/--no-preview", default=True, show_default=True,
    help="Put a small image at the end of the file, for programs that cannot draw fields.",
)  # fmt: skip
@shared_options
@method_option("steps")
@seed_option
@device_option
@resume_option
@overwrite_option
@json_option
def encode(
    field: Path, output: Path | None, method: str | None, bits: int | None, rank: int | None,
    target_size: int | None, target_psnr: float | None, max_error: float | None,
    shape: tuple[int, ...] | None, dtype: str | None,
    resolution: int | None, rate_weight: float | None,
    data: Path | None, refit: bool | None, preview: bool, layers: int | None,
    steps: int | None, seed: int, device: str, resume: bool, overwrite: bool, as_json: bool,
    **shared_files: Path | None,
) -> None:  # fmt: skip
    """Code FIELD, a trained field of ours (.pt, .h5, .npz), another tool's, a mesh or an array of
    values (.npy, .npz, .raw), as a .nfc file."""
    others = {
        "bits": bits, "rank": rank, "steps": steps, "lambda": rate_weight, "data": data,
        "layers": layers, "target-psnr": target_psnr, "resume": resume or None, **shared_files,
    }  # fmt: skip
    if is_array(field):
        others |= {"target-psnr": None, "resolution": resolution}
        asked = volume_request(field, method, others, max_error, target_psnr, target_size)
        output = _output(field, output)
        check_output(output, overwrite)
        encode_volume(field, output, asked, shape, dtype, overwrite, as_json)
        return
    for option, given_value in (("shape", shape), ("dtype", dtype)):
        if given_value is not None:
            raise UsageError(f"--{option} is for arrays in .raw files")
    if method == LATTICE or is_mesh(field):
        wanted = lattice_request(field, method, others, max_error, target_size, resolution)
        existing_file(field)
        output = _output(field, output)
        check_output(output, overwrite)
        encode_straight(field, output, wanted, overwrite, as_json)
        return
    for option, value in (("max-error", max_error), ("resolution", resolution)):
        if value is not None:
            raise UsageError(f"--{option} is for -m lattice")
    target = _target(target_size, target_psnr, rate_weight)
    method = method or ("vqad" if target is None else "ecq")
    given = {
        "bits": bits, "rank": rank, "steps": steps, "rate_weight": rate_weight, "data": data,
        "layers": layers,
    }  # fmt: skip
    _check_options(method, given, target_size, target_psnr)
    left_out = [option for option, path in shared_files.items() if path is not None]
    if target is not None and left_out:
        name = "target-size" if target_size is not None else "target-psnr"
        raise UsageError(
            f"--{name} is met by files with all that they need; leave --{left_out[0]} out"
        )
    learns = METHODS[method].learns
    if resume and not learns:
        raise UsageError(f"--resume does not apply to method {method}, which runs in one go")
    check_device(device)
    existing_file(field)
    check_data(data)
    output = _output(field, output)
    check_output(output, overwrite)
    state = state_of(output, resume, overwrite) if learns else None

    from nfcodec import shared
    from nfcodec.encoder.encode_file import encode_file
    from nfcodec.files import open_data, require_plain

    plain = _refitted(field, seed, device) if _refits(field, refit) else require_plain(field)
    stage = shared.left_out(plain, shared_files)
    source = shared.put_in(plain, shared_files, field)
    views = data is not None and target_psnr is not None and source.is_radiance
    request = EncodeRequest.of(
        method, target=target, bits=bits, rank=rank, steps=steps, rate_weight=rate_weight,
        layers=layers, preview=preview,
        data=None if data is None else open_data(data, source.kind, "train"),
        test_data=open_data(data, source.kind) if data is not None and views else None,
        seed=seed, device=device, resume=state, image=stage,
    )  # fmt: skip
    found = encode_file(source, request, console.progress())
    with writing(output, overwrite=overwrite) as aside:
        aside.write_bytes(found.data)
    if state is not None:
        state.unlink(missing_ok=True)
    if target is None:
        _hint(found.coded)
    _report(field, source, output, found, as_json)


def _refits(field: Path, wanted: bool | None) -> bool:
    """Whether to learn a field from ``field``: as wanted, else if there is no other way."""
    from nfcodec import importers
    from nfcodec.files import kind_of

    if kind_of(field) == "coded" or wanted is not None:
        return bool(wanted)
    needed = importers.needs_refit(field)
    if needed:
        console.note(f"{field}: cannot be coded as it is; a field of octrees is learned from it")
    return needed


def _refitted(field: Path, seed: int, device: str) -> Field:
    """A field of octrees that gives what ``field`` gives."""
    from nfcodec import importers
    from nfcodec.evaluate.function import of_field
    from nfcodec.files import kind_of, open
    from nfcodec.train.refit import refit

    function = of_field(open(field)) if kind_of(field) == "coded" else importers.function(field)
    return refit(function, seed=seed, device=device, progress=console.progress())


def _target(size: int | None, psnr: float | None, weight: float | None) -> Size | Quality | None:
    """What the file has to meet. UsageError if it is two things at once."""
    targets = {"target-size": size, "target-psnr": psnr, "lambda": weight}
    named = [name for name, value in targets.items() if value is not None]
    if len(named) > 1:
        raise UsageError(f"--{named[0]} and --{named[1]} exclude each other")
    if size is not None:
        return Size(size)
    return None if psnr is None else Quality(psnr)


def _check_options(
    method: str, given: Mapping[str, object], size: int | None, psnr: float | None
) -> None:
    """UsageError that names the methods an option is for, if it does not apply to ``method``."""
    # Each option, what a method must take for it, and its value.
    needs: list[tuple[str, str, object]] = [
        ("target-size", "rate_weight", size), ("target-psnr", "rate_weight", psnr),
        *(
            ("lambda" if name == "rate_weight" else name, _NEEDS.get(name, name), value)
            for name, value in given.items()
        ),
    ]  # fmt: skip
    for name, needed, value in needs:
        users = taking(needed)
        if value is not None and method not in users:
            raise UsageError(
                f"--{name} does not apply to method {method}; it is for {', '.join(users)}"
            )


def _output(field: Path, output: Path | None) -> Path:
    """The file to write, which is not the input."""
    output = output or field.with_suffix(".nfc")
    if output.suffix.lower() != ".nfc":
        raise UsageError(f"cannot write {output}: a coded field is a .nfc file")
    if output.exists() and output.samefile(field):
        raise UsageError(
            f"cannot write {output}: it is the input; if that is coded already give the field it "
            "was made from, else name another file with -o"
        )
    return output


def _report(path: Path, source: Field, output: Path, found: EncodedFile, as_json: bool) -> None:
    """Print what was written."""
    coded, count, before = found.coded, len(found.data), path.stat().st_size
    quality = {} if found.measure is None else {found.measure: found.quality}
    console.result(
        as_json,
        {"path": output, "bytes": count, "source": path, "source_bytes": before,
         "ratio": before / count, "lods": coded.num_lods,
         "encoding": coded.metadata["encoding"], "metrics": coded.metadata.get("metrics", {}),
         **quality},
        f"{output}: {size(count)}, 1/{before / count:.3g} of {path} ({size(before)})"
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
    from nfcodec.methods import MAX_BITS
    from nfcodec.quantize.rate.estimates import wants_more_codes

    encoding = coded.metadata.get("encoding", {})
    if not isinstance(encoding, dict) or encoding.get("rate_weight") is None:
        return
    bits = encoding["bits"]
    if bits < MAX_BITS and wants_more_codes(coded, bits):
        console.note(
            f"all {1 << bits} codes are in use almost evenly: a smaller --lambda would change "
            f"little; -b {min(bits + 2, MAX_BITS)} reaches further"
        )
