"""encode --target-size and --target-psnr: what users type, and what they are told."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nfcodec import coding
from nfcodec.cli.options import Bytes
from nfcodec.encoder.encode_file import EncodedFile
from nfcodec.encoder.request import EncodeRequest, Quality
from nfcodec.errors import UsageError
from nfcodec.fit import points
from nfcodec.methods import METHODS
from nfcodec.model.field import Field
from nfcodec.quantize.learning import supervision
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("4096", 4096), ("4096B", 4096), ("150kB", 150_000), ("150 KB", 150_000), ("2MB", 2000000),
        ("2KiB", 2048), ("0.5MiB", 524_288), (".5kb", 500), ("12.", 12),
    ],
)  # fmt: skip
def test_sizes(text: str, count: int) -> None:
    assert Bytes().convert(text, None, None) == count


@pytest.mark.parametrize("text", ["", "kB", "-3kB", "1e5", "12 GB", "3 k", "0", "0.4B", "1,000"])
def test_what_is_no_size(nfcodec: Run, fields: Path, tmp_path: Path, text: str) -> None:
    out = tmp_path / "a.nfc"
    done = nfcodec("encode", fields / "nerf.pt", f"--target-size={text}", "-o", out)
    done.expect(2, "--target-size", repr(text))
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target-size", "9kB", "--target-psnr", "30"], ["--target-psnr exclude each other"]),
        (["--target-size", "9kB", "--lambda", "1"], ["--target-size and --lambda exclude"]),
        (["--target-psnr", "30", "--lambda", "1"], ["--target-psnr and --lambda exclude"]),
        (["--target-psnr", "0"], ["--target-psnr"]), (["--target-psnr", "nan"], ["--target-psnr"]),
        (["--target-psnr", "200"], ["140"]), (["--target-psnr", "high"], ["high"]),
        *[
            (["-m", method, "--target-size", "9kB"], [f"apply to method {method}", "vqad, ecq"])
            for method in ("kmeans", "lra", "float16")
        ],
    ],
)  # fmt: skip
def test_combinations_that_make_no_sense(
    nfcodec: Run, fields: Path, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    out = tmp_path / "a.nfc"
    nfcodec("encode", fields / "nerf.pt", *options, "-o", out).expect(2, *words)
    assert not out.exists()


@pytest.mark.parametrize("method", [None, *METHODS])
def test_a_target_implies_ecq(
    nfcodec: Run, fields: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str | None
) -> None:
    given: dict[str, Any] = {}
    data = (fields / "nerf.nfc").read_bytes()

    def encode(field: Field, request: EncodeRequest, progress: object) -> EncodedFile:
        assert progress is not None
        given.update(vars(request), kind=field.kind)
        return EncodedFile(data, coding.open(data), 30.52, "view_psnr")

    monkeypatch.setattr("nfcodec.encoder.encode_file.encode_file", encode)
    out = tmp_path / "a.nfc"
    chosen = [] if method is None else ["-m", method]
    found = nfcodec(
        "encode", fields / "nerf.pt", *chosen, "--target-psnr", "30.5", "--steps", "7", "-b", "5",
        "--seed", "3", "--device", "cpu", "-o", out,
    )  # fmt: skip
    if method not in (None, "ecq", "vqad"):
        found.expect(2, f"does not apply to method {method}")
        return
    assert found.code == 0
    assert out.read_bytes() == data
    assert found.out.endswith(", view_psnr 30.52 dB\n")
    options = given.pop("method")
    assert (options.name, options.bits, options.steps) == (method or "ecq", 5, 7)
    assert given == {
        "kind": "nerf", "target": Quality(30.5), "data": None, "test_data": None, "seed": 3,
        "device": "cpu", "resume": tmp_path / "a.nfc.resume", "layers": None, "preview": True,
        "image": None,
    }  # fmt: skip


def test_quality_is_measured_on_the_held_out_views(
    nfcodec: Run, fields: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for split, count in (("train", 2), ("test", 1)):
        frames = []
        for number in range(count):
            Image.new("RGBA", (8, 8)).save(folder / f"{split}{number}.png")
            pose = np.eye(4).tolist()
            frames.append({"file_path": f"{split}{number}.png", "transform_matrix": pose})
        text = json.dumps({"camera_angle_x": 0.7, "frames": frames})
        (folder / f"transforms_{split}.json").write_text(text)
    given: dict[str, Any] = {}
    data = (fields / "nerf.nfc").read_bytes()

    def encode(field: Field, request: EncodeRequest, progress: object) -> EncodedFile:
        given.update(vars(request))
        return EncodedFile(data, coding.open(data), 30.0, "psnr")

    monkeypatch.setattr("nfcodec.encoder.encode_file.encode_file", encode)
    options = ["--target-psnr", "30", "--data", folder, "-o", tmp_path / "a.nfc", "--json"]
    found = nfcodec("encode", fields / "nerf.pt", *options)
    assert found.json["psnr"] == 30.0
    assert (len(given["data"]), len(given["test_data"])) == (2, 1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "TEACHER_POINTS", 1 << 14)
    value_loss = partial(points.ValueLoss, points_per_step=1 << 11)
    monkeypatch.setattr(supervision, "ValueLoss", value_loss)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_file_of_a_wanted_size(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.nfc"
    options = ["--target-size", "3.5kB", "--steps", "6", "--device", "cpu", "-o", out]
    found = nfcodec("encode", fields / "scalar.pt", *options, "--json")
    assert (found.code, found.err) == (0, "")
    assert 0.98 * 3500 <= out.stat().st_size <= 3500
    assert found.json["bytes"] == out.stat().st_size
    assert found.json["encoding"]["target_size"] == 3500
    assert coding.preview(out) is not None
    assert nfcodec("verify", out).code == 0
    assert not (tmp_path / "a.nfc.resume").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("target", "words"),
    [
        (["--target-size", "300B"], ["--target-size 300 bytes cannot be met", "already"]),
        (["--target-size", "9MB"], ["--target-size 9,000,000 bytes cannot be met", "more than"]),
        (["--target-psnr", "2"], ["--target-psnr 2.00 dB cannot be met", "the least", "dB"]),
    ],
)
def test_what_cannot_be_met_leaves_nothing(
    nfcodec: Run, fields: Path, tmp_path: Path, target: list[str], words: list[str]
) -> None:
    out = tmp_path / "a.nfc"
    done = nfcodec("encode", fields / "scalar.pt", *target, "--steps", "6", "-o", out)
    done.expect(2, *words)
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".nfc", ".part")]


def test_an_existing_file_survives_a_target_that_cannot_be_met(
    nfcodec: Run, fields: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.nfc"
    out.write_bytes((fields / "nerf.nfc").read_bytes())

    def encode(*_: object) -> EncodedFile:
        raise UsageError("--target-size 9 bytes cannot be met: no")

    monkeypatch.setattr("nfcodec.encoder.encode_file.encode_file", encode)
    options = ["--target-size", "9", "-o", out, "--overwrite"]
    nfcodec("encode", fields / "nerf.pt", *options).expect(2, "cannot be met")
    assert out.read_bytes() == (fields / "nerf.nfc").read_bytes()
