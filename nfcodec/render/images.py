"""Images to files: PNG, and moving ones as GIF or MP4. Written aside and renamed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
from PIL import Image

from nfcodec.atomic import writing
from nfcodec.errors import UsageError

#: Suffixes that :func:`save_video` writes.
VIDEO_SUFFIXES = (".mp4", ".gif")


def to_uint8(image: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """(H, W, 3) display-referred values in [0, 1] to the nearest of 256 steps."""
    values = np.clip(np.asarray(image, np.float32), 0.0, 1.0) * 255.0
    return np.round(values).astype(np.uint8)


def save_png(image: npt.ArrayLike, path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """Write an image as PNG; UsageError unless ``path`` ends in .png, or as :func:`writing`."""
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise UsageError(f"{target}: an image is written as .png")
    with writing(target, overwrite) as aside:
        Image.fromarray(to_uint8(image)).save(aside, format="PNG", optimize=True)
    return target


def check_video(path: str | os.PathLike[str]) -> None:
    """UsageError if this machine cannot write the video ``path``; call it before drawing."""
    suffix = Path(path).suffix.lower()
    if suffix not in VIDEO_SUFFIXES:
        raise UsageError(f"{path}: a video is written as {' or '.join(VIDEO_SUFFIXES)}")
    if suffix == ".mp4":
        _ffmpeg()


def save_video(
    images: Iterable[npt.ArrayLike],
    path: str | os.PathLike[str],
    fps: float = 30.0,
    overwrite: bool = False,
) -> Path:
    """Write images of one size as they come; .gif loops for ever, .mp4 is H.264.

    UsageError for another suffix, for no images at all, or for .mp4 without the ``video`` extra.
    """
    target = Path(path)
    check_video(target)
    if not 0.1 <= fps <= 120.0:
        raise UsageError(f"{fps} frames per second is not possible: 0.1 to 120 are")
    with writing(target, overwrite) as aside:
        frames = (to_uint8(image) for image in images)
        first = next(frames, None)
        if first is None:
            raise UsageError(f"{target}: there are no images to write")
        write = _write_gif if target.suffix.lower() == ".gif" else _write_mp4
        write(chain([first], frames), aside, fps)
    return target


def _write_gif(frames: Iterator[npt.NDArray[np.uint8]], path: Path, fps: float) -> None:
    def image(frame: npt.NDArray[np.uint8]) -> Image.Image:
        return Image.fromarray(frame).quantize(256, Image.Quantize.MEDIANCUT)

    # Browsers slow frames of less than 20 ms down to 100 ms.
    duration = max(20, round(100.0 / fps) * 10)
    image(next(frames)).save(
        path, format="GIF", save_all=True, append_images=map(image, frames),
        duration=duration, loop=0, disposal=1,
    )  # fmt: skip


def _write_mp4(frames: Iterator[npt.NDArray[np.uint8]], path: Path, fps: float) -> None:
    first = next(frames)
    height, width = first.shape[0] + first.shape[0] % 2, first.shape[1] + first.shape[1] % 2
    # Players want half-resolution color, hence even sides; CRF 18 is hard to tell from lossless.
    writer = _ffmpeg().write_frames(
        str(path), (width, height), fps=fps, codec="libx264", quality=None,
        macro_block_size=1, pix_fmt_out="yuv420p",
        output_params=["-crf", "18", "-preset", "medium", "-movflags", "+faststart",
                       "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
                       "-vf", "scale=out_color_matrix=bt709"],
    )  # fmt: skip
    writer.send(None)
    try:
        for frame in chain([first], frames):
            odd = (height - frame.shape[0], width - frame.shape[1])
            padded = np.pad(frame, ((0, odd[0]), (0, odd[1]), (0, 0)), mode="edge")
            writer.send(np.ascontiguousarray(padded))
    finally:
        writer.close()


def _ffmpeg() -> ModuleType:
    try:
        return import_module("imageio_ffmpeg")
    except ImportError as error:
        raise UsageError(
            ".mp4 needs the extra `video`: pip install 'nfcodec-core[video]'; or write a .gif"
        ) from error
