"""One pipeline: whoever codes a field gets the same file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import nfcodec
from nfcodec import coding
from nfcodec.cli.app import run
from nfcodec.encoder.encode_file import encode_file
from nfcodec.encoder.request import EncodeRequest
from nfcodec.errors import LimitError, UsageError
from nfcodec.exporters import export
from nfcodec.model.field import Field
from nfcodec.quantize.vq import kmeans
from nfcodec.rd.bench import Bench, Order
from nfcodec.rd.plan import Setting
from tests.fields import random_field


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(random_field("sdf", "octree"), tmp_path_factory.mktemp("encode") / "a.pt")


@pytest.fixture(scope="module")
def wanted(path: Path) -> bytes:
    """What the command writes."""
    out = path.with_name("a.nfc")
    assert run(["encode", str(path), "-m", "kmeans", "-b", "5", "-o", str(out), "-q"]) == 0
    return out.read_bytes()


def test_the_command_writes_all_that_a_file_has(wanted: bytes) -> None:
    coded = coding.open(wanted)
    assert coded.metadata["encoding"]["method"] == "kmeans"
    assert coded.metadata["metrics"]["value_psnr"] > 0
    assert coding.preview(wanted) is not None


def test_a_request_gives_the_commands_file(path: Path, wanted: bytes) -> None:
    found = encode_file(nfcodec.load(path), EncodeRequest.of("kmeans", bits=5))
    assert found.data == wanted
    assert found.quality is None


def test_encode_and_save_give_the_commands_file(path: Path, wanted: bytes, tmp_path: Path) -> None:
    out = tmp_path / "b.nfc"
    coded = nfcodec.encode(nfcodec.load(path), "kmeans", bits=5)
    assert nfcodec.save(coded, out) == len(wanted)
    assert out.read_bytes() == wanted


def test_sweeps_measure_the_commands_file(path: Path, wanted: bytes, tmp_path: Path) -> None:
    order = Order(
        field=str(path), folder=str(tmp_path), data=None, steps=None, lods=False, points=1000,
        seed=0, device="auto",
    )  # fmt: skip
    setting = Setting("kmeans", bits=5)
    record = Bench(order).run(setting)
    assert order.path(setting, ".nfc").read_bytes() == wanted
    assert record["points"][-1]["bytes"] == len(wanted)


def _unstorable(field: Field) -> Field:
    return replace(field, metadata={"n": 2**70})


def _too_wide(field: Field) -> Field:
    network = field.networks[0]
    return replace(field, networks=(replace(network, name="n" * 65), *field.networks[1:]))


@pytest.mark.parametrize(("spoil", "error"), [(_unstorable, UsageError), (_too_wide, LimitError)])
def test_what_no_file_can_hold_is_refused_before_the_work(
    spoil: Any, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def learned(*_: Any) -> None:
        raise AssertionError("the work began")

    monkeypatch.setattr(kmeans.KMeans, "quantize", learned)
    field = random_field("scalar", "dense", levels=1)
    with pytest.raises(error, match="the field to encode"):
        encode_file(spoil(field), EncodeRequest.of("kmeans"))


def test_a_field_is_not_saved_as_it_is(tmp_path: Path) -> None:
    field = random_field("scalar", "dense", levels=1)
    with pytest.raises(UsageError, match="not coded yet"):
        nfcodec.save(field, tmp_path / "a.nfc")
    with pytest.raises(UsageError, match=r"saved as \.nfc"):
        nfcodec.save(nfcodec.encode(field, "kmeans"), tmp_path / "a.pt")
