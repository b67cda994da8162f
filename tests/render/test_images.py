"""Images and videos on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nfcodec.errors import UsageError
from nfcodec.render import images


def shaded(shade: float = 0.0, height: int = 20, width: int = 31) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x / width, y / height, np.full_like(x, shade, float)], -1).astype(np.float32)


def test_eight_bits_are_the_nearest() -> None:
    values = np.array([[[0.0, 1.0, 0.5], [-0.2, 1.7, 0.4999 / 255.0]]])
    np.testing.assert_array_equal(images.to_uint8(values), [[[0, 255, 128], [0, 255, 0]]])


def test_png(tmp_path: Path) -> None:
    path = images.save_png(shaded(0.3), tmp_path / "a.png")
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image), images.to_uint8(shaded(0.3)))
    with pytest.raises(UsageError, match="--overwrite"):
        images.save_png(shaded(), path)
    images.save_png(shaded(0.9), path, overwrite=True)
    with Image.open(path) as image:
        assert np.asarray(image)[0, 0, 2] == 230
    with pytest.raises(UsageError, match=r"\.png"):
        images.save_png(shaded(), tmp_path / "a.jpg")
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_gif(tmp_path: Path) -> None:
    frames = [shaded(shade) for shade in (0.0, 0.4, 0.9)]
    path = images.save_video(iter(frames), tmp_path / "turn.gif", fps=10)
    with Image.open(path) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]
        assert image.info["duration"] == 100
        assert image.info["loop"] == 0
        for k, frame in enumerate(frames):
            image.seek(k)
            shown = np.asarray(image.convert("RGB")) / 255.0
            assert np.abs(shown - frame).mean() < 0.03


def test_mp4(tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    frames = [shaded(shade, 33, 47) for shade in (0.0, 0.4, 0.9, 0.9, 0.9)]
    path = images.save_video(iter(frames), tmp_path / "turn.mp4", fps=5)
    reader = ffmpeg.read_frames(str(path))
    about = next(reader)
    assert about["size"] == (48, 34)  # odd sides grow by a pixel
    assert about["fps"] == 5
    read = [np.frombuffer(f, np.uint8).reshape(34, 48, 3)[:33, :47] / 255.0 for f in reader]
    assert len(read) == 5
    for got, frame in zip(read, frames, strict=True):
        assert np.abs(got - frame).mean() < 0.04


def test_mp4_without_the_extra_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(images, "import_module", missing)
    with pytest.raises(UsageError, match=r"nfcodec-core\[video\]"):
        images.check_video(tmp_path / "turn.mp4")
    images.check_video(tmp_path / "turn.gif")


@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_an_interrupted_video_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    if suffix == ".mp4":
        pytest.importorskip("imageio_ffmpeg")

    def frames() -> Iterator[np.ndarray]:
        yield shaded(0.1)
        yield shaded(0.2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        images.save_video(frames(), tmp_path / f"turn{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_impossible_videos(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.mp4 or \.gif"):
        images.save_video([shaded()], tmp_path / "turn.avi")
    with pytest.raises(UsageError, match="no images"):
        images.save_video([], tmp_path / "turn.gif")
    with pytest.raises(UsageError, match="frames per second"):
        images.save_video([shaded()], tmp_path / "turn.gif", fps=0.0)
    assert list(tmp_path.iterdir()) == []
