"""The figure shows every point, its label, and the uncompressed field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec.rd import figure


def found(uncompressed: float = 29.0, lods: int = 1, **extra: float) -> dict[str, Any]:
    points = [
        {"method": method, "bits": bits, "rank": None, "lod": lod, "bytes": 1000 * bits * (lod + 1),
         "metrics": {"psnr": 20.0 + bits + lod + bonus, **extra}}
        for method, bonus in (("vqad", 2.0), ("kmeans", 0.0), ("other", -1.0))
        for bits in (1, 2, 4)
        for lod in range(lods)
    ]  # fmt: skip
    whole = {"method": "float16", "bits": None, "rank": None, "lod": lods - 1, "bytes": 2_860_000,
             "metrics": {"psnr": uncompressed, **extra}}  # fmt: skip
    return {"metric": "psnr", "lods": lods, "points": points, "uncompressed": whole}


def test_curves_labels_and_axes() -> None:
    axes = figure.draw(found()).axes
    assert len(axes) == 1
    assert axes[0].get_xscale() == "log"
    named = {line.get_label(): line for line in axes[0].lines}
    np.testing.assert_array_equal(named["VQ-AD (learned)"].get_xdata(), [1000, 2000, 4000])
    np.testing.assert_array_equal(named["VQ-AD (learned)"].get_ydata(), [23.0, 24.0, 26.0])
    assert {"k-means VQ", "other"} <= set(named)
    texts = [text.get_text() for text in axes[0].texts]
    assert texts.count("4 bits") == 3
    assert texts.count("1 bit") == 3
    assert "uncompressed (float16): 2.86 MB, 29 dB" in texts
    assert any(line.get_ydata()[0] == 29.0 for line in axes[0].lines)


def test_an_uncompressed_field_far_above_is_named_and_not_drawn() -> None:
    axes = figure.draw(found(uncompressed=90.0)).axes[0]
    assert axes.get_ylim()[1] < 40
    assert any("90 dB ↑" in text.get_text() for text in axes.texts)


def test_prefixes_have_lines_of_their_own() -> None:
    one, two = (figure.draw(found(lods=n)).axes[0] for n in (1, 2))
    assert len(two.lines) == len(one.lines) + 9 + 1  # one for each file, one in the legend


def test_normals_have_a_panel_of_their_own() -> None:
    axes = figure.draw(found(normal_error_deg=2.0)).axes
    assert [a.get_ylabel() for a in axes] == [
        figure.LABELS["psnr"],
        figure.LABELS["normal_error_deg"],
    ]


def test_nothing_but_the_uncompressed_field_can_be_drawn() -> None:
    nothing = found()
    nothing["points"] = []
    assert figure.draw(nothing).axes


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_same_figure_gives_the_same_file(suffix: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for path in paths:
        figure.save(figure.draw(found(lods=2)), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999 B"), (999.6, "1 kB"), (1234, "1.23 kB"), (131_000, "131 kB"), (2.5e9, "2.5 GB")],
)
def test_sizes(count: float, text: str) -> None:
    assert figure.size(count) == text
