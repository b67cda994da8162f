"""Checkpoints as people bring them: wrapped, nested, in the older format, beside other things."""

from __future__ import annotations

import collections
import itertools
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import (
    DamagedFileError,
    InvalidFieldError,
    LimitError,
    NfcodecError,
    UnsupportedError,
)
from nfcodec.untrusted import archives, state_dicts
from nfcodec.untrusted.safe_pickle import Global
from nfcodec.untrusted.source import InputFile
from nfcodec.untrusted.tensors import Tensor
from nfcodec.untrusted.torch_pickle import TorchPickle

Arrays = dict[str, npt.NDArray[Any]]


def volume(seed: int = 0) -> Arrays:
    """The named arrays of a small fV-SRN volume: a grid of 4 features and a decoder."""
    draw = np.random.default_rng(seed).standard_normal
    shapes = {
        "feature_grid": (1, 4, 5, 6, 7),
        "decoder.0.linear.weight": (16, 16),
        "decoder.0.linear.bias": (16,),
        "decoder.1.weight": (1, 16),
        "decoder.1.bias": (1,),
    }
    return {name: draw(shape).astype(np.float32) for name, shape in shapes.items()}


def as_tensors(arrays: Arrays, prefix: str = "") -> dict[str, Any]:
    return {prefix + name: torch.from_numpy(value.copy()) for name, value in arrays.items()}


def assert_read(path: Path, arrays: Arrays) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        field = importers.load(path)
    grid = arrays["feature_grid"]
    assert np.array_equal(field.levels[0].features, grid[0].reshape(grid.shape[1], -1).T)
    first, last = field.networks[0].layers
    assert np.array_equal(first.weight, arrays["decoder.0.linear.weight"])
    assert np.array_equal(first.bias, arrays["decoder.0.linear.bias"])  # type: ignore[arg-type]
    assert np.array_equal(last.bias, arrays["decoder.1.bias"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "prefix",
    [
        "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "module.module.",
        "model.", "net.module.", "_orig_mod.model.module.net.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("legacy", [False, True])
def test_words_that_wrappers_put_before_names(tmp_path: Path, prefix: str, legacy: bool) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    torch.save(
        {"state_dict": as_tensors(arrays, prefix)}, path,
        _use_new_zipfile_serialization=not legacy,
    )  # fmt: skip
    assert_read(path, arrays)


def test_words_that_wrappers_put_into_names(tmp_path: Path) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    wrapped = {
        name.replace("decoder.", "decoder._orig_mod.").replace(".linear.", ".module.linear."): value
        for name, value in as_tensors(arrays).items()
    }
    torch.save(wrapped, path)
    assert_read(path, arrays)


def test_one_name_for_two_tensors_is_refused_and_both_are_named(tmp_path: Path) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    both = as_tensors(arrays) | {"module.decoder.1.bias": torch.zeros(1)}
    torch.save(both, path)
    with pytest.raises(UnsupportedError, match=r"as decoder\.1\.bias and module\.decoder\.1\.bias"):
        importers.load(path)
    both["module.decoder.1.bias"] = both["decoder.1.bias"]  # the same one under two names
    torch.save(both, path)
    assert_read(path, arrays)


_KEYS = (
    "model", "model_state_dict", "net", "network", "params", "ema_state_dict", "state_dict",
    "weights", "field", "module", "generator", "state",
)  # fmt: skip


@pytest.mark.parametrize("key", _KEYS)
@pytest.mark.parametrize("outer", ["", "checkpoint"])
def test_tensors_one_and_two_levels_down(tmp_path: Path, key: str, outer: str) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.ones(3))])
    held: dict[str, Any] = {
        "epoch": 3, key: as_tensors(arrays), "loss": 0.1, "optimizer": optimizer.state_dict(),
        "best": torch.tensor(0.5),
    }  # fmt: skip
    torch.save({outer: held, "version": 1} if outer else held, path)
    assert_read(path, arrays)


@pytest.mark.parametrize(
    "hold",
    [
        lambda one, two: {"model": one, "ema_state_dict": two},
        lambda one, two: {**one, "ema": two},
        lambda one, two: {"state_dict": one, "callbacks": {"ema": two}},
        lambda one, two: [one, two],
        lambda one, two: {f"{k}.{n}": v for k, t in (("a", one), ("b", two)) for n, v in t.items()},
    ],
)
def test_two_fields_in_one_file_are_refused_and_both_are_named(tmp_path: Path, hold: Any) -> None:
    path = tmp_path / "v.pt"
    torch.save(hold(as_tensors(volume(0)), as_tensors(volume(1))), path)
    with pytest.raises(UnsupportedError, match=r"holds several fields, under .* and "):
        importers.load(path)
    shared = as_tensors(volume(0))
    torch.save(hold(shared, dict(shared)), path)  # the same tensors in both places
    assert_read(path, volume(0))


def test_two_fields_are_named_by_their_places(tmp_path: Path) -> None:
    path = tmp_path / "v.pt"
    torch.save({"model": as_tensors(volume(0)), "ema": as_tensors(volume(1))}, path)
    with pytest.raises(UnsupportedError, match=r"under \['model'\] and \['ema'\]; save the one"):
        importers.load(path)


class _Volume(torch.nn.Module):
    """A volume's tensors as a module."""

    def __init__(self, arrays: Arrays) -> None:
        super().__init__()
        self.feature_grid = torch.nn.Parameter(torch.from_numpy(arrays["feature_grid"]))
        linear = torch.nn.Linear(16, 16)
        last = torch.nn.Linear(16, 1)
        for layer, name in ((linear, "0.linear"), (last, "1")):
            layer.weight.data = torch.from_numpy(arrays[f"decoder.{name}.weight"])
            layer.bias.data = torch.from_numpy(arrays[f"decoder.{name}.bias"])
        first = torch.nn.Module()
        first.linear = linear
        self.decoder = torch.nn.ModuleList([first, last])
        self.options = {1, 2}


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("hold", [lambda m: m, lambda m: {"epoch": 1, "network": m}])
def test_a_module_that_was_saved_whole(tmp_path: Path, hold: Any, legacy: bool) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    module = _Volume({name: value.copy() for name, value in arrays.items()})
    torch.save(hold(module), path, _use_new_zipfile_serialization=not legacy)
    assert_read(path, arrays)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_every_protocol_in_both_formats(tmp_path: Path, protocol: int, legacy: bool) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    torch.save(
        {"state_dict": collections.OrderedDict(as_tensors(arrays)), "best": np.float32(31.5)},
        path, pickle_protocol=protocol, _use_new_zipfile_serialization=not legacy,
    )  # fmt: skip
    assert_read(path, arrays)


@pytest.mark.parametrize("protocol", [2, 5])
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_weights_that_are_numpy_arrays(tmp_path: Path, protocol: int) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    held: dict[str, Any] = {**arrays, "objects": np.array([None]), "texts": np.array(["a"])}
    held["feature_grid"] = np.asfortranarray(arrays["feature_grid"])
    held["decoder.1.bias"] = arrays["decoder.1.bias"].astype(">f4")
    torch.save(held, path, pickle_protocol=protocol)
    assert_read(path, arrays)


@pytest.mark.parametrize("legacy", [False, True])
def test_views_share_a_storage_and_may_be_in_any_order(tmp_path: Path, legacy: bool) -> None:
    arrays, path = volume(), tmp_path / "v.pt"
    arrays["decoder.0.linear.bias"] = np.full(16, 0.25, np.float32)
    whole = torch.cat([value.reshape(-1) for value in as_tensors(arrays).values()])
    views, at = {}, 0
    for name, value in arrays.items():
        views[name] = whole[at : at + value.size].view(value.shape)
        at += value.size
    views["decoder.0.linear.bias"] = torch.tensor([0.25]).expand(16)
    views["feature_grid"] = views["feature_grid"].permute(4, 3, 2, 1, 0).contiguous()
    views["feature_grid"] = views["feature_grid"].permute(4, 3, 2, 1, 0)
    torch.save(views, path, _use_new_zipfile_serialization=not legacy)
    assert_read(path, arrays)


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_what_is_not_needed_is_not_read(tmp_path: Path) -> None:
    """Nothing of the optimizer: not its memory, not its type, not whether it is whole."""
    arrays, path, other = volume(), tmp_path / "v.pt", tmp_path / "w.pt"
    state = {
        "endless": torch.zeros(1).expand(1 << 40),
        "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        "sparse": torch.eye(3).to_sparse(),
        "large": torch.zeros(1000),
    }
    torch.save({"state_dict": as_tensors(arrays), "optimizer": {"state": {0: state}}}, path)
    assert_read(path, arrays)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for info in old.infolist():
            if info.file_size != 4000:
                new.writestr(info.filename, old.read(info))
    assert_read(other, arrays)


@pytest.mark.parametrize("folder", ["", "archive/", "release/archive/", "release\\archive\\"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_unpacked_and_zipped_again(tmp_path: Path, folder: str, method: int) -> None:
    arrays, path, other = volume(), tmp_path / "v.pt", tmp_path / "w.pt"
    torch.save(as_tensors(arrays), path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", method) as new:
        for name in old.namelist():
            new.writestr(folder + name.partition("/")[2], old.read(name))
    assert_read(other, arrays)


def test_other_compression_and_encryption_are_not_damage(tmp_path: Path) -> None:
    path, other = tmp_path / "v.pt", tmp_path / "w.pt"
    torch.save(as_tensors(volume()), path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_BZIP2) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(UnsupportedError, match="another method than deflate"):
        importers.load(other)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1  # the first member's flags
    other.write_bytes(data)
    with pytest.raises(UnsupportedError, match="is encrypted"):
        importers.load(other)


def test_a_zip_bomb_is_refused_before_it_expands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MIN_EXPANDED", 1 << 16)
    path, other = tmp_path / "v.pt", tmp_path / "w.pt"
    arrays = volume()
    torch.save(as_tensors(arrays), path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            largest = len(old.read(name)) == arrays["feature_grid"].nbytes
            new.writestr(name, bytes(1 << 21) if largest else old.read(name))
    with pytest.raises(LimitError, match="expand"):
        importers.load(other)


def test_members_that_are_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "v.pt"
    torch.save(as_tensors(volume()), path)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("v/data.pkl", b"\x80\x02N.")
    with pytest.raises(DamagedFileError, match="there twice"):
        importers.load(path)


# The format of before PyTorch 1.6


def _legacy(path: Path) -> bytes:
    torch.save({"a": as_tensors(volume())}, path, _use_new_zipfile_serialization=False)
    return path.read_bytes()


def test_cuts_of_the_older_format_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "v.pt"
    data = _legacy(path)
    for end in [*range(1, len(data), len(data) // 40), len(data) - 1]:
        path.write_bytes(data[:end])
        with pytest.raises(DamagedFileError):
            importers.load(path)


def test_views_of_before_pytorch_0_4(tmp_path: Path) -> None:
    """A storage that is a part of another one, as a persistent id of six parts says."""
    path, arrays = tmp_path / "v.pt", volume()
    _legacy(path)
    with InputFile(path) as file:
        leaf = next(t for t in file.state_dicts if "decoder.1.weight" in t).leaves[
            "decoder.1.weight"
        ]
        assert isinstance(leaf, Tensor)
        meaning = TorchPickle(leaf.storages)
        kind = Global("torch", "FloatStorage")
        identity = ("storage", kind, leaf.storage.key, "cpu", 16, ("other", 3, 5))
        values = leaf.storages.values(meaning.persistent(identity))
    assert np.array_equal(values[:5], arrays["decoder.1.weight"][0, 3:8])


def test_the_first_format_of_pytorch_is_named(tmp_path: Path) -> None:
    import io
    import tarfile

    path = tmp_path / "v.pt"
    with tarfile.open(path, "w") as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    with pytest.raises(UnsupportedError, match=r"tar format of before 0\.1\.10, .*: load it"):
        importers.load(path)


@pytest.mark.parametrize("legacy", [False, True])
def test_flipped_bits_give_a_field_or_our_error(tmp_path: Path, legacy: bool) -> None:
    path = tmp_path / "v.pt"
    held = {"state_dict": as_tensors(volume()), "best": np.float64(1), "x": {1, 2}}
    torch.save(held, path, _use_new_zipfile_serialization=not legacy)
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    ends = range(0, len(data), 7)
    for at, bit in itertools.islice(
        zip(rng.permutation(ends), itertools.cycle(range(8)), strict=False), 100
    ):
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        path.write_bytes(flipped)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                importers.load(path)
            except NfcodecError as error:
                assert str(path) in str(error)  # noqa: PT017


# Hostile ones


def test_names_that_are_there_endlessly_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_dicts, "_MAX_NAMES", 100)
    inner = _Volume(volume())
    torch.save([torch.nn.ModuleList([inner] * 30)], tmp_path / "v.pt")
    with pytest.raises(LimitError, match="more than 100 names"):
        importers.load(tmp_path / "v.pt")


def test_a_module_that_holds_itself(tmp_path: Path) -> None:
    module = _Volume(volume())
    module._modules["self"] = module
    torch.save(module, tmp_path / "v.pt")
    assert_read(tmp_path / "v.pt", volume())


def test_a_tensor_of_another_type_is_told_by_name(tmp_path: Path) -> None:
    arrays = volume()
    held = as_tensors(arrays)
    held["feature_grid"] = held["feature_grid"].long()
    torch.save(held, tmp_path / "v.pt")
    with pytest.raises(InvalidFieldError, match="feature_grid"):
        importers.load(tmp_path / "v.pt")
    held["feature_grid"] = torch.zeros(1).expand(1, 4, 2000, 2000, 2000)
    torch.save(held, tmp_path / "v.pt")
    with pytest.raises(LimitError, match="memory"):
        importers.load(tmp_path / "v.pt")
