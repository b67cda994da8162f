"""Array codecs: skeletons, steps, hashed codes, and what each peer gives back."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import peer_codecs
import pytest
from peer_codecs import Arrays, Shapes, deflate, environments, rounding, worker
from rate import hashed, jobs, skeleton

from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field
from nfcodec.quantize import Context
from tests.fields import LayoutName, random_field


def shapes_of(arrays: Arrays) -> Shapes:
    return Shapes(*([array.shape for array in each] for each in arrays))


@pytest.mark.parametrize("layout", ["octree", "dense", "dense2d", "multigrid"])
def test_a_skeleton_and_the_arrays_are_the_field(layout: LayoutName) -> None:
    field = random_field("scalar", layout)
    arrays = skeleton.arrays_of(field)
    frame, data = skeleton.unwrap(skeleton.wrap(skeleton.build(field), b"data"))
    assert data == b"data"
    assert skeleton.shapes_of(frame) == shapes_of(arrays)
    back = skeleton.fill(frame, arrays)
    for one, two in zip(field.levels, back.levels, strict=True):
        assert np.array_equal(one.features, two.features)
        assert one.lod == two.lod
    weights = [layer.weight for network in back.networks for layer in network.layers]
    wanted = [layer.weight for network in field.networks for layer in network.layers]
    for one, two in zip(wanted, weights, strict=True):
        assert np.array_equal(one.astype(np.float16), two)


def test_a_skeleton_says_nothing_of_the_values() -> None:
    field = random_field("sdf", "octree")
    other = field.with_features([3.0 * level.features + 1.0 for level in field.levels])
    assert skeleton.build(field) == skeleton.build(other)


@pytest.mark.parametrize("share", [0.25, 1.0, 3.0])
def test_steps_are_the_same_as_float16_and_as_integers(share: float) -> None:
    arrays = skeleton.arrays_of(random_field("nerf", "octree"))
    shapes = shapes_of(arrays)
    data = rounding.encode_integers(arrays, share, lambda values: values.tobytes())
    integers = rounding.decode_integers(
        data, shapes, lambda part, count, dtype: np.frombuffer(part, dtype, count)
    )
    floats = deflate.decode(deflate.encode(arrays, share), shapes)
    step = rounding.step_of(arrays, share)
    assert step == pytest.approx(share * peer_codecs.spread(arrays), rel=1 / 16)
    for source, one, two in zip(arrays.levels, integers.levels, floats.levels, strict=True):
        assert np.array_equal(one, two)
        assert np.abs(one - source).max() <= 0.5001 * step
    for source, one in zip(arrays.networks, integers.networks, strict=True):
        assert np.array_equal(source, one)


@pytest.mark.parametrize("codec", peer_codecs.MODULES)
def test_every_codec_gives_back_what_it_was_given(codec: str, tmp_path: Path) -> None:
    python = environments.python_of(environments.FOLDER, peer_codecs.MODULES[codec])
    if not python.is_file():
        pytest.skip("its environment is not there: benchmarks/peer_codecs/environments.py")
    field = random_field("scalar", "dense" if codec == "zfp" else "octree")
    arrays = skeleton.arrays_of(field)
    source, data, out = (str(tmp_path / name) for name in ("arrays.npz", "data", "out.npz"))
    worker.save(arrays, source)
    command = [str(python), worker.__file__]
    about = jobs.process(command, {"codec": codec})
    errors, sizes = [], []
    # NNCodec loads PyTorch at each start: once has to do.
    for value in (
        about["values"][:1] if codec == "nnc" else about["values"][:: len(about["values"]) - 1]
    ):
        jobs.process(command, {"codec": codec, "encode": source, "value": value, "out": data})
        shapes = shapes_of(arrays)._asdict()
        jobs.process(command, {"codec": codec, "decode": data, "shapes": shapes, "out": out})
        found = worker.load(out)
        assert shapes_of(found) == shapes_of(arrays)
        pairs = zip(arrays.levels, found.levels, strict=True)
        errors.append(sum(float(np.square(a - b).sum()) for a, b in pairs))
        sizes.append(Path(data).stat().st_size)
        for a, b in zip(arrays.networks, found.networks, strict=True):
            assert np.abs(a - b).max() <= 0.01 * max(1.0, np.abs(a).max())
    assert errors == sorted(set(errors))
    assert sizes == sorted(sizes, reverse=True)
    assert errors[0] < 0.1 * peer_codecs.spread(arrays) ** 2 * sum(a.size for a in arrays.levels)


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(jobs.Failed, match="No module named"):
        jobs.process([sys.executable, worker.__file__], {"codec": "no_such"})


def hashed_field() -> Field:
    return random_field("scalar", "octree")


def test_hashed_indices_are_a_code_each_where_codes_suffice() -> None:
    layout = hashed_field().levels[-1].layout
    count = len(hashed_field().levels[-1].features)
    index = hashed.indices(layout, 5)
    assert count > 32
    assert index.shape == (count,)
    assert index.min() >= 0
    assert len(np.unique(index)) == 32
    assert np.array_equal(hashed.indices(layout, 12), np.arange(count))
    # The origin's code is 0 and its neighbors' along x are 1, 2, ...: instant-ngp's hash.
    assert hashed.indices(DenseLayout((9, 9, 9)), 4)[:9].tolist() == list(range(9))


@pytest.mark.slow
def test_hashed_codes_are_learned_and_come_back_from_bytes() -> None:
    field = hashed_field()
    learned, index = hashed.learn(field, 5, 3, Context(device="cpu"))
    frame, data = skeleton.unwrap(
        skeleton.wrap(skeleton.build(field), hashed.to_bytes(learned, index, 5))
    )
    back = hashed.from_bytes(frame, data)
    for one, two in zip(learned.levels, back.levels, strict=True):
        assert np.array_equal(one.features, two.features)
        assert len(np.unique(one.features, axis=0)) <= 32
    for one, two in zip(learned.networks, back.networks, strict=True):
        for a, b in zip(one.layers, two.layers, strict=True):
            assert np.array_equal(a.weight, b.weight)
    moved = zip(field.networks, learned.networks, strict=True)
    assert any(not np.array_equal(a.layers[0].weight, b.layers[0].weight) for a, b in moved)
