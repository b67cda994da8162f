"""Our own field files: exact round trips, hostile files, what other programs see."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nfcodec import importers
from nfcodec.errors import (
    DamagedFileError,
    InvalidFieldError,
    LimitError,
    NfcodecError,
    UnsupportedError,
    UsageError,
)
from nfcodec.exporters import export
from nfcodec.fieldfile import document, h5
from nfcodec.model.field import Field
from nfcodec.untrusted import archives
from tests.fields import LAYOUTS, random_field
from tests.importers.helpers import same, same_field, write_torch_zip

FORMS = (".pt", ".h5", ".npz")
COMBINATIONS = [
    (kind, layout)
    for kind in ("nerf", "sdf", "scalar")
    for layout in LAYOUTS
    if (kind, layout) != ("nerf", "dense2d")
]

METADATA = {
    "name": "déjà vu",
    "whole": 3,
    "real": 3.0,
    "tiny": 5e-324,
    "third": 1 / 3,
    "huge": 2**63,
    "yes": True,
    "nothing": None,
    "nested": {"list": [1, [2.5, "x"], {}, []], "deep": {"a": {"b": [{}]}}},
    "grids": "a name that the tree uses as well",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("kind", "layout"), COMBINATIONS)
def test_every_form_gives_back_the_same_field(
    tmp_path: Path, kind: Any, layout: Any, form: str
) -> None:
    field = replace(random_field(kind, layout), metadata=METADATA)
    path = export(field, tmp_path / f"a{form}")
    assert same_field(importers.load(path), field)


def test_pt_to_h5_to_pt_is_exact_to_the_byte(tmp_path: Path) -> None:
    field = replace(random_field("nerf", "octree"), metadata=METADATA)
    first = export(field, tmp_path / "a.pt")
    other = export(importers.load(first), tmp_path / "b.h5")
    third = export(importers.load(other), tmp_path / "c.npz")
    last = export(importers.load(third), tmp_path / "d.pt")
    assert first.read_bytes() == last.read_bytes()
    a, b = (torch.load(path, weights_only=True) for path in (first, last))
    assert same(_arrays(a), _arrays(b))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metadata=st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**80), 2**80)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=4), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=4,
    ),
    bits=st.lists(st.integers(0, 2**32 - 1), min_size=4, max_size=4),
    form=st.sampled_from(FORMS),
)
def test_any_finite_bits_and_any_metadata_survive(
    tmp_path: Path, metadata: dict[str, Any], bits: list[int], form: str
) -> None:
    field = replace(random_field("scalar", "dense", levels=1), metadata=metadata)
    features = field.levels[0].features.copy()
    row = np.array(bits, np.uint32).view(np.float32)
    features[0] = np.where(np.isfinite(row), row, -0.0)
    field = field.with_features([features])
    path = export(field, tmp_path / f"a{form}", overwrite=True)
    assert same_field(importers.load(path), field)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_field_is_the_same_file(tmp_path: Path, form: str) -> None:
    a, b = (
        export(random_field("nerf", "octree"), tmp_path / f"{name}{form}") for name in ("a", "bb")
    )
    assert a.read_bytes() == b.read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_arrays_can_be_written_to(tmp_path: Path, form: str) -> None:
    loaded = importers.load(export(random_field("nerf", "octree"), tmp_path / f"a{form}"))
    assert all(level.features.flags.writeable for level in loaded.levels)
    assert all(level.features.flags.c_contiguous for level in loaded.levels)


def test_recognized_by_content_and_not_by_suffix(tmp_path: Path) -> None:
    field = random_field("sdf", "octree")
    for form, name in zip(FORMS, ("nfcodec .pt", "nfcodec .h5", "nfcodec .npz"), strict=True):
        disguised = tmp_path / f"from{form[1:]}.nfc"
        shutil.copy(export(field, tmp_path / f"a{form}"), disguised)
        source = importers.recognize(disguised)
        assert source is not None
        assert source.name == name
        assert same_field(importers.load(disguised), field)


def test_pytorch_itself_reads_pt_with_weights_only(tmp_path: Path) -> None:
    field = random_field("nerf", "octree")
    tree = torch.load(export(field, tmp_path / "a.pt"), weights_only=True)
    assert tree["format"] == "nfcodec-field"
    assert tree["version"] == 1
    level = tree["grids"][0]["levels"][1]
    assert level["features"].dtype == torch.float32
    assert np.array_equal(level["features"].numpy(), field.levels[1].features)
    assert level["layout"]["voxels"].dtype == torch.int64


def test_pytorch_may_write_our_tree(tmp_path: Path) -> None:
    """A ``.pt`` made by hand, with views, other strides and parameters, is read as well."""
    field = random_field("scalar", "dense")
    tree = torch.load(export(field, tmp_path / "a.pt"), weights_only=True)
    levels = tree["grids"][0]["levels"]
    for level in levels:
        level["features"] = level["features"].T.contiguous().T
    whole = torch.cat([level["features"].reshape(-1) for level in levels[:2]])
    count = levels[0]["features"].numel()
    levels[0]["features"] = whole[:count].view_as(levels[0]["features"])
    levels[1]["features"] = whole[count:].view_as(levels[1]["features"])
    tree["networks"][0]["layers"][0]["weight"] = torch.nn.Parameter(
        tree["networks"][0]["layers"][0]["weight"]
    )
    torch.save(tree, tmp_path / "b.pt")
    assert same_field(importers.load(tmp_path / "b.pt"), field)


def test_h5_explains_itself(tmp_path: Path) -> None:
    field = replace(random_field("nerf", "octree"), metadata=METADATA)
    with h5py.File(export(field, tmp_path / "a.h5")) as root:
        assert root.attrs["format"] == "nfcodec-field"
        assert root.attrs["kind"] == "nerf"
        assert "neural field" in root.attrs["description"]
        assert json.loads(root["metadata"][()]) == METADATA
        level = root["grids/0/levels/2"]
        assert level.attrs["lod"] == 2
        assert level["layout"].attrs["type"] == "octree"
        assert "Morton" in level["layout"].attrs["description"]
        assert level["features"].dims[0].label == "corner"
        assert root["networks/0/layers/0"].attrs["activation"] == "relu"


def test_h5_levels_are_chunked_and_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = random_field("scalar", "dense", levels=4, features=8)
    path = export(field, tmp_path / "a.h5")
    with h5py.File(path) as root:
        largest = root["grids/0/levels/3/features"]
        assert largest.chunks is not None
        assert largest.fletcher32
        assert np.prod(largest.chunks) * 4 < largest.nbytes
    assert h5.count_levels(path) == 4
    touched: list[str] = []
    read = h5._Reader.dataset

    def spy(self: Any, dataset: Any) -> Any:
        touched.append(dataset.name)
        return read(self, dataset)

    monkeypatch.setattr(h5._Reader, "dataset", spy)
    level = h5.read_level(path, 2)
    assert touched == ["/grids/0/levels/2/features"]
    assert level.lod == 2
    assert level.layout == field.levels[2].layout
    assert np.array_equal(level.features, field.levels[2].features)
    with pytest.raises(UsageError, match="no level 4; the field has 4"):
        h5.read_level(path, 4)
    with pytest.raises(InvalidFieldError, match="not an HDF5 file"):
        h5.read_level(export(field, tmp_path / "a.pt"), 0)


# Damage


@pytest.mark.parametrize("form", FORMS)
def test_cuts_give_our_error_and_flips_that_or_a_field(tmp_path: Path, form: str) -> None:
    field = random_field("nerf", "octree", levels=1)
    data = export(field, tmp_path / f"a{form}").read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / f"b{form}"
    for end in rng.integers(0, len(data), 40):
        path.write_bytes(data[:end])
        with pytest.raises(NfcodecError):
            importers.load(path)
    messages = []
    for at, bit in zip(rng.integers(0, len(data), 80), rng.integers(0, 8, 80), strict=True):
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        path.write_bytes(flipped)
        try:
            importers.load(path)
        except NfcodecError as error:
            messages.append(str(error))
    assert len(messages) > 10
    assert all(str(path) in message for message in messages)


@pytest.mark.parametrize("form", [".pt", ".npz"])
def test_a_flipped_value_is_noticed_by_its_checksum(tmp_path: Path, form: str) -> None:
    path = export(random_field("nerf", "octree"), tmp_path / f"a{form}")
    data = bytearray(path.read_bytes())
    at = data.index(random_field("nerf", "octree").levels[2].features.tobytes())
    data[at + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedFileError, match="damaged"):
        importers.load(path)


def test_a_flipped_value_in_a_chunk_of_h5_is_noticed(tmp_path: Path) -> None:
    field = random_field("scalar", "dense", levels=4, features=8)
    path = export(field, tmp_path / "a.h5")
    data = bytearray(path.read_bytes())
    data[data.index(field.levels[3].features[:100].tobytes()) + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedFileError):
        importers.load(path)
    assert h5.read_level(path, 0).lod == 0


class _Touch:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self.mark,))


@pytest.mark.filterwarnings("ignore:.*runs commands")
def test_code_in_a_pt_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    path = tmp_path / "a.pt"
    field = random_field("scalar", "dense", levels=1)
    torch.save({**_tensors(document.from_field(field)), "x": _Touch(mark)}, path)
    assert same_field(importers.load(path), field)
    torch.save({**_tensors(document.from_field(field)), "kind": _Touch(mark)}, path)
    with pytest.raises(InvalidFieldError, match="'kind' must be str, not Placeholder"):
        importers.load(path)
    write_torch_zip(path, b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R.", {})
    with pytest.raises(UnsupportedError, match=r"posix\.system"):
        importers.load(path)
    path.write_bytes(pickle.dumps(_Touch(mark)))
    with pytest.raises(UnsupportedError, match="a Python pickle"):
        importers.load(path)
    assert not mark.exists()


def _tree(**changes: Any) -> dict[str, Any]:
    return {**document.from_field(random_field("scalar", "dense", levels=1)), **changes}


def _tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, dict):
        return {key: _tensors(item) for key, item in value.items()}
    return [_tensors(item) for item in value] if isinstance(value, list) else value


def _arrays(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.numpy()
    if isinstance(value, dict):
        return {key: _arrays(item) for key, item in value.items()}
    return [_arrays(item) for item in value] if isinstance(value, list) else value


TREES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "newer": (lambda: _tree(version=2), UnsupportedError, "version 2 of the field format"),
    "version type": (lambda: _tree(version="1"), InvalidFieldError, "'version' must be int"),
    "kind": (lambda: _tree(kind="other"), UnsupportedError, "unknown kind"),
    "kind type": (lambda: _tree(kind=["sdf"]), InvalidFieldError, "'kind' must be str"),
    "no bounds": (lambda: _tree(bounds=None), InvalidFieldError, "'bounds' must be ndarray"),
    "grids": (lambda: _tree(grids={}), InvalidFieldError, "'grids' must be list"),
    "grid": (lambda: _tree(grids=[1]), InvalidFieldError, "grids 0: a group is needed"),
    "networks": (lambda: _tree(networks=[]), InvalidFieldError, "no network"),
    "metadata": (lambda: _tree(metadata=[]), InvalidFieldError, "'metadata' must be dict"),
    "occupancy": (lambda: _tree(occupancy=3), InvalidFieldError, "'occupancy' must be dict"),
}


@pytest.mark.parametrize("name", TREES)
def test_unsound_trees(tmp_path: Path, name: str) -> None:
    make, error, message = TREES[name]
    torch.save(_tensors(make()), tmp_path / "a.pt")
    with pytest.raises(error) as caught:
        importers.load(tmp_path / "a.pt")
    assert message in str(caught.value)
    assert "a.pt" in str(caught.value)


def test_unknown_layout_is_unsupported(tmp_path: Path) -> None:
    tree = _tree()
    tree["grids"][0]["levels"][0]["layout"] = {"type": "hash"}
    torch.save(_tensors(tree), tmp_path / "a.pt")
    with pytest.raises(UnsupportedError, match="unknown layout 'hash'"):
        importers.load(tmp_path / "a.pt")


def test_declared_sizes_are_checked_before_allocation(tmp_path: Path) -> None:
    tree = _tree()
    tree["grids"][0]["levels"][0]["layout"]["shape"] = [2**20, 2**20, 1]
    torch.save(_tensors(tree), tmp_path / "a.pt")
    with pytest.raises(LimitError, match="corners"):
        importers.load(tmp_path / "a.pt")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("form", FORMS)
def test_nan_is_reported_with_its_level(tmp_path: Path, form: str, bad: float) -> None:
    field = random_field("nerf", "octree")
    path = tmp_path / f"a{form}"
    with pytest.raises(InvalidFieldError, match="level 2: features: "):
        export(_with_nan(field, bad), path)
    tree = document.from_field(_with_nan(field, bad))
    from nfcodec.exporters import FIELD_WRITERS

    FIELD_WRITERS[form](_with_nan(field, bad), path)
    assert tree["kind"] == "nerf"
    with pytest.raises(InvalidFieldError, match=r"grid 0, level 2: features: "):
        importers.load(path)


def _with_nan(field: Field, value: float) -> Field:
    features = [level.features.copy() for level in field.levels]
    features[2][3, 1] = value
    return field.with_features(features)


def _edit_h5(path: Path, edit: Callable[[Any], None]) -> None:
    with h5py.File(path, "r+") as root:
        edit(root)


def _replace_features(root: Any, **options: Any) -> None:
    level = root["grids/0/levels/0"]
    del level["features"]
    level.create_dataset("features", **options)


def _soft_link(root: Any) -> None:
    del root["networks"]
    root["networks"] = h5py.SoftLink("/grids")


def _external_link(root: Any) -> None:
    del root["networks"]
    root["networks"] = h5py.ExternalLink("/etc/passwd", "/")


def _deep(root: Any) -> None:
    group = root.create_group("more")
    for _ in range(20):
        group = group.create_group("x")


def _cycle(root: Any) -> None:
    root["networks/0/self"] = root["networks"]


HOSTILE_H5: dict[str, tuple[Callable[[Any], None], type[Exception], str]] = {
    "external link": (_external_link, UnsupportedError, "not followed"),
    "soft link": (_soft_link, UnsupportedError, "not followed"),
    "external values": (
        lambda root: _replace_features(
            root, shape=(60, 4), dtype="f4", external=[("/etc/passwd", 0, 960)]
        ),
        UnsupportedError,
        "not followed; copy the values",
    ),
    "virtual": (
        lambda root: _replace_virtual(root),
        UnsupportedError,
        "not followed; copy the values",
    ),
    "2^40 rows": (
        lambda root: _replace_features(root, shape=(2**40, 4), dtype="f4", chunks=(1024, 4)),
        LimitError,
        "the limit is",
    ),
    "fill values": (
        lambda root: _replace_features(root, shape=(2**24, 4), dtype="f4", chunks=(1024, 4)),
        DamagedFileError,
        "0 bytes in the file",
    ),
    "strings": (
        lambda root: _replace_features(root, data=["a", "b"]),
        InvalidFieldError,
        "not plain numbers",
    ),
    "deep": (_deep, LimitError, "nested"),
    "cycle": (_cycle, NfcodecError, ""),
    "numbering": (
        lambda root: root.move("networks/0", "networks/7"),
        InvalidFieldError,
        "not numbered from 0",
    ),
    "no metadata": (lambda root: root.__delitem__("metadata"), DamagedFileError, ""),
    "bad metadata": (
        lambda root: (root.__delitem__("metadata"), root.create_dataset("metadata", data="{")),
        InvalidFieldError,
        "not JSON",
    ),
    "long attribute": (
        lambda root: root.attrs.create("skips", np.zeros(1000)),
        InvalidFieldError,
        "short list",
    ),
    "newer": (lambda root: root.attrs.modify("version", 9), UnsupportedError, "version 9"),
}


def _replace_virtual(root: Any) -> None:
    level = root["grids/0/levels/0"]
    del level["features"]
    layout = h5py.VirtualLayout((60, 4), "f4")
    layout[:] = h5py.VirtualSource("/nowhere.h5", "x", (60, 4))
    level.create_virtual_dataset("features", layout)


@pytest.mark.parametrize("name", HOSTILE_H5)
def test_hostile_h5(tmp_path: Path, name: str) -> None:
    edit, error, message = HOSTILE_H5[name]
    path = export(random_field("scalar", "dense", levels=1), tmp_path / "a.h5")
    _edit_h5(path, edit)
    with pytest.raises(error) as caught:
        importers.load(path)
    assert isinstance(caught.value, NfcodecError)
    assert message in str(caught.value)


def test_compressed_h5_of_another_program_is_read(tmp_path: Path) -> None:
    field = random_field("scalar", "dense", levels=1)
    path = export(field, tmp_path / "a.h5")
    features = field.levels[0].features
    _edit_h5(path, lambda root: _replace_features(root, data=features, compression=9, shuffle=True))
    assert same_field(importers.load(path), field)


def test_numpy_itself_reads_npz_without_pickles(tmp_path: Path) -> None:
    field = random_field("nerf", "octree")
    with np.load(export(field, tmp_path / "a.npz"), allow_pickle=False) as arrays:
        assert np.array_equal(arrays["grids/0/levels/1/features"], field.levels[1].features)
        assert json.loads(str(arrays["skeleton"]))["kind"] == "nerf"


def test_hostile_npz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MIN_EXPANDED", 1 << 16)
    path = tmp_path / "a.npz"
    good = export(random_field("scalar", "dense", levels=1), tmp_path / "good.npz")
    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    features = "grids/0/levels/0/features.npy"

    def write(changes: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, data in {**members, **changes}.items():
                archive.writestr(name, data)

    write({})
    assert same_field(importers.load(path), importers.load(good))
    header = members[features]
    huge = header.replace(b"(60, 4)", b"(9**9,)")
    assert huge != header
    for changes in (
        {features: huge},
        {features: header.replace(b"(60, 4)", b"(61, 4)")},
        {features: header[:30]},
        {features: b""},
        {"nowhere/at/all.npy": header},
        {"kind/x.npy": header},
        {"skeleton.npy": header},
    ):
        write(changes)
        with pytest.raises(DamagedFileError):
            importers.load(path)
    write({features: header.replace(b"'<f4'", b"'|O' ")})
    with pytest.raises(UnsupportedError, match=r"features.*holds Python objects"):
        importers.load(path)
    write({}, zipfile.ZIP_DEFLATED)
    assert same_field(importers.load(path), importers.load(good))
    write({features: header + bytes(1 << 21)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(LimitError, match="expand"):
        importers.load(path)


def test_arrays_that_numpy_wrote_otherwise(tmp_path: Path) -> None:
    field = random_field("nerf", "octree")
    with np.load(export(field, tmp_path / "a.npz")) as found:
        arrays = dict(found)
    np.savez_compressed(tmp_path / "b.npz", **arrays)  # type: ignore[arg-type]
    swapped = {
        name: np.asfortranarray(value.astype(value.dtype.newbyteorder(">"))).reshape(value.shape)
        if value.dtype.kind == "f" else value
        for name, value in arrays.items()
    }  # fmt: skip
    np.savez(tmp_path / "c.npz", **swapped)  # type: ignore[arg-type]
    assert same_field(importers.load(tmp_path / "b.npz"), field)
    assert same_field(importers.load(tmp_path / "c.npz"), field)
