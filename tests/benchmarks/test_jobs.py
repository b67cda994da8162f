"""Jobs are done once, whatever account of them is asked for; parts are turned off and on again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ablation
import peers
import pytest
from rate import jobs, report, work
from rate.jobs import Bench, Job
from rate.switches import SWITCHES, applied

from nfcodec import coding, exporters, quantize
from nfcodec.quantize.vq import vqad
from tests.fields import random_field


@pytest.fixture
def done() -> list[str]:
    """What ``bench`` was asked to do, in order."""
    return []


@pytest.fixture
def bench(tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench of a small field that works in this process."""
    path = tmp_path / "field.npz"
    exporters.export(random_field("scalar", "octree", levels=4), path)

    def here(command: list[str], request: dict[str, Any]) -> dict[str, Any]:
        done.append(request["do"])
        return work.run(json.loads(json.dumps(request)))

    monkeypatch.setattr(jobs, "process", here)
    return Bench(str(path), None, tmp_path / "out", tmp_path / "no_environments")


@pytest.mark.slow
def test_a_job_is_done_once(bench: Bench, done: list[str]) -> None:
    job = Job.of("kmeans", bits=3)
    record = bench.run(job)
    assert done == ["encode", "decode"]
    assert bench.run(job) == record
    assert done == ["encode", "decode"]
    assert bench.records() == [record]
    path = bench.output / "points" / record["file"]
    assert record["bytes"] == path.stat().st_size
    assert record["quality"]["value_psnr"] > 5.0
    again = Bench(bench.path, None, bench.output, bench.environments, seed=1)
    assert again.records() == []
    path.unlink()
    bench.run(job)
    assert done == ["encode", "decode"] * 2


def test_accounts_are_of_the_same_field(bench: Bench, done: list[str]) -> None:
    whole, zero, paper = (
        bench.run(Job.of(peer, bits=3)) for peer in ("kmeans", "kmeans-zero", "kmeans-paper")
    )
    assert done.count("encode") == 1
    assert whole["quality"] == zero["quality"] == paper["quality"]
    file = bench.output / "points" / whole["file"]
    assert paper["bytes"] == coding.describe(file)["paper_bytes"]
    plain = (bench.output / "points" / zero["file"]).read_bytes()
    assert plain == coding.to_bytes(coding.open(file), layers=1)
    assert [record["name"] for record in (whole, zero)] == [
        "nfcodec kmeans",
        "k-means, zero-order coded",
    ]


@pytest.mark.slow
def test_a_file_is_taken_in_by_what_it_says(bench: Bench, done: list[str], tmp_path: Path) -> None:
    coded = quantize.encode(bench.field, "vqad", bits=3, steps=2, device="cpu")
    coding.save(coded, tmp_path / "taken.nfc")
    record = bench.take(tmp_path / "taken.nfc")
    assert record["setting"] == {"bits": 3, "steps": 2}
    assert record["encode_seconds"] is None
    assert bench.run(Job.of("vqad", bits=3, steps=2)) == record
    assert "encode" not in done


def test_settings_are_the_knob_the_steps_and_what_is_unusual() -> None:
    encoding = {"method": "ecq", "bits": 6, "steps": 500, "rate_weight": 0.2, "seed": 3}
    assert jobs.job_of(encoding) == Job.of("ecq", rate_weight=0.2, steps=500)
    unusual = jobs.job_of({**encoding, "bits": 8})
    assert unusual.name == "ecq_bits8_rate_weight0.2_steps500"


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_fits_this_version(name: str) -> None:
    assert SWITCHES[name].missing() == []


def test_parts_are_off_only_meanwhile() -> None:
    before = vqad.network_in_steps
    network = random_field().networks[0]
    with applied(SWITCHES["decoder coding"].stand_ins):
        assert vqad.network_in_steps(network) is network
    assert vqad.network_in_steps is before
    with pytest.raises(AttributeError), applied({"nfcodec.quantize.vq.vqad:no_such_part": 1}):
        pass


@pytest.mark.slow
def test_a_switch_is_part_of_a_job(bench: Bench, done: list[str]) -> None:
    whole, off = (ablation.planned(switch, [0.05], 2)[0] for switch in (ablation.WHOLE, "layers"))
    one, two = bench.run(off), bench.run(whole)
    assert done.count("encode") == 1
    assert one["quality"] == two["quality"]
    flat = bench.run(ablation.planned("levels of detail", [0.05], 2)[0])
    files = [bench.output / "points" / record["file"] for record in (flat, two)]
    assert [coding.open(file).num_lods for file in files] == [1, 4]
    plain = bench.run(ablation.planned("quality layers", [0.05], 2)[0])
    assert plain["quality"] == two["quality"]
    assert b"REFN" not in (bench.output / "points" / plain["file"]).read_bytes()


def made_up(peer: str, knob: str, points: list[tuple[int, float]]) -> list[dict[str, Any]]:
    return [
        {
            "peer": peer,
            "name": jobs.NAMES.get(peer, peer),
            "knob": knob,
            "bytes": count,
            "setting": {knob: number, "steps": 10},
            "quality": {"psnr": psnr},
            "encode_seconds": None,
            "decode_seconds": 0.5,
        }
        for number, (count, psnr) in enumerate(points)
    ]


def test_ablation_compares_at_the_middle_quality() -> None:
    whole = made_up("ecq", "rate_weight", [(100, 27.0), (200, 28.0), (400, 29.0)])
    off = made_up("ecq", "rate_weight", [(150, 27.0), (300, 28.0), (600, 29.0)])
    short = made_up("ecq", "rate_weight", [(600, 30.0), (700, 31.0)])
    records = {ablation.WHOLE: whole, "layers": off, "importance": short}
    quality, rows = ablation.rows_of(records, "psnr", 1)
    assert quality == 28.0
    assert rows[ablation.WHOLE]["bytes"] == 200
    assert rows["layers"]["bytes"] == 300
    assert rows["layers"]["more"] == pytest.approx(50.0)
    assert rows["layers"]["bd_rate"] == pytest.approx(50.0)
    assert rows["importance"]["bytes"] is None
    assert rows["importance"]["bd_rate"] is None


def test_a_summary_names_our_best_curve_and_the_bytes_at_equal_quality() -> None:
    records = [
        *made_up("ecq", "rate_weight", [(50, 27.0), (100, 28.0), (200, 29.0), (400, 30.0)]),
        *made_up("vqad", "bits", [(100, 27.0), (200, 28.0), (400, 29.0), (800, 30.0)]),
        *made_up("zstd", "step", [(1000, 27.0), (2000, 28.0), (4000, 29.0), (8000, 30.0)]),
    ]
    found = report.summary(records, {"psnr": 29.5}, {"psnr": 1})["psnr"]
    assert found["best"] == "nfcodec ecq, 10 steps"
    rates = {name: round(each["bd_rate"], 6) for name, each in found["against"].items()}
    assert rates == {"nfcodec vqad, 10 steps": -50.0, "zstd, 10 steps": -95.0}
    assert found["at"]["quality"] == 29.0
    assert found["at"]["times_ours"]["zstd, 10 steps"] == pytest.approx(20.0)
    document = {
        "settings": {"field": "made up", "about": "nothing"},
        "results": {
            "trained": {"psnr": 29.5},
            "summary": {"psnr": found},
            "points": records,
            "left_out": {"sz3": "no environment"},
        },
    }
    text = report.markdown(document)
    assert "| zstd, 10 steps | -95.0 % | 27 to 30 | 4, 4 |" in text
    assert "- sz3: no environment" in text


def test_peers_are_named_and_left_out_aloud(bench: Bench, tmp_path: Path) -> None:
    given = [bench.path, "-o", str(tmp_path), "--only", "zstd,kmeans,ecq", "--bits", "2"]
    options = peers.arguments([*given, "--lambda", "0.1,0.2", "--steps", "7"])
    wanted, left_out = peers.planned(options, bench)
    assert [job.name for job in wanted] == [
        "kmeans_bits2",
        "ecq_rate_weight0.1_steps7",
        "ecq_rate_weight0.2_steps7",
    ]
    assert list(left_out) == ["zstd"]
    assert "environment" in left_out["zstd"]
    with pytest.raises(SystemExit):
        peers.arguments([bench.path, "-o", str(tmp_path), "--only", "no_such"])
