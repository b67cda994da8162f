"""open(to_bytes(c)) is c, bit for bit; prefixes are the LODs they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from nfcodec import coding
from nfcodec.errors import DamagedFileError, UsageError
from tests.coding.equal import difference
from tests.fields import LAYOUTS, LayoutName, random_coded


@pytest.mark.parametrize("method", ["vq", "float16", "lowrank"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["nerf", "sdf", "scalar"])
def test_exact(kind: str, layout: LayoutName, method: str) -> None:
    if kind == "nerf" and layout == "dense2d":
        pytest.skip("a nerf has three dimensions")
    coded = random_coded(kind, layout, method)  # type: ignore[arg-type]
    assert difference(coding.open(coding.to_bytes(coded)), coded) is None


@pytest.mark.parametrize("bits", [1, 2, 4, 6, 8, 12])
def test_exact_for_every_bitwidth(bits: int) -> None:
    coded = random_coded("sdf", "octree", "vq", bits)
    assert difference(coding.open(coding.to_bytes(coded)), coded) is None


def test_every_cut_gives_its_lods_or_an_error(tmp_path: Path) -> None:
    data = coding.to_bytes(random_coded("nerf", "octree", bits=2))
    ends = coding.describe(data)["lod_bytes"]
    for cut in range(0, len(data) + 1, 7):
        lods = sum(end <= cut for end in ends)
        if lods == 0:
            with pytest.raises(DamagedFileError):
                coding.open(data[:cut])
            continue
        part = coding.open(data[:cut])
        assert part.num_lods == lods
        assert part.total_lods == (0 if lods == len(ends) else len(ends))
        assert difference(part, coding.open(data, lod=lods - 1), metadata=False) is None


def test_parts_sum_to_the_file(tmp_path: Path) -> None:
    for layout in LAYOUTS:
        path = tmp_path / f"{layout}.nfc"
        size = coding.save(random_coded("scalar", layout), path)
        assert size == path.stat().st_size
        info = coding.describe(path)
        assert info["bytes"] == size == sum(part["bytes"] for part in info["parts"])
        coding.verify(path)
        with pytest.raises(UsageError):
            coding.save(random_coded("scalar", layout), path)
