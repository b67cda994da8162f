"""Checkpoints against what PyTorch itself loads, and crafted ones."""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from nfcodec.untrusted import torch_zip
from nfcodec.untrusted.archives import Archive
from nfcodec.untrusted.source import InputFile
from tests.importers.helpers import built, protocol_4, write_torch_zip

DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.int64, torch.int32, torch.int16,
    torch.int8, torch.uint8, torch.bool,
]  # fmt: skip


def _read(path: Path) -> Any:
    archive = Archive(path, str(path))
    try:
        assert torch_zip.is_torch(archive)
        return built(torch_zip.read(archive))
    finally:
        archive.close()


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_of_every_type(tmp_path: Path, dtype: torch.dtype) -> None:
    tensor = (torch.arange(24).reshape(2, 3, 4) % 3).to(dtype)
    torch.save({"a": tensor, "b": tensor[:, 1:, ::2], "c": tensor.permute(2, 0, 1)}, tmp_path / "x")
    read = _read(tmp_path / "x")
    for key, expected in torch.load(tmp_path / "x", weights_only=True).items():
        assert read[key].dtype == expected.numpy().dtype
        assert np.array_equal(read[key], expected.numpy())


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    tensor = torch.randn(50, generator=torch.Generator().manual_seed(0)).bfloat16()
    torch.save([tensor], tmp_path / "x")
    assert np.array_equal(_read(tmp_path / "x")[0], tensor.float().numpy())


@pytest.mark.filterwarnings("ignore:Detected pickle protocol 4")
def test_protocol_4_which_pytorch_refuses(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1, bias=False))
    value = {"state_dict": module.state_dict(), "epoch": 7, "size": torch.Size([2, 3])}
    path = protocol_4(tmp_path / "x", value)
    with pytest.raises(pickle.UnpicklingError):
        torch.load(path, weights_only=True)
    read = _read(path)
    assert read["epoch"] == 7
    assert read["size"] == (2, 3)
    assert list(read["state_dict"]) == ["0.weight", "0.bias", "1.weight"]
    for key, tensor in module.state_dict().items():
        assert np.array_equal(read["state_dict"][key], tensor.numpy())


def test_scalars_empty_tensors_and_parameters(tmp_path: Path) -> None:
    value = OrderedDict(
        a=torch.tensor(2.5), b=torch.zeros(0, 3), c=torch.nn.Parameter(torch.ones(2))
    )
    torch.save(value, tmp_path / "x")
    read = _read(tmp_path / "x")
    assert read["a"].shape == ()
    assert read["a"] == 2.5
    assert read["b"].shape == (0, 3)
    assert read["c"].tolist() == [1.0, 1.0]


def test_big_endian_storages(tmp_path: Path) -> None:
    path = _crafted(tmp_path, np.arange(4, dtype=">f4").tobytes(), byteorder=b"big")
    assert _read(path).tolist() == [[0.0, 1.0], [2.0, 3.0]]


class _Persistent:
    def __init__(self, *identity: Any) -> None:
        self.identity = identity


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        return value.identity if isinstance(value, _Persistent) else None


class _Tensor:
    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __reduce__(self) -> Any:
        return (torch._utils._rebuild_tensor_v2, self.arguments)


def _crafted(
    folder: Path,
    data: bytes,
    offset: Any = 0,
    size: Any = (2, 2),
    stride: Any = (2, 1),
    count: Any = 4,
    kind: Any = torch.FloatStorage,
    key: Any = "0",
    **members: bytes,
) -> Path:
    import io

    buffer = io.BytesIO()
    storage = _Persistent("storage", kind, key, "cpu", count)
    _Pickler(buffer, 2).dump(_Tensor(storage, offset, size, stride, False, OrderedDict()))
    return write_torch_zip(folder / "x.pt", buffer.getvalue(), {"0": data}, **members)


def test_a_crafted_file_like_pytorchs_is_read(tmp_path: Path) -> None:
    path = _crafted(tmp_path, np.arange(4, dtype="<f4").tobytes())
    assert _read(path).tolist() == [[0.0, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offset": 1}, "needs 5 values"),
        ({"size": (2, 3)}, "needs 5 values"),
        ({"size": (2**40, 2**40)}, "needs"),
        ({"stride": (3, 1)}, "needs 5 values"),
        ({"offset": -1}, "malformed"),
        ({"size": (-2, 2)}, "malformed"),
        ({"stride": (-2, 1)}, "malformed"),
        ({"size": (2.0, 2)}, "malformed"),
        ({"size": (True, 2)}, "malformed"),
        ({"size": (2,)}, "malformed"),
        ({"size": 4, "stride": 1}, "malformed"),
        ({"count": 5}, "5 were promised"),
        ({"count": -1}, "malformed"),
        ({"key": "1"}, "missing"),
        ({"key": "../version"}, "missing"),
        ({"key": 0}, "malformed"),
        ({"kind": torch.DoubleStorage}, "4 were promised"),
        ({"kind": torch.nn.Linear}, "unknown kind of storage"),
        ({"size": (2**63,), "stride": (0,)}, "malformed"),
        ({"kind": torch.float32}, "unknown kind of storage"),
        ({"kind": ("x",)}, "malformed"),
        ({"byteorder": b"middle"}, "byte order"),
    ],
)
def test_tensors_that_do_not_fit_their_storage(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = _crafted(tmp_path, bytes(16), **changes)
    with pytest.raises(DamagedFileError, match=message):
        _read(path)


def test_a_storage_that_ends_within_a_value(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="ends within a value"):
        _read(_crafted(tmp_path, bytes(15)))


@pytest.mark.parametrize(("size", "stride"), [((2**40,), (0,)), ((2**13, 2**13), (0, 0))])
def test_repeated_values_take_memory_in_proportion_to_the_file(
    tmp_path: Path, size: Any, stride: Any
) -> None:
    with pytest.raises(LimitError, match="far more memory than the file holds"):
        _read(_crafted(tmp_path, bytes(16), size=size, stride=stride))


def test_repeated_overlapping_and_shared_values(tmp_path: Path) -> None:
    row = torch.arange(6.0)
    value = {
        "expanded": torch.tensor([0.25]).expand(16),
        "columns": row[:, None].expand(6, 3),
        "windows": row.unfold(0, 3, 1),
        "transposed": row.reshape(2, 3).T,
        "tail": row[4:],
    }
    torch.save(value, tmp_path / "x")
    read = _read(tmp_path / "x")
    for key, expected in value.items():
        assert np.array_equal(read[key], expected.numpy()), key
    read["expanded"][0] = 1.0  # nobody else's value changes
    assert read["expanded"][1] == 0.25


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64", "complex64", "complex128"])
def test_types_that_came_later(tmp_path: Path, dtype: str) -> None:
    values = np.arange(5).astype(dtype)
    torch.save({"a": torch.from_numpy(values)}, tmp_path / "x")
    assert np.array_equal(_read(tmp_path / "x")["a"], values)
    assert _read(tmp_path / "x")["a"].dtype == values.dtype


def test_a_type_without_counterpart_is_told_when_it_is_needed(tmp_path: Path) -> None:
    torch.save([torch.zeros(3).to(torch.float8_e4m3fn)], tmp_path / "x")
    with pytest.raises(UnsupportedError, match="float8_e4m3fn"):
        _read(tmp_path / "x")


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    path = _crafted(tmp_path, bytes(16))
    archive = Archive(path, "x")
    tensor = torch_zip.read(archive)
    assert tensor.shape == (2, 2)
    archive.close()
    with pytest.raises(DamagedFileError, match="damaged"):
        tensor.array()


def test_two_pickles_are_one_too_many(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("a/data.pkl", b"\x80\x02N.")
        archive.writestr("b/data.pkl", b"\x80\x02N.")
    with pytest.raises(DamagedFileError, match="2 pickles"):
        _read(tmp_path / "x")


def test_options_beside_a_checkpoint(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "x.pt")
    options = tmp_path / "options.json"
    with InputFile(tmp_path / "x.pt") as file:
        assert file.options == {}
    options.write_text('{"a": 1}')
    with InputFile(tmp_path / "x.pt") as file:
        assert file.options == {"a": 1}
    options.write_text("[1]")
    with (
        InputFile(tmp_path / "x.pt") as file,
        pytest.warns(UserWarning, match="holds no options"),
    ):
        assert file.options == {}
    options.write_text("{")
    with (
        InputFile(tmp_path / "x.pt") as file,
        pytest.raises(DamagedFileError, match=r"options\.json"),
    ):
        assert file.options
