"""The headline's guard: what counts as a loss, and the README's table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import quality


def rows(**changed: dict[str, Any]) -> dict[str, Any]:
    return {"vqad": {"bytes": 100_000, "psnr": 30.0}, **changed}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"bytes": 102_900, "psnr": 29.81}, []),
        ({"bytes": 50_000, "psnr": 40.0}, []),
        ({"bytes": 100_000, "psnr": 29.79}, ["vqad has 29.79 dB instead of 30.00"]),
        ({"bytes": 103_100, "psnr": 35.0}, ["vqad takes 103,100 bytes instead of 100,000"]),
    ],
)
def test_losses(now: dict[str, Any], said: list[str]) -> None:
    assert quality.losses(rows(), {"vqad": now}) == said


def test_a_row_without_committed_figures_is_no_pass() -> None:
    assert len(quality.losses({}, rows())) == 1


def test_the_readme_has_the_committed_figures() -> None:
    committed = quality.read(quality.RESULTS / "quality.json")
    assert set(committed) == {row.key for row in quality.ROWS}
    block = quality.README.read_text("utf-8").split(quality.BEGIN)[1].split(quality.END)[0]
    assert block.strip() == quality.table(committed).strip()


def test_the_table_is_put_in_place(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{quality.BEGIN}\nold\n{quality.END}after\n")
    quality.put_into_readme(rows(), readme)
    text = readme.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| `-b 4` | 100,000 | 30.00 dB |" in text
    assert "old" not in text
    quality.put_into_readme(rows(), readme)
    assert readme.read_text() == text


def test_a_loss_ends_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Training that loses 2 dB, as it once did."""
    monkeypatch.setattr(quality, "read", lambda _: {"trained": {"bytes": 12_000, "psnr": 31.6}})
    monkeypatch.setattr(quality, "measured", lambda _: {"trained": {"bytes": 11_000, "psnr": 29.4}})
    assert quality.main(["lego", "-o", str(tmp_path)]) == 1
    assert "trained has 29.40 dB instead of 31.60" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["lego"], ["-o", "work"], ["lego", "-o", "work", "--only", "x"]])
def test_what_cannot_be_meant_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        quality.main(words)
    assert stopped.value.code == 2
