"""Rate against distortion for several methods: real file sizes, resumable, in parallel."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nfcodec import files
from nfcodec.aside import claimed, remove_all_stale
from nfcodec.atomic import check_output, writing
from nfcodec.errors import UsageError
from nfcodec.metrics.fields import POINTS
from nfcodec.progress import Progress, Silent
from nfcodec.rd import bdrate, figure, plan
from nfcodec.rd.bench import Bench, Order, Record, run_all
from nfcodec.rd.plan import UNCOMPRESSED, Setting

#: What is written when all points are there.
_SUMMARIES = ("rd.json", "rd.csv", "rd.png", "rd.svg")
#: Work files that --overwrite removes.
_SUFFIXES = (".json", ".nfc", ".resume")


def sweep(
    field: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    methods: Sequence[str] = ("vqad", "kmeans", "lra"),
    bits: Sequence[int] = (1, 2, 4, 6, 8),
    ranks: Sequence[int] | None = None,
    rate_weights: Sequence[float] = plan.RATE_WEIGHTS,
    lods: bool = False,
    data: str | os.PathLike[str] | None = None,
    steps: int | None = None,
    jobs: int | None = None,
    seed: int = 0,
    device: str = "auto",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Code a field in many ways and measure each.

    Args:
        field: file of a plain field.
        output: folder for ``rd.png``, ``rd.svg``, ``rd.csv``, ``rd.json`` and ``points/`` with one
            ``.nfc`` and one JSON record per setting; made if its parent is there. Records of the
            same work are kept and not done again.
        methods, bits, ranks, rate_weights: ``bits`` for ``vqad`` and ``kmeans``, ``ranks`` for
            ``lra`` (by default :func:`nfcodec.rd.plan.default_ranks`), ``rate_weights`` for
            ``ecq``. The uncompressed field is always measured.
        lods: also measure each prefix of the levels of detail.
        data: images (learned from: the training split; measured on: the test split) or mesh.
        steps: of learning, for the methods that learn.
        jobs: processes; by default as cores and memory allow. They are spawned: a script that
            calls this needs ``if __name__ == "__main__"``.
        overwrite: forget earlier records in ``output``.

    Returns:
        What ``rd.json`` holds: ``field``, ``data``, ``kind``, ``lods`` (how many the field has),
        ``metric`` (the quality that is plotted), ``points``: each ``method``, ``bits``, ``rank``,
        ``rate_weight``, ``lod``, ``bytes`` (of the file, or of its prefix up to the LOD),
        ``metrics`` (as :func:`nfcodec.rd.compare.compare` names them: ``value_psnr`` and those on
        the data);
        ``uncompressed``: the same for the float16 file; ``bd_rate``: {anchor method: {method:
        per cent}}, None where it cannot be told (:mod:`nfcodec.rd.bdrate`).

    Raises:
        UsageError: a missing or coded field, an unknown method, a rate out of range, data that do
            not go with the field.
    """
    report = progress or Silent()
    order = Order(
        field=os.fspath(field), folder=os.path.join(output, "points"),
        data=None if data is None else os.fspath(data),
        steps=steps, lods=lods, points=POINTS, seed=seed, device=device,
    )  # fmt: skip
    bench = Bench(order)
    wanted = plan.settings(bench.field, methods, bits, ranks, rate_weights)
    if data is not None:
        _check_data(data, bench, wanted, overwrite)
    figure.check()
    _prepare(Path(order.folder))
    for name in _SUMMARIES:
        check_output(Path(output) / name, overwrite=True)
    with claimed(Path(output)):
        if overwrite:
            _forget(Path(order.folder))
        remove_all_stale(Path(order.folder), Path(output))
        found = _work(bench, wanted, methods, jobs, report)
        _write(Path(output), found)
    return found


def _work(
    bench: Bench, wanted: Sequence[Setting], methods: Sequence[str], jobs: int | None,
    report: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Work on the settings that are not done, and sum all up."""
    order = bench.order
    records = {s: r for s in wanted if (r := bench.finished(s)) is not None}
    todo = [s for s in wanted if s not in records]
    jobs = plan.default_jobs(bench.field, order.device, len(todo)) if jobs is None else jobs
    if min(jobs, len(todo)) > 1:
        report.start("points", len(wanted), len(records))

        def finished(setting: Setting, record: Record) -> None:
            records[setting] = record
            report.update(len(records))

        run_all(bench, todo, min(jobs, len(todo)), finished)
        report.finish()
    else:
        for setting in todo:
            prefix = f"[{len(records) + 1}/{len(wanted)}] {setting.name}"
            records[setting] = bench.run(setting, _Prefixed(report, prefix))
    return _summary(bench, wanted, records, methods)


class _Prefixed:
    """Progress whose labels say which point is being worked on."""

    def __init__(self, progress: Progress, prefix: str) -> None:
        self._progress, self._prefix = progress, prefix

    def start(self, label: str, total: int, done: int = 0) -> None:
        self._progress.start(f"{self._prefix}: {label}", total, done)

    def update(self, done: int, **figures: float) -> None:
        self._progress.update(done, **figures)

    def finish(self) -> None:
        self._progress.finish()


def _check_data(
    data: str | os.PathLike[str], bench: Bench, wanted: Sequence[Setting], overwrite: bool
) -> None:
    """Raise now, before anything is coded, what measuring on the data would raise."""
    if not os.path.exists(data):
        raise UsageError(f"{os.fspath(data)}: there is no such file or folder")
    if overwrite or any(bench.finished(setting) is None for setting in wanted):
        files.open_data(data, bench.field.kind)


def _prepare(folder: Path) -> None:
    if not folder.parent.parent.is_dir():
        raise UsageError(f"cannot make {folder.parent}: its folder does not exist")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error.strerror}") from error


def _forget(folder: Path) -> None:
    for path in folder.iterdir():
        if path.suffix in _SUFFIXES and path.is_file():
            path.unlink()


def _summary(
    bench: Bench,
    wanted: Sequence[Setting],
    records: dict[Setting, Record],
    methods: Sequence[str],
) -> dict[str, Any]:
    field = bench.field
    last = field.num_lods - 1
    lods = bench.wanted()
    points = [
        point
        for setting in wanted
        if setting.method in methods
        for point in records[setting]["points"]
        if point["lod"] in lods
    ]
    whole = next(p for p in records[Setting(UNCOMPRESSED)]["points"] if p["lod"] == last)
    metric = "psnr" if "psnr" in whole["metrics"] else "value_psnr"
    curves: dict[str, list[bdrate.RatePoint]] = {}
    for point in points:
        quality = point["metrics"][metric]
        if point["lod"] == last and quality is not None and point["method"] != UNCOMPRESSED:
            curves.setdefault(point["method"], []).append((point["bytes"], quality))
    return {
        "field": bench.order.field,
        "data": bench.order.data,
        "kind": field.kind,
        "lods": field.num_lods,
        "metric": metric,
        "points": points,
        "uncompressed": whole,
        "bd_rate": bdrate.bd_rates(curves),
    }


def _write(output: Path, found: dict[str, Any]) -> None:
    with writing(output / "rd.json", overwrite=True) as aside:
        aside.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    names = list(found["uncompressed"]["metrics"])
    with writing(output / "rd.csv", overwrite=True) as aside, open(aside, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["method", "bits", "rank", "rate_weight", "lod", "bytes", *names])
        for point in found["points"]:
            values = [
                point[key] for key in ("method", "bits", "rank", "rate_weight", "lod", "bytes")
            ]
            table.writerow([*values, *(point["metrics"].get(name) for name in names)])
    drawing = figure.draw(found)
    for suffix in ("png", "svg"):
        with writing(output / f"rd.{suffix}", overwrite=True) as aside:
            figure.save(drawing, aside)
