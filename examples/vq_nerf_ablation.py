"""VQ-NeRF taken apart: what each of its parts does to quality, time and bytes.

    python examples/vq_nerf_ablation.py dtu_scan24/ -o ablation/
    python examples/vq_nerf_ablation.py dtu_scan24/ -o ablation/ --size 200x150 --steps 1000

Trains VQ-VAEs, a plain surface at the full resolution, and ``vq-nerf`` fields with parts left out
or changed, and measures each on the held-out views: PSNR, SSIM, seconds per image and the bytes
of its ``.nfc`` (k-means, 6 bits). Every row is kept in a file of the output folder when it is done,
and training in between: run the same command again to go on after an interruption. ``table.md``
and ``table.json`` hold what is in the folder so far, whatever ``--rows`` asks for.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec import coding, encode, metrics
from nfcodec.atomic import writing
from nfcodec.data import images
from nfcodec.data.images import PosedImages
from nfcodec.data.unposed import UnposedImages
from nfcodec.errors import NfcodecError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.exporters import export
from nfcodec.fit.checkpoint import digest
from nfcodec.importers import load
from nfcodec.model.field import Field
from nfcodec.rd import inputs
from nfcodec.render import render
from nfcodec.train.nerf import NerfSettings, plain, train_nerf
from nfcodec.train.surface import SurfaceSettings
from nfcodec.vqnerf import vqvae_file as vqvaes
from nfcodec.vqnerf import vqvae_writer as vqvae_files
from nfcodec.vqnerf.model import Vqvae
from nfcodec.vqnerf.train_field import VqNerfSettings, reduced, train_vq_nerf
from nfcodec.vqnerf.train_vqvae import VqvaeSettings, train_vqvae


@dataclass(frozen=True)
class Row:
    """A field to be trained. ``vqvae``: codes, features and scale; None for the plain surface."""

    name: str
    vqvae: tuple[int, int, int] | None
    sampled: bool = True
    finetune: bool = True
    semantic: bool = False


PAPER = (2048, 16, 4)
ROWS = (
    Row("plain", None),
    Row("quarter", PAPER, sampled=False),
    Row("quarter + multi-scale", PAPER),
    Row("quarter + multi-scale + semantic", PAPER, semantic=True),
    Row("decoder left as it is", PAPER, finetune=False),
    Row("codebook 2048 x 8", (2048, 8, 4)),
    Row("codebook 2048 x 32", (2048, 32, 4)),
    Row("codebook 512 x 8", (512, 8, 4)),
    Row("half", (2048, 16, 2), sampled=False),
    Row("half + multi-scale", (2048, 16, 2)),
)


@dataclass(frozen=True)
class Bench:
    """What all rows share."""

    learned: PosedImages
    held_out: PosedImages
    folder: Path
    steps: int
    vqvae_steps: int
    nerf: NerfSettings
    patch: int
    codes: int | None
    clip: Path | None
    seed: int
    device: str

    def vqvae(self, codes: int, features: int, scale: int) -> Vqvae:
        """A VQ-VAE of the views that fields learn from, from the folder if it is there."""
        codes = min(codes, self.codes or codes)
        path = self.folder / f"vqvae_{codes}x{features}_{scale}.pt"
        if not path.exists():
            pixels = tuple(np.rint(p * 255).astype(np.uint8) for p in self.learned.colors())
            images = UnposedImages(pixels, self.learned.names, self.learned.path)
            settings = VqvaeSettings(
                codes=codes,
                features=features,
                scale=scale,
                steps=self.vqvae_steps,
                patch=4 * self.patch,
            )
            made = train_vqvae(
                images,
                settings=settings,
                seed=self.seed,
                device=self.device,
                checkpoint=path.with_suffix(".resume"),
            )
            vqvae_files.save(made, path, overwrite=True)
            path.with_suffix(".resume").unlink(missing_ok=True)
        return vqvaes.load(path)

    @cached_property
    def clip_digest(self) -> str:
        return "" if self.clip is None else inputs.digest(self.clip)[:8]

    def path(self, row: Row, suffix: str) -> Path:
        """A file of ``row``'s; what another CLIP has taught is another file."""
        name = re.sub(r"[^a-z0-9]+", "_", row.name.lower())
        return self.folder / f"{name}{'_' + self.clip_digest if row.semantic else ''}{suffix}"

    def field(self, row: Row) -> Field:
        """The field of ``row``, from the folder if it is there."""
        path = self.path(row, ".pt")
        if not path.exists():
            state = path.with_suffix(".resume")
            options: dict[str, Any] = {
                "seed": self.seed,
                "device": self.device,
                "checkpoint": state,
            }
            if row.vqvae is None:
                made = train_nerf(
                    self.learned, settings=replace(self.nerf, steps=self.steps), **options
                )
            else:
                settings = VqNerfSettings(
                    nerf=self.nerf, sampled=row.sampled, finetune=row.finetune, patch=self.patch
                ).with_steps(self.steps)
                made = train_vq_nerf(
                    self.learned,
                    self.vqvae(*row.vqvae),
                    settings=settings,
                    semantic=self.semantic() if row.semantic else None,
                    **options,
                )
            export(made, path, overwrite=True)
            state.unlink(missing_ok=True)
        return load(path)

    def semantic(self) -> Any:
        """CLIP's distance of images."""
        from nfcodec.vqnerf.semantic import SemanticLoss

        assert self.clip is not None
        return SemanticLoss(self.clip, self.device)

    def measure(self, row: Row) -> dict[str, Any]:
        """The figures of ``row``, from the folder if they are there."""
        path = self.path(row, ".json")
        if not path.exists():
            field = self.field(row)
            module = FieldModule(field, self.device)
            shown, seconds = [], []
            for camera in (self.held_out.cameras[0], *self.held_out.cameras):
                started = time.perf_counter()
                shown.append(render(module, camera, background=self.held_out.background))
                seconds.append(time.perf_counter() - started)
            pairs = list(zip(self.held_out.colors(), shown[1:], strict=True))
            found = {
                "name": row.name,
                "psnr": float(np.mean([metrics.psnr(a, b) for a, b in pairs])),
                "ssim": float(np.mean([metrics.ssim(a, b) for a, b in pairs])),
                "seconds": statistics.median(seconds[1:]),  # the first compiles what it needs
                "bytes": len(coding.to_bytes(encode(field, "kmeans", bits=6, seed=self.seed))),
                "checkpoint": self.path(row, ".pt").stat().st_size,
            }
            keep(path, json.dumps(found))
        measured: dict[str, Any] = json.loads(path.read_text())
        return measured


def keep(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, whole or not at all."""
    with writing(path, overwrite=True) as aside:
        aside.write_text(text)


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = [
        "| | PSNR | SSIM | s per image | times plain | .nfc | of the checkpoint |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    plain = next((row["seconds"] for row in rows if row["name"] == "plain"), None)
    for row in rows:
        faster = "" if plain is None else f"{plain / row['seconds']:.1f}"
        lines.append(
            f"| {row['name']} | {row['psnr']:.2f} dB | {row['ssim']:.3f} | {row['seconds']:.3f} | "
            f"{faster} | {row['bytes'] / 1000:.0f} kB | 1/{row['checkpoint'] / row['bytes']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def at_size(posed: PosedImages, size: tuple[int, ...] | None) -> PosedImages:
    """``posed`` at ``size``, width and height, which must divide its own."""
    if size is None:
        return posed
    width, height = size
    factor = posed.width // width
    if factor < 1 or (posed.width // factor, posed.height // factor) != (width, height):
        raise UsageError(
            f"--size {width}x{height}: the views have {posed.width} x {posed.height} pixels; take "
            "a whole fraction of that"
        )
    return posed if factor == 1 else reduced(posed, factor)


def numbers(between: str, count: int | None = None) -> Callable[[str], tuple[int, ...]]:
    """A parser of whole numbers from 1, ``between`` two of which stands what is said."""

    def parse(text: str) -> tuple[int, ...]:
        found = tuple(int(part) for part in text.split(between))
        if min(found) < 1 or count not in (None, len(found)):
            raise ValueError
        return found

    parse.__name__ = f"numbers with {between!r} between"
    return parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="posed images, as `nfcodec train nerf` reads them")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for all results")
    parser.add_argument(
        "--size", type=numbers("x", 2), help="WxH of the views, a whole fraction of theirs"
    )
    parser.add_argument("--steps", type=int, default=4000, help="of each field, in all")
    parser.add_argument("--vqvae-steps", type=int, default=2000)
    parser.add_argument(
        "--depths", type=numbers(","), default=(), help="of the octrees, such as 4,5,6,7"
    )
    parser.add_argument("--features", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--samples", type=int, default=1 << 16, help="a step, of rays")
    parser.add_argument("--patch", type=int, default=16, help="features along a patch's side")
    parser.add_argument("--codes", type=int, help="of codebooks at most, for a quick look")
    parser.add_argument("--rows", help="those whose name has this in it alone")
    parser.add_argument(
        "--clip", type=Path, help="CLIP weights, for the row with the semantic term"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    bench = Bench(
        at_size(images.load(given.data, "train"), given.size),
        at_size(images.load(given.data, "test"), given.size),
        given.output,
        given.steps,
        given.vqvae_steps,
        NerfSettings(
            depths=given.depths,
            features=given.features,
            hidden=given.hidden,
            samples_per_step=given.samples,
            surface=SurfaceSettings(),
        ),
        given.patch,
        given.codes,
        given.clip,
        given.seed,
        given.device,
    )
    check_folder(bench)
    print(json.dumps({"size": [bench.learned.width, bench.learned.height], "steps": bench.steps}))
    possible = [row for row in ROWS if bench.clip is not None or not row.semantic]
    for row in ROWS:
        if row not in possible:
            print(f"{row.name}: left out, for want of --clip")
    wanted = [row for row in possible if (given.rows or "") in row.name]
    if not wanted:
        names = ", ".join(row.name for row in possible)
        raise UsageError(f"--rows {given.rows}: there is none; there are {names}")
    for row in wanted:
        print(json.dumps(bench.measure(row)), flush=True)
        done = [bench.measure(row) for row in possible if bench.path(row, ".json").exists()]
        keep(bench.folder / "table.md", table(done))
        keep(bench.folder / "table.json", json.dumps({"rows": done, **settings(bench)}))
    print(table(done))


def settings(bench: Bench) -> dict[str, Any]:
    """What the figures were made with."""
    return {
        "steps": bench.steps,
        "vqvae_steps": bench.vqvae_steps,
        "seed": bench.seed,
        "patch": bench.patch,
        "codes": bench.codes,
        "nerf": plain(bench.nerf),
        "views": digest([bench.learned.images, bench.held_out.images]),
    }


def check_folder(bench: Bench) -> None:
    """UsageError if what is in the folder was made with other settings; else they are noted."""
    path, ours = bench.folder / "settings.json", json.loads(json.dumps(settings(bench)))
    if not path.exists():
        keep(path, json.dumps(ours))
    elif (theirs := json.loads(path.read_text())) != ours:
        differ = ", ".join(key for key in ours if theirs.get(key) != ours[key])
        raise UsageError(
            f"{bench.folder}: holds figures of other settings ({differ}); name another"
        )


if __name__ == "__main__":
    try:
        main()
    except NfcodecError as error:
        raise SystemExit(f"vq_nerf_ablation: {error}") from error
