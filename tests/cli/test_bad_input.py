"""Each wrong input has its own exit code and one clear line, and leaves nothing behind."""

from __future__ import annotations

import pickle
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nfcodec import coding
from nfcodec import render as rendering
from nfcodec.cli import options
from nfcodec.exporters import export
from nfcodec.fieldfile import pt
from nfcodec.model.coded import CodedField
from tests.cli.conftest import Outcome, Run, shell
from tests.fields import random_field

TETRAHEDRON = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\n"


@pytest.fixture
def work(fields: Path, tmp_path: Path) -> Path:
    """A folder of its own with the small fields in it."""
    for path in fields.glob("*.*"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [["info"], ["verify"], ["decode", "-o", "{}/a.pt"], ["render", "-o", "{}/a.png"],
     ["compare", "{}/nerf.pt"]],
    ids=lambda a: a[0],
)  # fmt: skip
def test_text_named_nfc(nfcodec: Run, work: Path, arguments: list[str]) -> None:
    path = work / "notes.nfc"
    path.write_text("not a field, only a note\n" * 20)
    verb, *rest = (part.format(work) for part in arguments)
    nfcodec(verb, *rest, path).expect(3, "notes.nfc")


@pytest.mark.parametrize("kept", [0, 3, 30, 200, -1])
def test_cut_file_is_not_sound(nfcodec: Run, work: Path, kept: int) -> None:
    path = work / "nerf.nfc"
    path.write_bytes(path.read_bytes()[:kept])
    nfcodec("verify", path).expect(3, "nerf.nfc")


def test_flipped_byte_is_not_sound(nfcodec: Run, work: Path) -> None:
    path = work / "nerf.nfc"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(data)
    nfcodec("verify", path).expect(3, "nerf.nfc")
    nfcodec("decode", path, "-o", work / "a.pt").expect(3, "nerf.nfc")
    assert not (work / "a.pt").exists()


def test_newer_version(nfcodec: Run, work: Path) -> None:
    path = work / "nerf.nfc"
    data = bytearray(path.read_bytes())
    data[8] = 2  # the major version, behind the eight bytes of magic
    path.write_bytes(data)
    nfcodec("info", path).expect(4, "nerf.nfc", "version")


def test_verify_goes_on_after_a_bad_file(nfcodec: Run, work: Path) -> None:
    bad = work / "bad.nfc"
    bad.write_text("nonsense")
    found = nfcodec("verify", bad, work / "sdf.nfc")
    assert (found.code, found.out) == (3, f"{work / 'sdf.nfc'}: sound\n")
    listed = nfcodec("verify", "--json", bad, work / "sdf.nfc").json
    assert [entry["ok"] for entry in listed] == [False, True]


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, (f"open({str(self.path)!r}, 'w').close()",))


@pytest.mark.filterwarnings("default::UserWarning")
def test_code_in_a_pickle_is_not_run(nfcodec: Run, work: Path) -> None:
    trace = work / "executed"
    path = work / "evil.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps({"a": Bomb(trace)}, protocol=2))
        archive.writestr("evil/version", "3\n")
    found = nfcodec("encode", path)
    warning, error = found.err.strip().split("\n")
    assert found.code == 4
    assert warning.startswith("nfcodec: warning: ")
    assert "nothing was run here" in warning
    assert error.startswith(f"nfcodec: error: {path}: this is a PyTorch checkpoint")
    assert not trace.exists()
    pickle.loads(pickle.dumps(Bomb(trace)))  # the trap does work
    assert trace.exists()


def test_nan_in_features(nfcodec: Run, work: Path) -> None:
    field = random_field("nerf", "octree")
    features = [level.features.copy() for level in field.levels]
    features[1][5, 2:4] = np.nan
    pt.write(field.with_features(features), work / "nan.pt")
    nfcodec("encode", work / "nan.pt", "-m", "kmeans").expect(3, "nan.pt", "level 1", "2")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["-b", "0"], "12"), (["-b", "99"], "12"), (["-b", "four"], "four"),
        (["-m", "lra", "--rank", "99"], "rank"), (["-m", "lra", "--rank", "0"], "rank"),
        (["-m", "lra", "-b", "4"], "--bits"), (["-m", "kmeans", "--rank", "2"], "--rank"),
        (["-m", "kmeans", "--steps", "2"], "--steps"), (["-m", "float16", "--resume"], "--resume"),
        (["-m", "gzip"], "gzip"), (["--data", "nowhere"], "nowhere"), (["--device", "tpu"], "tpu"),
        (["--seed", "-1"], "seed"), (["-o", "lego.zip"], "lego.zip"),
    ],
)  # fmt: skip
def test_wrong_options(nfcodec: Run, work: Path, options: list[str], word: str) -> None:
    output = [] if "-o" in options else ["-o", work / "new.nfc"]
    nfcodec("encode", work / "nerf.pt", *options, *output).expect(2, word)
    assert not (work / "new.nfc").exists()


@pytest.mark.parametrize("options", [["-b", "0"], ["-o", "/nowhere/a.nfc"], ["--device", "tpu"]])
def test_wrong_options_are_refused_before_anything_heavy_is_loaded(
    work: Path, options: list[str]
) -> None:
    arguments = ["encode", str(work / "nerf.pt"), *options]
    script = (
        f"import sys\nfrom nfcodec.cli.app import run\ncode = run({arguments!r})\n"
        "print(code, *({'torch', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "2\n"


def test_missing_input(nfcodec: Run, work: Path) -> None:
    out = ["-o", work / "a.pt"]
    for verb in (["info"], ["verify"], ["encode"], ["decode", *out], ["train", "nerf", *out]):
        nfcodec(*verb, work / "missing").expect(2, "missing")


def test_existing_output_is_kept(nfcodec: Run, work: Path) -> None:
    before = (work / "nerf.nfc").read_bytes()
    nfcodec("encode", work / "nerf.pt", "-m", "float16").expect(2, "nerf.nfc", "--overwrite")
    assert (work / "nerf.nfc").read_bytes() == before
    assert nfcodec("encode", work / "nerf.pt", "-m", "float16", "--overwrite").code == 0
    assert (work / "nerf.nfc").read_bytes() != before


def test_output_that_cannot_be_written(nfcodec: Run, work: Path) -> None:
    missing = work / "nowhere" / "out"
    nfcodec("encode", work / "nerf.pt", "-o", f"{missing}.nfc").expect(2, "nowhere")
    nfcodec("decode", work / "nerf.nfc", "-o", f"{missing}.h5").expect(2, "nowhere")
    nfcodec("render", work / "nerf.nfc", "-o", f"{missing}.png").expect(2, "nowhere")
    nfcodec("train", "sdf", work / "nerf.pt", "-o", f"{missing}.pt").expect(2, "nowhere")
    nfcodec("rd-curve", work / "nerf.pt", "-o", missing).expect(2, "nowhere")
    nfcodec("encode", work / "nerf.pt", "-o", "/proc/out.nfc").expect(2, "/proc")


def test_suffixes_that_say_nothing(nfcodec: Run, work: Path) -> None:
    nfcodec("decode", work / "nerf.nfc", "-o", work / "a.txt").expect(2, ".h5")
    nfcodec("render", work / "nerf.nfc", "-o", work / "a.jpg").expect(2, ".png")
    nfcodec("render", work / "nerf.nfc", "-o", work / "a.mp4").expect(2, "--orbit")
    nfcodec("train", "sdf", work / "nerf.pt", "-o", work / "a.nfc").expect(2, ".pt")


def test_options_of_render_that_contradict(nfcodec: Run, work: Path) -> None:
    base = ["render", work / "nerf.nfc", "-o", work / "a.png"]
    nfcodec(*base, "--view", "3").expect(2, "--data")
    nfcodec(*base, "--data", work, "--view", "3", "--eye", "1,2,3").expect(2, "--eye")
    nfcodec(*base, "--eye", "1,2").expect(2, "1,2")
    nfcodec(*base, "--size", "80").expect(2, "80")
    nfcodec(*base, "--background", "2,0,0").expect(2, "--background")
    nfcodec(*base, "--lod", "9").expect(2, "LOD")
    nfcodec("decode", work / "nerf.nfc", "-o", work / "a.pt", "--level", "1").expect(2, "--level")


def test_images_too_large_to_draw(nfcodec: Run, work: Path) -> None:
    assert options.MAX_PIXELS == rendering.MAX_PIXELS
    base = ["render", work / "nerf.nfc", "-o", work / "a.png"]
    nfcodec(*base, "--size", "100000x100000").expect(2, "--size", "16384")
    nfcodec(*base, "--size", "16384x16384").expect(2, "--size", "67,108,864")
    hint = {"width": 60_000, "height": 60_000, "vertical_fov": 0.7,
            "eye": [3, 0, 0], "target": [0, 0, 0], "up": [0, 0, 1]}  # fmt: skip
    pt.write(replace(random_field(), metadata={"camera": hint}), work / "huge.pt")
    found = nfcodec("render", work / "huge.pt", "-o", work / "a.png")
    found.expect(2, "60000 x 60000", "67,108,864")


@pytest.mark.parametrize("kind", ["nerf", "sdf"])
@pytest.mark.parametrize(
    "option", [("--channel", "0"), ("--colormap", "magma"), ("--level", "1", "--mode", "iso")]
)
def test_options_of_render_for_another_kind(
    nfcodec: Run, work: Path, kind: str, option: tuple[str, ...]
) -> None:
    out = work / "a.png"
    done = nfcodec("render", work / f"{kind}.nfc", "-o", out, *option)
    done.expect(2, option[0], f"a {kind} field", "scalar")
    assert not out.exists()


def test_options_of_a_video_for_an_image(nfcodec: Run, work: Path) -> None:
    nfcodec("render", work / "nerf.nfc", "-o", work / "a.png", "--fps", 9).expect(2, "--orbit")


def test_options_of_space_for_a_plane(nfcodec: Run, work: Path) -> None:
    plane = work / "plane.pt"
    export(random_field("scalar", "dense2d"), plane)
    for option in (("--eye", "1,2,3"), ("--fov", "40"), ("--up", "0,0,1")):
        done = nfcodec("render", plane, "-o", work / "a.png", *option)
        done.expect(2, option[0], "three dimensions")


def test_a_folder_in_place_of_a_field(nfcodec: Run, work: Path) -> None:
    (work / "scene").mkdir()
    for verb in ("encode", "rd-curve"):
        done = nfcodec(verb, work / "scene", "-o", work / "a.nfc")
        done.expect(2, "scene is a folder", "train nerf")


def test_coding_what_is_coded(nfcodec: Run, work: Path) -> None:
    nfcodec("encode", work / "nerf.nfc", "-o", work / "b.nfc").expect(2, "coded already")


def test_comparing_fields_of_different_kinds(nfcodec: Run, work: Path) -> None:
    nfcodec("compare", work / "nerf.pt", work / "sdf.nfc").expect(2, "kind")


def test_folder_without_transforms(nfcodec: Run, work: Path) -> None:
    (work / "empty").mkdir()
    nfcodec("train", "nerf", work / "empty", "-o", work / "a.pt").expect(3, "transforms")


def test_meshes_that_cannot_be_used(nfcodec: Run, work: Path) -> None:
    holes, empty = work / "holes.obj", work / "empty.obj"
    holes.write_text(TETRAHEDRON)  # the fourth face is not there
    empty.write_text("v 0 0 0\n")
    nfcodec("train", "sdf", holes, "-o", work / "a.pt").expect(3, "hole", "--sign winding")
    nfcodec("train", "sdf", empty, "-o", work / "a.pt").expect(3, "empty.obj", "face")


def test_a_curve_that_cannot_begin_leaves_no_folder(nfcodec: Run, work: Path) -> None:
    """One that was there stays, and so does one with something in it."""
    (work / "no.pt").write_text("no field")
    command = ["rd-curve", work / "no.pt", "-m", "kmeans", "-o", work / "curve"]
    nfcodec(*command).expect(3, "no.pt")
    assert not (work / "curve").exists()
    (work / "curve").mkdir()
    nfcodec(*command).expect(3, "no.pt")
    assert (work / "curve").is_dir()


@pytest.mark.slow
def test_full_disk(work: Path) -> None:
    """A limit on file size stands for the disk: writing beyond it fails midway."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    process = shell("decode", work / "nerf.nfc", "-o", work / "a.pt", preexec_fn=limit)
    out, err = process.communicate(timeout=60)
    Outcome(process.returncode, out, err).expect(1, "no space left", "a.pt")
    assert not [path for path in work.iterdir() if "a." in path.name and path.suffix == ".pt"]


@pytest.mark.slow
def test_interrupted_encoding_leaves_nothing_half_written(work: Path) -> None:
    before = {path.name for path in work.iterdir()}
    process = shell(
        "encode", work / "scalar.pt", "-o", work / "new.nfc", "--steps", "1000000",
        "--device", "auto", "-v", cwd=work, env={"CUDA_VISIBLE_DEVICES": ""},
    )  # fmt: skip
    assert process.stderr is not None
    assert "computing on the CPU" in process.stderr.readline()  # work has begun
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    left = {path.name for path in work.iterdir()} - before
    assert left <= {"new.nfc.resume"}
    assert ("--resume" if left else "nothing was written") in err


@pytest.mark.slow
def test_interrupted_work_goes_on_with_resume(
    nfcodec: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["encode", work / "sdf.pt", "-o", work / "new.nfc"]
    state = work / "new.nfc.resume"
    begun: list[str] = []
    coded = coding.open(work / "sdf.nfc")

    def encode(*_: object, resume: Path, **__: object) -> CodedField:
        if not begun:
            begun.append("once")
            resume.write_text("half")
            raise KeyboardInterrupt
        begun.append(resume.read_text() if resume.exists() else "anew")
        return coded

    monkeypatch.setattr("nfcodec.quantize.encode", encode)
    found = nfcodec(*command)
    assert found.code == 130
    assert "the same command with --resume" in found.err
    assert str(state) in found.err
    nfcodec(*command).expect(2, state.name, "--resume")
    assert nfcodec(*command, "--resume").code == 0
    assert begun == ["once", "half"]
    assert not state.exists()
    found = nfcodec(*command, "--resume", "--overwrite")
    assert (found.code, begun[-1]) == (0, "anew")
    assert "starting from the beginning" in found.err


@pytest.mark.parametrize("error", [RuntimeError("the GPU is gone"), MemoryError()])
def test_a_preview_that_fails_does_not_cost_the_encoding(
    nfcodec: Run, work: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def draw(*_: object) -> bytes:
        raise error

    monkeypatch.setattr("nfcodec.render.preview.draw", draw)
    found = nfcodec("encode", work / "nerf.pt", "-m", "kmeans", "-o", work / "new.nfc")
    assert found.code == 0
    assert f"warning: no preview is stored: {str(error) or 'MemoryError'}" in found.err
    assert coding.open(work / "new.nfc").kind == "nerf"
    assert coding.preview(work / "new.nfc") is None


def test_without_a_gpu_wgpu_falls_back_aloud(
    nfcodec: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["render", work / "nerf.nfc", "--size", "16x16"]
    assert nfcodec(*command, "-o", work / "cpu.png", "--device", "cpu").code == 0
    monkeypatch.setitem(sys.modules, "wgpu", None)
    found = nfcodec(*command, "-o", work / "wgpu.png", "--device", "wgpu")
    assert found.code == 0
    (line,) = found.err.strip().split("\n")
    assert line.startswith("nfcodec: warning: --device wgpu needs the extra `gpu`: pip install")
    assert line.endswith("; this image is drawn on the CPU")
    assert (work / "wgpu.png").read_bytes() == (work / "cpu.png").read_bytes()


def test_fields_of_distances_in_a_plane_have_no_image(nfcodec: Run, work: Path) -> None:
    flat = work / "flat.pt"
    export(random_field("sdf", "dense2d"), flat)
    done = nfcodec("render", flat, "-o", work / "a.png")
    done.expect(2, "a 2-D sdf field has no image", "decode --resolution")
    found = nfcodec("encode", flat, "-m", "kmeans")
    assert (found.code, (work / "flat.nfc").exists()) == (0, True)
    assert "no preview is stored: a 2-D sdf" in found.err
    written = work / "values.npz"
    assert nfcodec("decode", flat, "-o", written, "--resolution", "8").code == 0
    assert written.exists()


def test_metadata_cannot_drive_the_terminal(nfcodec: Run, work: Path) -> None:
    field = random_field("nerf", "octree")
    pt.write(replace(field, metadata={"name": "\x1b[2Jgone"}), work / "a.pt")
    found = nfcodec("info", work / "a.pt")
    assert found.code == 0
    assert "\x1b" not in found.out
