"""One shape, scene or volume in five units: is the result one and the same?

    python benchmarks/units.py [--steps 30]

Training: a torus (gIoU, and PSNR of the distances), images of a ball (PSNR of an image).
Encoding by every method: the distance, the radiance field and the volume so learned or made up,
written in another unit by the weights of the networks, as other tools' fields are; learned from
the field itself and, where there are, from the data. PSNR of the values against the field's own
(``nfcodec compare``). The volume is coded in other units of length, of value, and with an offset.

Two more tables follow: fields with features and hidden layers of other sizes, which are other
numbers but no other unit, and one field in one unit learned with five seeds, which tells how much
a run differs from the next one anyway. Writes ``results/units.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch
from common import RESULTS, write

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nfcodec import metrics, quantize  # noqa: E402
from nfcodec.data.sdf import SurfaceDistance, sample_uniform  # noqa: E402
from nfcodec.encoder.encode_file import encode  # noqa: E402
from nfcodec.evaluate import FieldModule  # noqa: E402
from nfcodec.fit import banks  # noqa: E402
from nfcodec.fit.points import ValueLoss, values_at  # noqa: E402
from nfcodec.fit.radiance import PhotometricLoss  # noqa: E402
from nfcodec.metrics import values  # noqa: E402
from nfcodec.model.coded import CodedField  # noqa: E402
from nfcodec.model.field import Field  # noqa: E402
from nfcodec.quantize.learning import supervision  # noqa: E402
from nfcodec.render.volume import render_rays  # noqa: E402
from nfcodec.train.nerf import NerfSettings, train_nerf  # noqa: E402
from nfcodec.train.sdf import SdfSettings, train_sdf  # noqa: E402
from nfcodec.train.surface import SurfaceSettings  # noqa: E402
from tests import units  # noqa: E402
from tests.data.shapes import torus  # noqa: E402
from tests.fields import random_field  # noqa: E402
from tests.train.scenes import ball  # noqa: E402

UNITS = (1e-6, 1e-3, 1.0, 1e3, 1e6)
OPTIONS: dict[str, dict[str, Any]] = {"vqad": {"bits": 4}, "ecq": {}, "kmeans": {"bits": 4}}
SDF = SdfSettings(depths=(2, 3, 4), features=4, hidden=16, steps=150, samples=1 << 14)
NERF = NerfSettings(depths=(2, 3, 4), features=4, hidden=16, steps=150, samples_per_step=4096)
#: What a field goes through to be in another unit; the factor is the unit.
CHANGES: dict[str, dict[str, Callable[[Field, float], Field]]] = {
    "sdf": {"length": units.in_length, "features": units.with_features_times},
    "nerf": {"length": units.in_length, "features": units.with_features_times},
    "scalar": {
        "length": units.in_length,
        "value": units.in_value,
        "value, from 300": lambda field, unit: units.in_value(units.with_offset(field), unit),
        "features": units.with_features_times,
        "hidden layer": units.with_hidden_times,
    },
}

#: Parts of rows' names by which they are in the second or third table.
_OTHER_NUMBERS, _SEEDS = ("features", "hidden layer"), "in one unit"
TITLES = ("Units of length and value", "The same function in other numbers", "Five seeds, one unit")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--steps", type=int, default=30, help="of learning codes")
    parser.add_argument("--only", default="", help="measure the rows whose name holds this anew")
    args = parser.parse_args()
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    # Small teachers and batches: the question is whether figures differ, not how good they are.
    supervision.TEACHER_POINTS, supervision.TEACHER_VIEWS, banks.TEACHER_SIZE = 1 << 14, 12, 32
    supervision.ValueLoss = partial(ValueLoss, points_per_step=1 << 12)  # type: ignore[misc]
    supervision.PhotometricLoss = partial(  # type: ignore[misc]
        PhotometricLoss, samples_per_step=1 << 13
    )
    rows: dict[str, list[float]] = {}

    def row(name: str, measure: Callable[[Any], float], among: Sequence[Any] = UNITS) -> None:
        if args.only in name:
            rows[name] = [round(float(measure(one)), 4) for one in among]
            print(f"{name:48}", *(f"{x:9.3f}" for x in rows[name]), flush=True)

    distance = train_sdf(torus(), settings=SDF, device="cpu")
    radiance = train_nerf(ball(), settings=NERF, device="cpu")
    fields = {"sdf": distance, "nerf": radiance, "scalar": random_field("scalar", "dense")}
    row("train sdf, gIoU", lambda unit: sdf_quality(unit)[0])
    row("train sdf, dB", lambda unit: sdf_quality(unit)[1])
    row("train nerf, dB", lambda unit: nerf_quality(unit, NERF))
    surface = NerfSettings(**{**vars(NERF), "surface": SurfaceSettings()})
    row("train nerf --surface, dB", lambda unit: nerf_quality(unit, surface))
    for kind, changes in CHANGES.items():
        for change, made in changes.items():
            for method in quantize.METHODS:
                row(f"{method}, {kind}, {change}, dB", partial(
                    coding, lambda unit, of=made, k=kind: of(fields[k], unit), method, args.steps
                ))  # fmt: skip
    for method in quantize.METHODS:
        if quantize.method_class(method).learns:
            row(f"{method}, sdf, length, with the mesh, dB", partial(
                coding, partial(units.in_length, distance), method, args.steps,
                data=partial(units.mesh_in, torus()),
            ))  # fmt: skip
            row(f"{method}, nerf, length, with images, dB", partial(
                coding, partial(units.in_length, radiance), method, args.steps,
                data=partial(units.scene_in, ball()),
            ))  # fmt: skip
            for kind, field in fields.items():
                row(f"{method}, {kind}, {_SEEDS}, dB", partial(
                    coding_with_seed, field, method, args.steps
                ), range(len(UNITS)))  # fmt: skip
    in_units = [found for name, found in rows.items() if table_of(name) == 0]
    if in_units:
        spread = max(max(found) - min(found) for found in in_units)
        print(f"largest difference between units: {spread:.3f}")
    before = RESULTS / "units.json"
    if args.only and before.exists():
        rows = {**json.loads(before.read_text())["results"], **rows}
    write("units", {"units": UNITS, "steps": args.steps}, rows)
    table(rows)


def sdf_quality(unit: float) -> tuple[float, float]:
    field = train_sdf(units.mesh_in(torus(), unit), settings=SDF, device="cpu")
    points = sample_uniform(np.array(field.bounds) / unit, 20_000, 5, held_out=True)
    wanted = SurfaceDistance(torus()).signed(points)
    found = values_at(FieldModule(field), points * unit)[:, 0].numpy() / unit
    return metrics.giou(wanted, found), float(-10 * np.log10(np.square(found - wanted).mean()))


def nerf_quality(unit: float, settings: NerfSettings) -> float:
    posed = units.scene_in(ball(), unit)
    field = train_nerf(posed, settings=settings, device="cpu")
    shown = units.scene_in(ball(4, turn=1.0), unit)
    module, white = FieldModule(field), torch.ones(3)
    images = [
        render_rays(module, *map(torch.from_numpy, camera.rays()), background=white).color.numpy()
        for camera in shown.cameras
    ]
    return metrics.psnr(shown.colors(), np.stack(images).reshape(shown.colors().shape))


def coding(
    made: Callable[[float], Field], method: str, steps: int, unit: float, *,
    data: Callable[[float], Any] | None = None,
) -> float:  # fmt: skip
    field, options = made(unit), OPTIONS.get(method, {})
    if quantize.method_class(method).learns:
        options = {**options, "steps": steps, "data": None if data is None else data(unit)}
    return psnr(field, encode(field, method, device="cpu", **options))


def coding_with_seed(field: Field, method: str, steps: int, seed: int) -> float:
    options = {**OPTIONS.get(method, {}), "steps": steps, "seed": seed}
    return psnr(field, encode(field, method, device="cpu", **options))


def psnr(field: Field, coded: CodedField) -> float:
    reference, test = FieldModule(field), FieldModule(coded)
    points = values.random_points(reference, test, 20_000, 0)
    step = values.sample_length(reference)
    found = [values.evaluate(module, points, None, step) for module in (reference, test)]
    return values.value_psnr(found[0], found[1], field.kind)


def table_of(name: str) -> int:
    """Of the three tables, the one that the row called ``name`` is in."""
    if _SEEDS in name:
        return 2
    return int(any(change in name for change in _OTHER_NUMBERS))


def table(rows: dict[str, list[float]]) -> None:
    lines = []
    for number, title in enumerate(TITLES):
        heads = [str(n) for n in range(len(UNITS))] if number == 2 else [f"{u:g}" for u in UNITS]
        lines += [f"## {title}", "", "| | " + " | ".join(heads) + " | difference |"]
        lines.append("| --- |" + " ---: |" * (len(UNITS) + 1))
        for name, found in rows.items():
            if table_of(name) == number:
                figures = [*found, max(found) - min(found)]
                digits = 4 if "gIoU" in name else 2
                lines.append(f"| {name} | " + " | ".join(f"{x:.{digits}f}" for x in figures) + " |")
        lines.append("")
    (RESULTS / "units.md").write_text("\n".join(lines[:-1]) + "\n")


if __name__ == "__main__":
    main()
