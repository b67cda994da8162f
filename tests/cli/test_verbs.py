"""Each verb's own story, on small fields and, where learning is slow, on stand-ins for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nfcodec import coding, importers
from nfcodec.encoder.encode_file import EncodedFile
from nfcodec.encoder.request import EncodeRequest
from nfcodec.methods import VQADOptions
from nfcodec.model.field import Field
from tests.cli.conftest import Run
from tests.fields import random_field


def test_encode_writes_beside_the_field(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    path = tmp_path / "scene.pt"
    path.write_bytes((fields / "nerf.pt").read_bytes())
    found = nfcodec("encode", path, "-m", "kmeans", "-b", "3", "--json")
    assert (found.code, found.err) == (0, "")
    coded = tmp_path / "scene.nfc"
    assert found.json["path"] == str(coded)
    assert found.json["bytes"] == coded.stat().st_size
    assert found.json["source_bytes"] == path.stat().st_size
    assert found.json["encoding"] == {"method": "kmeans", "bits": 3, "seed": 0}
    written = coding.open(coded)
    assert written.num_lods == importers.load(path).num_lods
    assert written.metadata["metrics"]["value_psnr"] > 5.0
    assert written.metadata["tool"].startswith("nfcodec ")


def test_the_same_seed_gives_the_same_file(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    for name in ("a.nfc", "b.nfc"):
        options = ["-m", "kmeans", "-b", "4", "--seed", "3", "-o", tmp_path / name]
        assert nfcodec("encode", fields / "nerf.pt", *options).code == 0
    assert (tmp_path / "a.nfc").read_bytes() == (tmp_path / "b.nfc").read_bytes()


def test_encode_hands_everything_on(
    nfcodec: Run, fields: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    coded = coding.open(fields / "sdf.nfc")

    def encode(field: Field, request: EncodeRequest, progress: object) -> EncodedFile:
        assert progress is not None
        given.update(vars(request), kind=field.kind)
        return EncodedFile(coding.to_bytes(coded), coded)

    monkeypatch.setattr("nfcodec.encoder.encode_file.encode_file", encode)
    mesh = tmp_path / "mesh.obj"
    mesh.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n")
    found = nfcodec(
        "encode", fields / "sdf.pt", "-b", "6", "--data", mesh, "--steps", "7", "--lambda", "0.2",
        "--seed", "5", "--device", "cpu", "-o", tmp_path / "a.nfc",
    )  # fmt: skip
    assert found.code == 0
    assert len(given.pop("data").faces) == 4
    assert given == {
        "method": VQADOptions(bits=6, steps=7, rate_weight=0.2), "kind": "sdf", "seed": 5,
        "device": "cpu", "resume": tmp_path / "a.nfc.resume", "target": None, "layers": None,
        "preview": True, "test_data": None, "image": None,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["nerf", "sdf", "scalar"])
def test_info_adds_up(nfcodec: Run, fields: Path, kind: str) -> None:
    path = fields / f"{kind}.nfc"
    described = nfcodec("info", path, "--json").json
    assert described["kind"] == kind
    assert sum(part["bytes"] for part in described["parts"]) == path.stat().st_size
    text = nfcodec("info", path).out
    assert f"{path.stat().st_size} bytes" in text
    assert "indices" in text


def test_layers_that_are_asked_for(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    found = {}
    for layers in ("1", "3"):
        out = tmp_path / f"{layers}.nfc"
        options = ("-m", "kmeans", "-b", "5", "--no-preview", "--layers", layers)
        assert nfcodec("encode", fields / "sdf.pt", "-o", out, *options).code == 0
        found[layers] = [cut["layer"] for cut in nfcodec("info", out, "--json").json["cuts"]]
    assert found == {"1": [0, 0, 0], "3": [0, 1, 2] * 3}
    assert "layers of level of detail 2: " in nfcodec("info", tmp_path / "3.nfc").out
    data = (tmp_path / "3.nfc").read_bytes()
    (tmp_path / "cut.nfc").write_bytes(data[: -len(data) // 10])
    assert " missing" in nfcodec("info", tmp_path / "cut.nfc").out
    cuts = coding.describe(data)["cuts"]
    for cut, whole, more in (
        (cuts[0], 0, " in full, level of detail 0 with 1 of 3 layers"),
        (cuts[4], 1, " in full, level of detail 1 with 2 of 3 layers"),
        (cuts[5], 2, ""),
    ):
        (tmp_path / "cut.nfc").write_bytes(data[: cut["bytes"] + 8])
        said = f"{whole} of 3 levels of detail present{more}; "
        assert said in nfcodec("info", tmp_path / "cut.nfc").out
    refused = nfcodec("encode", fields / "sdf.pt", "-m", "lra", "--layers", "2", "--overwrite")
    assert refused.code == 2
    assert "--layers does not apply to method lra; it is for vqad, ecq, kmeans" in refused.err


@pytest.mark.parametrize("kind", ["nerf", "sdf", "scalar"])
def test_info_reads_plain_fields(nfcodec: Run, fields: Path, kind: str) -> None:
    path = fields / f"{kind}.pt"
    field = importers.load(path)
    described = nfcodec("info", path, "--json").json
    assert [line["rows"] for line in described["levels"]] == [
        len(level.features) for level in field.levels
    ]
    assert "floating point" in nfcodec("info", path).out


def test_info_of_a_file_that_is_still_arriving(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    whole = (fields / "nerf.nfc").read_bytes()
    ends = coding.describe(whole)["lod_bytes"]
    path = tmp_path / "part.nfc"
    path.write_bytes(whole[: ends[1]])
    found = nfcodec("info", path)
    assert found.code == 0
    assert "2 of 3 levels of detail" in found.out
    assert "cut" in found.out


@pytest.mark.parametrize("suffix", [".pt", ".h5", ".npz"])
def test_decode_to_fields(nfcodec: Run, fields: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"a{suffix}"
    found = nfcodec("decode", fields / "nerf.nfc", "-o", out, "--json")
    assert found.json == {"path": str(out), "bytes": out.stat().st_size}
    plain = importers.load(out)
    assert plain.num_lods == 3
    nfcodec("decode", fields / "nerf.nfc", "-o", tmp_path / f"b{suffix}", "--lod", "1")
    assert importers.load(tmp_path / f"b{suffix}").num_lods == 2


def test_decode_to_a_mesh(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.ply"
    options = ["--resolution", "16"]
    assert nfcodec("decode", fields / "sdf.nfc", "-o", out, *options).code == 0
    assert out.read_bytes().startswith(b"ply")


def test_compare(nfcodec: Run, fields: Path) -> None:
    one, two = fields / "scalar.pt", fields / "scalar.nfc"
    found = nfcodec("compare", one, two, "--json").json
    assert found["reference"]["bytes"] == one.stat().st_size
    assert found["test"]["bytes"] == two.stat().st_size
    assert found["ratio"] == pytest.approx(one.stat().st_size / two.stat().st_size)
    assert set(found["between"]) == {"value_psnr", "view_psnr"}
    assert 5 < found["between"]["value_psnr"] < 60


def test_compare_for_people(nfcodec: Run, fields: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*_: object, **__: object) -> dict[str, Any]:
        return {
            "kind": "nerf", "lod": None, "ratio": 20.0,
            "reference": {"path": "a", "bytes": 4000, "psnr": 30.25, "lpips": None},
            "test": {"path": "b", "bytes": 200, "psnr": 29.5, "lpips": None},
            "between": {"value_psnr": 31.0},
        }  # fmt: skip

    monkeypatch.setattr("nfcodec.rd.compare.compare", measure)
    lines = nfcodec("compare", fields / "nerf.pt", fields / "nerf.nfc").out.split("\n")
    assert lines[1].endswith("200 bytes, 1/20 of the reference")
    assert lines[4].split() == ["psnr", "(dB)", "30.25", "29.5"]
    assert lines[5].split() == ["lpips", "-", "-"]
    assert lines[8].split() == ["value_psnr", "(dB)", "31"]


def test_render_from_a_camera_of_the_data(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    pose = np.eye(4)
    pose[2, 3] = 4
    for split in ("train", "test"):
        Image.new("RGBA", (24, 16)).save(data / f"{split}.png")
        frames = [{"file_path": f"{split}.png", "transform_matrix": pose.tolist()}]
        text = json.dumps({"camera_angle_x": 0.7, "frames": frames})
        (data / f"transforms_{split}.json").write_text(text)
    out = tmp_path / "a.png"
    base = ["render", fields / "nerf.nfc", "--data", data]
    found = nfcodec(*base, "--view", "0", "-o", out, "--json").json
    assert found == {"path": str(out), "width": 24, "height": 16, "frames": 1}
    assert Image.open(out).size == (24, 16)
    nfcodec(*base, "--view", "0", "--size", "12x8", "-o", out, "--overwrite")
    assert Image.open(out).size == (12, 8)
    nfcodec(*base, "--view", "1", "-o", tmp_path / "b.png").expect(2, "held-out views 0 to 0")


def test_views_of_data_without_a_test_split_have_the_numbers_of_their_images(
    nfcodec: Run, fields: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    frames = []
    for number in range(10):
        pose = np.eye(4)
        pose[2, 3] = 3 + 0.2 * number
        Image.new("RGBA", (24, 16)).save(data / f"{number:03}.png")
        frames.append({"file_path": f"{number:03}.png", "transform_matrix": pose.tolist()})
    text = json.dumps({"camera_angle_x": 0.7, "frames": frames})
    (data / "transforms.json").write_text(text)
    base = ["render", fields / "nerf.nfc"]
    placed = ("--eye", "0,0,4.6", "--target", "0,0,0", "--size", "24x16")
    field_of_view = np.degrees(2 * np.arctan(16 / 24 * np.tan(0.35)))
    nfcodec(*base, "--data", data, "--view", "8", "-o", tmp_path / "8.png")
    nfcodec(*base, *placed, "--up", "0,1,0", "--fov", field_of_view, "-o", tmp_path / "eye.png")
    images = [np.asarray(Image.open(tmp_path / f"{n}.png"), int) for n in ("8", "eye")]
    assert np.abs(images[0] - images[1]).max() <= 1
    assert images[0].std() > 1
    nfcodec(*base, "--data", data, "--view", "10", "-o", tmp_path / "b.png").expect(
        2, "has views 0 to 9"
    )


def test_render_around(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    out = tmp_path / "turn.gif"
    found = nfcodec(
        "render", fields / "sdf.nfc", "--orbit", "3", "--size", "16x16", "-o", out, "--lod", "0",
        "--fov", "40", "--background", "0,0,0",
    )  # fmt: skip
    assert found.out == f"{out}: 16x16, 3 frames\n"
    assert Image.open(out).n_frames == 3  # type: ignore[attr-defined]


def test_rd_curve(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    command = ["rd-curve", fields / "scalar.pt", "-m", "kmeans", "-b", "1,2", "-o",
               tmp_path / "rd", "-j", "1"]  # fmt: skip
    found = nfcodec(*command)
    assert (found.code, found.err) == (0, "")
    assert found.out.count("kmeans") >= 2
    names = {path.name for path in (tmp_path / "rd").iterdir()}
    assert {"rd.png", "rd.svg", "rd.csv", "rd.json"} <= names
    again = nfcodec(*command, "--json").json
    assert [(p["method"], p["bits"]) for p in again["points"]] == [("kmeans", 1), ("kmeans", 2)]


@pytest.mark.parametrize(("kind", "surface"), [("nerf", False), ("nerf", True), ("sdf", False)])
def test_train(
    nfcodec: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, surface: bool
) -> None:
    given: dict[str, Any] = {}
    field = random_field(kind, "octree")
    measured: list[object] = []

    class Stick:
        module = "the module"

        def __init__(self, reference: Field, *, data: object, **options: object) -> None:
            measured.extend([reference, data])

        def on_data(self, module: object) -> dict[str, float | None]:
            return {"psnr": 31.5, "ssim": None}

    def fit(data: object, **options: Any) -> Field:
        given.update(options, data=data)
        return field

    monkeypatch.setattr(f"nfcodec.train.{kind}.train_{kind}", fit)
    monkeypatch.setattr("nfcodec.metrics.fields.FieldMetrics", Stick)
    monkeypatch.setattr("nfcodec.data.images.load", lambda path, split: (path, split))
    monkeypatch.setattr("nfcodec.data.meshes.load", lambda path: path)
    source, out = tmp_path / "source", tmp_path / "a.pt"
    source.touch()
    extra = ["--sign", "winding"] if kind == "sdf" else ["--surface"] * surface
    found = nfcodec("train", kind, source, "-o", out, "--steps", "9", "--seed", "4", *extra)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith(f"{out}: {kind} field, ")
    assert "psnr 31.5" in found.out
    assert "ssim" not in found.out
    assert measured == [field, source if kind == "sdf" else (source, "test")]
    assert given.pop("data") == (source if kind == "sdf" else (source, "train"))
    assert given.pop("progress") is not None
    if kind == "nerf":
        assert (given.pop("settings").surface is not None) == surface
    expected = {"steps": 9, "seed": 4, "device": "auto", "checkpoint": tmp_path / "a.pt.resume"}
    assert given == {**expected, **({"sign": "winding"} if kind == "sdf" else {})}
    assert importers.load(out).metadata["metrics"] == {"psnr": 31.5}


@pytest.mark.slow
def test_a_rate_that_has_too_few_codes_to_choose_from_says_so(
    nfcodec: Run, fields: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.nfc"
    learn = ("-m", "ecq", "--lambda", "1e-6", "--steps", "2", "--no-preview", "-o", out)
    few = nfcodec("encode", fields / "scalar.pt", "-b", "1", *learn)
    assert "all 2 codes are in use" in few.err
    assert "-b 3" in few.err
    many = nfcodec("encode", fields / "scalar.pt", "-b", "12", *learn, "--overwrite")
    assert (few.code, many.code) == (0, 0)
    assert "codes are in use" not in many.err
