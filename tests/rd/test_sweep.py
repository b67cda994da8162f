"""Sweeps: what is written, what is kept, and going on where one stopped."""

from __future__ import annotations

import csv
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import pytest
import torch

from nfcodec import coding, quantize
from nfcodec.errors import NfcodecError, UsageError
from nfcodec.exporters import export
from nfcodec.rd import bench, figure, inputs, plan
from nfcodec.rd.plan import Setting
from nfcodec.rd.sweep import sweep
from tests.fields import random_field
from tests.rd.known import fog, write_images


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points, in one thread."""
    monkeypatch.setattr("nfcodec.rd.sweep.POINTS", 2000)
    numba.set_num_threads(1)


@pytest.fixture
def field(tmp_path: Path) -> Path:
    return export(random_field("scalar", "dense", levels=2), tmp_path / "field.pt")


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods of all encodings, in the order in which they are done."""
    done: list[str] = []
    encode = quantize.encode

    def recording(field: Any, method: Any, **options: Any) -> Any:
        done.append(method.name)
        return encode(field, method, **options)

    monkeypatch.setattr(quantize, "encode", recording)
    return done


def run(field: Path, output: Path, **options: Any) -> dict[str, Any]:
    given = {"methods": ["kmeans", "lra"], "bits": [1, 2, 4, 6], "jobs": 1, "device": "cpu"}
    return sweep(field, output, **{**given, **options})


def test_what_is_found_and_written(field: Path, tmp_path: Path) -> None:
    output = tmp_path / "rd"
    found = run(field, output)
    assert json.loads((output / "rd.json").read_text()) == found
    assert found["metric"] == "value_psnr"
    points = found["points"]
    assert [(p["method"], p["bits"], p["rank"]) for p in points] == [
        *(("kmeans", b, None) for b in (1, 2, 4, 6)),
        *(("lra", None, r) for r in (1, 2, 3, 4)),
    ]
    for point in points:
        name = Setting(point["method"], point["bits"], point["rank"]).name
        file = output / "points" / f"{name}.nfc"
        assert point["bytes"] == file.stat().st_size
        assert point["lod"] == 1
        coding.verify(file)
    for method in ("kmeans", "lra"):
        quality = [p["metrics"]["value_psnr"] for p in points if p["method"] == method]
        assert quality == sorted(quality)
        assert set(found["bd_rate"]) == {"kmeans", "lra"}
    assert found["uncompressed"]["method"] == "float16"
    assert found["uncompressed"]["metrics"]["value_psnr"] > 55
    rows = list(csv.DictReader((output / "rd.csv").open()))
    assert [int(row["bytes"]) for row in rows] == [p["bytes"] for p in points]
    assert float(rows[0]["value_psnr"]) == points[0]["metrics"]["value_psnr"]
    assert (output / "rd.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (output / "rd.svg").read_bytes()


def test_finished_points_are_not_done_again(
    field: Path, tmp_path: Path, encoded: list[str]
) -> None:
    output = tmp_path / "rd"
    given: dict[str, Any] = {"methods": ["kmeans"], "bits": [1, 2]}
    first = run(field, output, **given)
    assert encoded == ["float16", "kmeans", "kmeans"]
    encoded.clear()
    assert run(field, output, **given) == first
    assert not encoded
    more = run(field, output, methods=["kmeans", "lra"], bits=[1, 2], ranks=[1])  # what is new
    assert encoded == ["lra"]
    assert more["points"][:2] == first["points"]
    encoded.clear()
    run(field, output, **given, seed=1)  # another result: everything anew
    assert len(encoded) == 3
    encoded.clear()
    run(field, output, **given, seed=1, overwrite=True)
    assert len(encoded) == 3


def test_another_field_in_the_same_folder_is_measured_anew(
    field: Path, tmp_path: Path, encoded: list[str]
) -> None:
    output = tmp_path / "rd"
    first = run(field, output, methods=["lra"], ranks=[2])
    encoded.clear()
    export(random_field("scalar", "dense", seed=9, levels=2), field, overwrite=True)
    second = run(field, output, methods=["lra"], ranks=[2])
    assert len(encoded) == 2
    assert first["points"] != second["points"]


def test_other_data_in_the_same_folder_is_measured_anew(tmp_path: Path, encoded: list[str]) -> None:
    field = fog(3.0, 0.5)
    path = export(field, tmp_path / "fog.pt")
    data = write_images(field, tmp_path / "set")
    given: dict[str, Any] = {"methods": ["float16"], "data": data}
    first = run(path, tmp_path / "rd", **given)
    encoded.clear()
    data = data.rename(tmp_path / "moved")
    assert run(path, tmp_path / "rd", **{**given, "data": data})["points"] == first["points"]
    assert encoded == []
    shutil.rmtree(data)
    write_images(fog(2.0, 0.4), data)
    assert run(path, tmp_path / "rd", **{**given, "data": data})["points"] != first["points"]
    assert encoded == ["float16"]


def test_the_device_is_part_of_what_a_point_depends_on(
    field: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fingerprint(device: str) -> dict[str, Any]:
        order = bench.Order(str(field), str(tmp_path), None, None, False, 9, 0, device)
        return bench.Bench(order).fingerprint(Setting("kmeans", 4, None))

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert fingerprint("auto") == fingerprint("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert fingerprint("auto") != fingerprint("cpu")


def test_digests_tell_names_sizes_and_contents(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "a").write_bytes(b"12")
    (folder / "deep" / "b").write_bytes(b"3")
    seen = [inputs.digest(folder)]
    assert inputs.digest(folder) == seen[0]
    (folder / "a").write_bytes(b"1")
    seen.append(inputs.digest(folder))
    (folder / "deep" / "b").write_bytes(b"23")
    seen.append(inputs.digest(folder))
    (folder / "a").rename(folder / "c")
    seen += [inputs.digest(folder), inputs.digest(folder / "c")]
    assert len(set(seen)) == len(seen)


def test_an_interrupted_sweep_goes_on(
    field: Path, tmp_path: Path, encoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "rd"

    def interrupted(*args: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bench.inputs, "prefix_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(field, output, methods=["lra"])
    assert encoded == ["float16"]
    assert not (output / "rd.json").exists()
    assert not list(output.rglob("*.part*"))
    found = run(field, output, methods=["lra"])
    assert encoded.count("float16") == 1  # the file was there; only measured
    assert len(found["points"]) == 4


def test_a_damaged_record_is_done_again(field: Path, tmp_path: Path, encoded: list[str]) -> None:
    output = tmp_path / "rd"
    first = run(field, output, methods=["lra"])
    (output / "points" / "lra-r2.json").write_text("{")
    encoded.clear()
    assert run(field, output, methods=["lra"]) == first
    assert encoded == ["lra"]


def test_a_damaged_file_is_written_again(field: Path, tmp_path: Path, encoded: list[str]) -> None:
    output = tmp_path / "rd"
    run(field, output, methods=["lra"], ranks=[2])
    (output / "points" / "lra-r2.nfc").write_bytes(b"damaged")
    encoded.clear()
    found = run(field, output, methods=["lra"], ranks=[2], lods=True)
    assert encoded == ["lra"]
    assert len(found["points"]) == 2


def test_lod_prefixes(field: Path, tmp_path: Path, encoded: list[str]) -> None:
    output = tmp_path / "rd"
    whole = run(field, output, methods=["kmeans"], bits=[4])
    encoded.clear()
    found = run(field, output, methods=["kmeans"], bits=[4], lods=True)
    assert not encoded  # the file is there; its prefix is measured
    low, high = found["points"]
    assert [low["lod"], high["lod"]] == [0, 1]
    assert high == whole["points"][0]
    assert low["bytes"] == coding.describe(output / "points" / "kmeans-b4.nfc")["lod_bytes"][0]
    assert low["metrics"]["value_psnr"] < high["metrics"]["value_psnr"]
    assert run(field, output, methods=["kmeans"], bits=[4])["points"] == [high]


def test_images_are_what_counts_where_they_are(tmp_path: Path) -> None:
    field = fog(3.0, 0.5)
    path = export(field, tmp_path / "fog.pt")
    data = write_images(field, tmp_path / "set")
    found = run(path, tmp_path / "rd", methods=["float16"], data=data)
    assert found["metric"] == "psnr"
    assert set(found["points"][0]["metrics"]) == {"value_psnr", "psnr", "ssim"}
    assert found["points"] == [found["uncompressed"]]
    assert found["bd_rate"] == {}


@pytest.mark.slow
def test_processes_find_the_same(field: Path, tmp_path: Path) -> None:
    alone = run(field, tmp_path / "one", bits=[1, 2], methods=["kmeans"])
    together = run(field, tmp_path / "two", bits=[1, 2], methods=["kmeans"], jobs=2)
    assert together == alone


def test_progress_counts_points(field: Path, tmp_path: Path) -> None:
    labels: list[str] = []

    class Recorder:
        def start(self, label: str, total: int, done: int = 0) -> None:
            labels.append(label)

        def update(self, done: int, **figures: float) -> None: ...

        def finish(self) -> None: ...

    run(field, tmp_path / "rd", methods=["kmeans"], bits=[2], progress=Recorder())
    assert labels == ["[2/2] kmeans-b2: k-means"]


@pytest.mark.parametrize(
    ("features", "expected"),
    [(1, [1]), (2, [1, 2]), (4, [1, 2, 3, 4]), (5, [1, 2, 3, 4]), (8, [1, 2, 4, 7]),
     (9, [1, 2, 4, 8]), (16, [1, 2, 4, 8])],
)  # fmt: skip
def test_default_ranks(features: int, expected: list[int]) -> None:
    assert plan.default_ranks(random_field("scalar", "dense", features=features)) == expected


def test_jobs_are_as_many_as_memory_and_cores_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    field = random_field("scalar", "dense")
    monkeypatch.setattr(plan.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(plan, "_free_memory", lambda: 3_000_000_000)
    assert plan.default_jobs(field, "cpu", 100) == 2
    assert plan.default_jobs(field, "cuda:0", 100) == 1
    monkeypatch.setattr(plan, "_free_memory", lambda: 10**12)
    assert plan.default_jobs(field, "cpu", 100) == 8
    assert plan.default_jobs(field, "cpu", 3) == 3
    monkeypatch.setattr(plan, "_free_memory", lambda: 0)
    assert plan.default_jobs(field, "cpu", 100) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ["jpeg"]}, "choose one of"),
        ({"methods": []}, "at least one method"),
        ({"bits": [4, 13]}, "from 1 to 12, got 13"),
        ({"ranks": [5]}, "field's 4 features per corner, got 5"),
        ({"data": "absent"}, "no such file or folder"),
        ({"data": "."}, "a scalar field has no images or mesh"),
    ],
)
def test_bad_requests_are_refused_before_any_work(
    field: Path, tmp_path: Path, encoded: list[str], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run(field, tmp_path / "rd", **options)
    assert not encoded
    assert not (tmp_path / "rd").exists()


def test_coded_fields_and_missing_places_are_refused(field: Path, tmp_path: Path) -> None:
    coded = tmp_path / "field.nfc"
    coding.save(quantize.encode(random_field("scalar", "dense", levels=1), "float16"), coded)
    with pytest.raises(UsageError, match="coded already"):
        run(coded, tmp_path / "rd")
    with pytest.raises(UsageError, match="no such file"):
        run(tmp_path / "absent.pt", tmp_path / "rd")
    with pytest.raises(UsageError, match="folder does not exist"):
        run(field, tmp_path / "a" / "rd")


def test_what_makes_the_end_impossible_is_told_before_the_first_point(
    tmp_path: Path, encoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = random_field("scalar", "dense", levels=1)
    field = export(plain, tmp_path / "field.pt")
    (tmp_path / "taken" / "rd.svg").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"rd\.svg: it is a folder"):
        run(field, tmp_path / "taken")
    large = export(replace(plain, metadata={"n": 2**70}), tmp_path / "large.pt")
    with pytest.raises(UsageError, match=r"large\.pt: metadata\['n'\] is an integer of 71 bits"):
        run(large, tmp_path / "rd")

    def broken(*_: str) -> None:
        raise NfcodecError("cannot draw")

    monkeypatch.setattr(figure.headless, "matplotlib", broken)
    with pytest.raises(NfcodecError, match="cannot draw"):
        run(field, tmp_path / "rd")
    assert encoded == []


def test_data_that_cannot_be_read_are_refused_before_anything_is_coded(
    tmp_path: Path, encoded: list[str]
) -> None:
    path = export(random_field("sdf", "octree"), tmp_path / "sdf.pt")
    mesh = tmp_path / "mesh.obj"
    mesh.write_text("v 0 0 0\n")
    with pytest.raises(NfcodecError, match="no faces"):
        sweep(path, tmp_path / "rd", methods=["kmeans"], bits=[1, 2], data=mesh, jobs=2)
    assert not encoded
    assert not (tmp_path / "rd" / "points").exists()


@pytest.mark.parametrize("busy", [True, False])
def test_workers_that_wait_end_in_silence(monkeypatch: pytest.MonkeyPatch, busy: bool) -> None:
    ended: list[int] = []
    monkeypatch.setattr(bench, "_busy", busy)
    monkeypatch.setattr(os, "_exit", ended.append)
    if busy:
        with pytest.raises(KeyboardInterrupt):
            bench._stop(2, None)
    else:
        bench._stop(2, None)
    assert ended == ([] if busy else [130])
