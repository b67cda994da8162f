"""The example scripts run, and make what they say."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from PIL import Image

import nfcodec
from nfcodec import importers
from nfcodec.cli.app import cli
from nfcodec.data import images, meshes
from nfcodec.errors import UsageError
from nfcodec.render.views import camera as first_view
from tests.fields import random_field

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


def run(script: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / script), *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_still_life(tmp_path: Path) -> None:
    run("scenes/still_life.py", tmp_path, "--train", 2, "--test", 1, "--size", 32)
    for split, count in (("train", 2), ("test", 1)):
        posed = images.load(tmp_path, split=split)  # type: ignore[arg-type]
        assert posed.images.shape == (count, 32, 32, 4)
        cover = (posed.images[..., 3] > 127).mean()
        assert 0.1 < cover < 0.7  # something is there, and something is empty
        seen = posed.images[posed.images[..., 3] == 255][:, :3]
        assert seen.std(axis=0).min() > 20  # colors differ


def test_ornament(tmp_path: Path) -> None:
    out = tmp_path / "ornament.ply"
    run("scenes/ornament.py", out, "--resolution", 64)
    mesh = meshes.load(out)
    mesh.require_watertight()
    assert len(mesh.faces) > 10_000
    assert 0.85 < abs(mesh.vertices).max() < 1


def test_a_coded_field_in_a_plain_renderer(tmp_path: Path) -> None:
    coded, image = tmp_path / "still_life.nfc", tmp_path / "view.png"
    field = importers.load(EXAMPLES / "fields" / "still_life.pt")
    nfcodec.save(nfcodec.encode(field, "kmeans", bits=4), coded)
    told = run("plain_renderer.py", coded, "-o", image, "--size", 24, "--samples", 64)
    ours = nfcodec.render.render(coded := nfcodec.open(coded), first_view(coded, size=(24, 24)))
    theirs = np.asarray(Image.open(image)).astype(np.float32) / 255.0
    assert -10.0 * np.log10(np.square(ours - theirs).mean()) > 25.0  # coarser steps than ours
    before, after = map(float, re.findall(r"([0-9.]+)%", told))
    assert after < before / 2


def test_the_demo_uses_commands_that_exist(tmp_path: Path) -> None:
    """The demo itself takes minutes: `make demo`. Here a stand-in notes what it would run."""
    stand_in, notes = tmp_path / "nfcodec", tmp_path / "notes"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$*" >>"$NOTES"\n')
    stand_in.chmod(0o755)
    environment = {
        **os.environ,
        "NOTES": str(notes),
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
    }
    script = ["sh", str(EXAMPLES / "demo.sh"), str(tmp_path / "out")]
    subprocess.run(script, env=environment, check=True, capture_output=True)
    lines = [line.split() for line in notes.read_text().splitlines()]
    assert {"encode", "decode", "compare", "render", "rd-curve"} <= {line[0] for line in lines}
    for verb, *rest in lines:
        command: click.Command = cli.commands[verb]
        command.make_context(verb, rest).close()


def test_making_the_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With quick stand-ins for ray tracing and training."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import make_fields  # type: ignore[import-not-found]

    def scene(out: Path, **_: Any) -> None:
        run("scenes/still_life.py", out, "--train", 1, "--test", 1, "--size", 16)

    def mesh(out: Path, **_: Any) -> None:
        run("scenes/ornament.py", out, "--resolution", 48, "--overwrite")

    monkeypatch.setattr(make_fields.still_life, "make", scene)
    monkeypatch.setattr(make_fields.ornament, "make", mesh)
    monkeypatch.setattr(make_fields, "train_nerf", lambda data, **_: random_field("nerf"))
    monkeypatch.setattr(make_fields, "train_sdf", lambda data, **_: random_field("sdf"))
    options = ["--work", str(tmp_path / "work"), "--fields", str(tmp_path / "fields")]
    monkeypatch.setattr(sys, "argv", ["make_fields.py", *options])
    make_fields.main()
    assert importers.load(tmp_path / "fields" / "still_life.pt").kind == "nerf"
    assert importers.load(tmp_path / "fields" / "ornament.pt").kind == "sdf"


@pytest.mark.skipif(not (EXAMPLES / "fields").is_dir(), reason="needs the example fields")
def test_shipped_fields_are_small_and_sound() -> None:
    paths = sorted((EXAMPLES / "fields").glob("*.pt"))
    assert [path.stem for path in paths] == ["ornament", "still_life"]
    assert sum(path.stat().st_size for path in paths) <= 6_000_000
    assert [importers.load(path).kind for path in paths] == ["sdf", "nerf"]


def test_vq_nerf_is_taken_apart(tmp_path: Path) -> None:
    scene, out = tmp_path / "scene", tmp_path / "ablation"
    run("scenes/still_life.py", scene, "--train", 3, "--test", 1, "--size", 32)
    arguments = (
        scene, "-o", out, "--size", "16x16", "--steps", 6, "--vqvae-steps", 3, "--depths", "2,3",
        "--features", 2, "--hidden", 8, "--samples", 512, "--patch", 3, "--codes", 8,
        "--device", "cpu",
    )  # fmt: skip
    told = run("vq_nerf_ablation.py", *arguments, "--rows", "quarter")
    assert "semantic: left out" in told
    found = json.loads((out / "table.json").read_text())["rows"]
    assert [row["name"] for row in found] == ["quarter", "quarter + multi-scale"]
    for row in found:
        assert row["psnr"] > 0
        assert row["seconds"] > 0
        assert 1000 < row["bytes"] < row["checkpoint"]
    # What is there is not made again, and all of it is in the table.
    before = {path: path.stat().st_mtime_ns for path in out.glob("quarter*.pt")}
    run("vq_nerf_ablation.py", *arguments)
    with pytest.raises(AssertionError, match=r"other settings \(seed\)"):
        run("vq_nerf_ablation.py", *arguments, "--seed", 1)
    assert before == {path: path.stat().st_mtime_ns for path in before}
    # Asking for one row again takes none out of the table.
    run("vq_nerf_ablation.py", *arguments, "--rows", "half")
    lines = (out / "table.md").read_text().splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == [
        "plain",
        "quarter",
        "quarter + multi-scale",
        "decoder left as it is",
        "codebook 2048 x 8",
        "codebook 2048 x 32",
        "codebook 512 x 8",
        "half",
        "half + multi-scale",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--rows", "third"), "--rows third: there is none; there are plain, quarter"),
        (("--size", "17x16"), "--size 17x16: the views have 16 x 16 pixels"),
        (("--size", "16"), "--size: invalid numbers with 'x' between value: '16'"),
        (("--size", "0x16"), "--size: invalid numbers with 'x' between"),
        (("--depths", "2;3"), "--depths: invalid numbers with ',' between"),
    ],
)
def test_the_ablation_says_what_it_does_not_understand(
    wrong: tuple[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    vq_nerf_ablation = importlib.import_module("vq_nerf_ablation")

    run("scenes/still_life.py", tmp_path / "scene", "--train", 1, "--test", 1, "--size", 16)
    arguments = [str(tmp_path / "scene"), "-o", str(tmp_path / "out"), *wrong]
    monkeypatch.setattr(sys, "argv", ["vq_nerf_ablation.py", *arguments])
    with pytest.raises((SystemExit, UsageError)) as raised:
        vq_nerf_ablation.main()
    assert said in f"{raised.value}{capsys.readouterr().err}"


def test_rows_that_another_clip_has_taught_are_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    ablation = importlib.import_module("vq_nerf_ablation")

    paths: dict[str, set[Path]] = {"semantic": set(), "other": set()}
    for weights in ("one", "two"):
        clip = tmp_path / weights
        clip.mkdir()
        (clip / "model.safetensors").write_text(weights)
        bench = ablation.Bench(
            None,
            None,
            tmp_path,
            4,
            2,
            None,
            3,
            None,
            clip,
            0,
            "cpu",
        )
        for row in ablation.ROWS:
            paths["semantic" if row.semantic else "other"].add(bench.path(row, ".pt"))
    assert len(paths["semantic"]) == 2
    assert len(paths["other"]) == len(ablation.ROWS) - 1


@pytest.mark.slow
def test_refit_function(tmp_path: Path) -> None:
    run("refit_function.py", tmp_path / "ball.nfc", 20)
    field = nfcodec.open(tmp_path / "ball.nfc")
    assert field.kind == "nerf"
    assert field.metadata["training"]["method"] == "refit"
