"""Files of a wanted size or quality: real bytes, real decibels, and what cannot be had is said."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import coding
from nfcodec.data.images import PosedImages
from nfcodec.encoder.encode_file import EncodedFile, encode_file
from nfcodec.encoder.rate_control import ATTEMPTS
from nfcodec.encoder.request import EncodeRequest, Quality, Size
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.checkpoint import Checkpoint
from nfcodec.fit.viewpoints import recall
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Grid, Kind, Level
from nfcodec.rd.compare import compare
from nfcodec.render.volume import render_rays
from tests.fields import LayoutName, random_field
from tests.interrupt import Interrupter, Recorder

pytestmark = pytest.mark.usefixtures("small")
KINDS: tuple[Kind, ...] = ("nerf", "sdf", "scalar")
MEASURES = {"nerf": "view_psnr", "sdf": "near_value_psnr", "scalar": "value_psnr"}


def smooth(kind: Kind) -> Field:
    layout: LayoutName = "dense" if kind == "scalar" else "octree"
    return random_field(kind, layout, levels=2, seed=3)


def encoded(field: Field, **options: Any) -> EncodedFile:
    """``field`` coded to a ``size`` or a ``psnr``."""
    progress = options.pop("progress", None)
    goal = Size(options.pop("size")) if "size" in options else Quality(options.pop("psnr"))
    request = EncodeRequest.of(target=goal, **{"device": "cpu", "preview": False, **options})
    return encode_file(field, request, progress)


def code(kind: Kind, **options: Any) -> EncodedFile:
    return encoded(smooth(kind), **{"steps": 6, **options})


@cache
def least(kind: Kind) -> int:
    """The bytes below which no target is accepted, as the error tells them."""
    with pytest.raises(UsageError, match="with one code for each level") as said:
        code(kind, size=200)
    return int(str(said.value).split("takes ")[1].split(" bytes")[0].replace(",", ""))


#: Qualities well within what codes of :func:`rough` fields can have after six steps.
QUALITIES: list[tuple[Kind, float]] = [("nerf", 58.0), ("sdf", 23.0), ("scalar", 25.0)]
#: Of an ``sdf``, out of reach of the finest LOD over the coarse ones that are coded for it first.
_LEARNED_AGAIN = 22.0


def rough(kind: Kind) -> Field:
    """A field of more levels, whose quality depends on its codes more than on its networks."""
    return random_field(kind, "dense" if kind == "scalar" else "octree", seed=1)


def coded_to(kind: Kind, psnr: float, **options: Any) -> EncodedFile:
    # What learning takes off the error of a distance is foretold for more than a handful of steps.
    steps = 40 if kind == "sdf" else 6
    return encoded(rough(kind), **{"psnr": psnr, "steps": steps, **options})


@pytest.mark.slow
@pytest.mark.parametrize("above", [1.08, 1.18, 1.2, 1.22, 1.25, 1.3])
@pytest.mark.parametrize("kind", KINDS)
def test_files_of_a_wanted_size(kind: Kind, above: float) -> None:
    wanted = round(above * least(kind))
    found = code(kind, size=wanted)
    assert min(0.98 * wanted, wanted - 32) <= len(found.data) <= wanted
    opened = coding.open(found.data)
    encoding = opened.metadata["encoding"]
    assert (encoding["method"], encoding["target_size"]) == ("ecq", wanted)
    assert encoding["rate_weight"] is None
    measured = compare(smooth(kind), opened, device="cpu")["between"]["value_psnr"]
    assert opened.metadata["metrics"]["value_psnr"] == pytest.approx(measured, abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [*QUALITIES, *(pytest.param("sdf", at, marks=pytest.mark.slow) for at in (22.25, 22.5, 22.75))],
)
def test_codes_of_a_wanted_quality(kind: Kind, wanted: float) -> None:
    found = coded_to(kind, wanted)
    assert found.quality == pytest.approx(wanted, abs=0.1)
    assert found.measure == MEASURES[kind]
    between = compare(rough(kind), coding.open(found.data), device="cpu")["between"]
    assert between[found.measure] == pytest.approx(found.quality, abs=1e-6)


def test_all_is_learned_again_where_the_finest_lod_cannot_make_up_for_coarse_ones() -> None:
    progress = Recorder()
    found = coded_to("sdf", _LEARNED_AGAIN, progress=progress)
    assert found.quality == pytest.approx(_LEARNED_AGAIN, abs=0.1)
    whole = [done for label, total, done in progress.started if "ecq" in label and total == 40]
    assert len(whole) > 1


def views_of(field: Field, views: int, size: int = 16) -> PosedImages:
    """What ``field`` looks like from all around."""
    cameras = recall(field, views, size, np.random.default_rng(7))
    module, images = FieldModule(field), []
    for camera in cameras:
        rays = (torch.from_numpy(a) for a in camera.rays())
        color = render_rays(module, *rays, background=torch.ones(3)).color
        images.append((color.clamp(0, 1) * 255 + 0.5).byte().numpy().reshape(size, size, 3))
    names = tuple(str(i) for i in range(views))
    return PosedImages(np.stack(images), tuple(cameras), names, Path("made"), 0, (1.0, 1.0, 1.0))


def test_the_quality_of_a_nerf_with_data_is_that_of_its_held_out_views() -> None:
    held_out, wanted = views_of(rough("nerf"), 3), 52.0
    found = coded_to("nerf", wanted, test_data=held_out)
    measured = compare(rough("nerf"), coding.open(found.data), data=held_out, device="cpu")
    assert found.measure == "psnr"
    assert measured["test"]["psnr"] == pytest.approx(wanted, abs=0.1)
    assert abs(measured["between"]["view_psnr"] - wanted) > 1e-3


def test_the_preview_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def image(coded: CodedField, count: int) -> bytes:
        """Its size jumps by more than 2 % of the file from one rate to the next."""
        asked.append(count)
        return b"\x89PNG\r\n\x1a\n" + bytes(200 + 150 * (count % 8 > 3))

    wanted = round(1.15 * (least("scalar") + 350))
    monkeypatch.setattr("nfcodec.render.preview.draw", image)
    found = code("scalar", size=wanted, preview=True)
    assert 0.98 * wanted <= len(found.data) <= wanted
    preview = coding.preview(found.data)
    assert preview is not None
    assert len(preview) in (208, 358)
    assert min(asked) < wanted


@pytest.mark.parametrize(
    ("size", "message"),
    [(100, "takes [0-9,]+ bytes already"), (10**8, "at -b 12 takes more than [0-9,]+ bytes")],
)
def test_sizes_that_cannot_be(size: int, message: str) -> None:
    progress = Recorder()
    with pytest.raises(
        UsageError, match=f"--target-size {size:,} bytes cannot be met: .*{message}"
    ):
        code("scalar", size=size, progress=progress)
    assert not any("ecq" in label for label, _, _ in progress.started)  # nothing was learned


def test_a_size_that_more_bits_would_reach() -> None:
    with pytest.raises(UsageError, match=r"cannot be met: .* at -b 1 .*[0-9,]+ bytes"):
        code("scalar", size=round(2.0 * least("scalar")), bits=1)


def test_a_quality_that_cannot_be_ends_after_few_finetunes() -> None:
    progress = Recorder()
    with pytest.raises(UsageError, match=r"--target-psnr 130\.00 dB .* came to is [0-9.]+ dB") as e:
        code("scalar", psnr=130.0, progress=progress)
    most = float(str(e.value).split("came to is ")[1].split()[0])
    # What fixed-rate codes of as many bits come to; those of a variable rate are rounded besides.
    free = encode_file(smooth("scalar"), EncodeRequest.of("vqad", bits=6, steps=6, device="cpu"))
    assert most == pytest.approx(free.coded.metadata["metrics"]["value_psnr"], abs=1.0)
    assert 1 <= sum("ecq" in label for label, _, _ in progress.started) <= ATTEMPTS


def test_a_quality_that_is_there_without_any_bits() -> None:
    with pytest.raises(UsageError, match=r"the least it came to is [0-9.]+ dB"):
        code("scalar", psnr=1.0)


def test_a_quality_between_two_that_few_vectors_have_is_named_from_both_sides() -> None:
    field = random_field("scalar", "dense", levels=1)
    (level,) = field.levels
    rows = np.random.default_rng(0).normal(size=(21, level.num_features)).astype(np.float32)
    level = Level(DenseLayout((3, 1, 7)), 0, rows)
    field = replace(field, grids=(Grid((level,)),))
    with pytest.raises(UsageError, match=r"nearest it came to is [0-9.]+ dB and [0-9.]+ dB") as e:
        encoded(field, psnr=45.0, steps=6)
    below, above = re.findall(r"([0-9.]+) dB", str(e.value).split("came to")[1])
    assert float(below) < 45.0 < float(above)


def test_vqad_is_steered_too() -> None:
    wanted = round(1.1 * least("scalar"))
    found = code("scalar", size=wanted, method="vqad")
    assert 0.98 * wanted <= len(found.data) <= wanted
    assert found.coded.metadata["encoding"]["method"] == "vqad"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "0 bytes"), ({"psnr": float("nan")}, "no target"),
        ({"size": 9000, "method": "kmeans", "steps": None}, "'kmeans' cannot be led.*; vqad, ecq"),
        ({"size": 9000, "rate_weight": 0.2}, "exclude each other"),
    ],
)  # fmt: skip
def test_requests_that_make_no_sense(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        code("scalar", **options)


def test_a_field_without_codes_has_the_size_that_it_has() -> None:
    field = random_field("scalar", "none")
    with pytest.raises(UsageError, match="no codes to choose"):
        encoded(field, size=10**6)


@pytest.mark.parametrize(
    ("options", "steps"), [({}, (4, 13, 19)), ({"psnr": 22.0, "steps": 40}, (9, 12, 12, 12))]
)
def test_resumed_work_ends_with_the_same_file(
    options: dict[str, Any], steps: tuple[int, ...], tmp_path: Path
) -> None:
    field = rough("sdf") if options else smooth("sdf")
    options = options or {"size": round(1.2 * least("sdf")), "steps": 20}
    encode = partial(encoded, field, **options)
    wanted = encode().data
    state = tmp_path / "state"
    for step in steps:
        with pytest.raises(KeyboardInterrupt):
            encode(resume=state, progress=Interrupter(step, "ecq"))
    assert encode(resume=state).data == wanted


def test_a_checkpoint_of_another_target_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    size = round(1.2 * least("sdf"))
    with pytest.raises(KeyboardInterrupt):
        code("sdf", size=size, resume=state, progress=Interrupter(3, "ecq"))
    with pytest.raises(UsageError, match="target_size differ"):
        code("sdf", size=size + 1, resume=state)


def test_a_checkpoint_without_rate_control_is_refused(tmp_path: Path) -> None:
    state, size = tmp_path / "state", round(1.2 * least("sdf"))
    with pytest.raises(KeyboardInterrupt):
        code("sdf", size=size, resume=state, progress=Interrupter(3, "ecq"))
    held = torch.load(state, weights_only=True)
    identity, control = held.pop("identity"), held.pop("control")
    for kept in ({}, {key: value for key, value in control.items() if key != "origin"}):
        Checkpoint(state, identity).save({**held, "control": kept})
        with pytest.raises(DamagedFileError, match=r"state: holds no rate control.*delete it"):
            code("sdf", size=size, resume=state)
