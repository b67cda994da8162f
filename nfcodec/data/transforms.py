"""Transforms files: what a JSON file says about its frames, its scene's place and its splits."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nfcodec.data import transforms_keys as keys
from nfcodec.data.json_values import count, lists_of_text, number, shortened
from nfcodec.data.locate import Finder
from nfcodec.data.other_layouts import no_transforms
from nfcodec.data.scene_space import Space, read_space
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError

#: Bytes of a transforms file above which it is refused.
MAX_JSON_BYTES = 2**28
#: Frames of a transforms file above which it is refused.
MAX_FRAMES = 1 << 16

#: Keys of one focal length each: a frame that gives one overrides all of the file's.
_FOCAL = ({"fl_x", "camera_angle_x", "x_fov"}, {"fl_y", "camera_angle_y", "y_fov"})


@dataclass(frozen=True)
class Frame:
    """One entry of a transforms file; its own ``values`` go before those of the whole file.

    ``mask``: the image of the pixels that count, or, with ``inverted``, of those that do not.
    """

    name: str
    image: Path | None
    values: dict[str, Any]
    file: Path
    mask: Path | None = None
    inverted: bool = False

    @property
    def where(self) -> str:
        return f"{self.file}, frame {shortened(self.name)}"

    @property
    def looked_for(self) -> str:
        """Where its image should be."""
        return shortened(str(self.file.parent / self.name))

    def number(self, key: str, *, positive: bool = False) -> float | None:
        """The finite number called ``key``, None if there is none."""
        return number(self.values, key, self.where, positive=positive)


@dataclass(frozen=True)
class Transforms:
    """What a file says: its frames, with or without an image, where the scene is, and its own
    split of the frames by name, if it has one (None: no list of that name)."""

    file: Path
    frames: list[Frame]
    space: Space = field(default_factory=Space)
    lists: dict[str, list[str] | None] = field(default_factory=dict)

    @property
    def splits(self) -> bool:
        """Whether the file says itself what is held out."""
        return any(names is not None for names in self.lists.values())


def read_transforms(file: Path) -> Transforms:
    """What ``file`` says. Warns of keys that are not read, of frames listed again, and of images
    that were found elsewhere than stated.

    Raises DamagedFileError if it is not a transforms file or a mask is missing, UnsupportedError
    for what changes the meaning of frames and is not heeded, LimitError above MAX_JSON_BYTES and
    MAX_FRAMES.
    """
    content = _content(file)
    entries = _entries(content, file)
    keys.refuse(content, str(file))
    keys.refuse_motion(entries, file)
    unknown = keys.not_read(content, entries)
    if unknown is not None:
        warnings.warn(f"{file}: keys that are not read: {unknown}", stacklevel=3)
    shared = {key: value for key, value in content.items() if key in keys.LENS}
    finder = Finder(file.parent)
    frames, elsewhere = [], []
    for entry in entries:
        name = entry["file_path"]
        found = finder.find(name)
        if found is not None and found.elsewhere:
            elsewhere.append(found.path)
        image = None if found is None else found.path
        frame = Frame(name, image, _merged(shared, entry), file)
        keys.refuse(entry, frame.where)
        frames.append(_with_companions(frame, content, finder))
    if elsewhere:
        warnings.warn(
            f"{file}: {len(elsewhere)} of {len(frames)} images are not where file_path says; those "
            f"of the same name beside the file are taken (the first: {elsewhere[0]})",
            stacklevel=3,
        )
    lists = {key: lists_of_text(content, key, str(file)) for key in keys.SPLITS}
    return Transforms(file, _once(frames, file), read_space(content, str(file)), lists)


def split_by_lists(found: Transforms, split: str) -> list[Frame]:
    """The frames of ``split``, train or test, by the file's own lists.

    Held out are the test views or, without any, those for validation; what is in neither list and
    in no list of training views is trained on. DamagedFileError for names that no frame has.
    """
    everything = set(range(len(found.frames)))
    train, val, test = (_listed(found, key) for key in keys.SPLITS)
    if train is None:
        train = everything - (val or set()) - (test or set())
        held_out = test or val or set()
    else:
        held_out = test or val or everything - train
    both = len(train & held_out)
    if both:
        warnings.warn(
            f"{found.file}: {both} views are listed both to train on and to be held out; what is "
            "measured on these says nothing of other views",
            stacklevel=3,
        )
    chosen = held_out if split == "test" else train
    return [frame for index, frame in enumerate(found.frames) if index in chosen]


def _listed(found: Transforms, key: str) -> set[int] | None:
    """The numbers of the frames in the list called ``key``, None if there is no such list."""
    names = found.lists.get(key)
    if names is None:
        return None
    by_name = {frame.name: index for index, frame in enumerate(found.frames)}
    by_path = {frame.image: index for index, frame in enumerate(found.frames) if frame.image}
    finder = Finder(found.file.parent)
    chosen = set()
    for name in names:
        index = by_name.get(name)
        if index is None:
            located = finder.find(name)
            index = None if located is None else by_path.get(located.path)
        if index is None:
            raise DamagedFileError(
                f"{found.file}: {key} names {shortened(name)}, which is no frame's file_path"
            )
        chosen.add(index)
    return chosen


def _content(file: Path) -> dict[str, Any]:
    size = file.stat().st_size
    if size > MAX_JSON_BYTES:
        raise LimitError(f"{file}: {size} bytes, above the limit of {MAX_JSON_BYTES}")
    data = file.read_bytes()
    try:
        content = json.loads(data)  # UTF-8, 16 or 32, with or without a byte order mark
    except (ValueError, RecursionError) as error:
        raise no_transforms(file, data[:4096], len(data), str(error)) from error
    if not isinstance(content, dict) or not isinstance(content.get("frames"), list):
        raise DamagedFileError(f"{file}: expected an object with a list called frames")
    return content


def _entries(content: Mapping[str, Any], file: Path) -> list[dict[str, Any]]:
    """The frames as the file has them; ``n_frames`` keeps the first by natural order."""
    entries: list[dict[str, Any]] = content["frames"]
    if len(entries) > MAX_FRAMES:
        raise LimitError(f"{file}: {len(entries)} frames, more than {MAX_FRAMES}")
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and "rgb_path" in entry and "file_path" not in entry:
            raise UnsupportedError(
                f"{file}: an SDFStudio set (frames with rgb_path), which is not read; write its "
                "camtoworld and intrinsics as the transform_matrix and fl_x, fl_y, cx, cy of a "
                "transforms.json"
            )
        if not isinstance(entry, dict) or not isinstance(entry.get("file_path"), str):
            raise DamagedFileError(f"{file}: frame {index} has no file_path")
    most = count(content, "n_frames", str(file))
    if most is not None and most < len(entries):
        return sorted(entries, key=lambda entry: _natural(entry["file_path"]))[:most]
    return entries


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A key by which ``r_10`` comes after ``r_9``."""
    parts = re.findall(r"\d{1,18}|\D+|\d", name)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def _merged(shared: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    hidden = {key for axis in _FOCAL if axis & entry.keys() for key in axis}
    if "intrinsic_matrix" in entry:
        hidden |= {"cx", "cy", *_FOCAL[0], *_FOCAL[1]}
    return {**{key: v for key, v in shared.items() if key not in hidden}, **entry}


def _with_companions(frame: Frame, content: Mapping[str, Any], finder: Finder) -> Frame:
    """``frame`` with its mask: the stated one, or instant-ngp's file beside the image.

    Raises UnsupportedError for the other files that instant-ngp looks for beside an image.
    """
    stated = frame.values.get("mask_path")
    if frame.image is None:
        return frame
    if stated is not None:
        mask = finder.find(stated) if isinstance(stated, str) else None
        if mask is None:
            raise DamagedFileError(
                f"{frame.where}: there is no mask {shortened(str(stated))}; add it, or take the "
                "key mask_path away"
            )
        return replace(frame, mask=mask.path)
    stem = frame.image.stem
    rays = finder.beside(frame.image, f"rays_{stem}.dat")
    if rays is not None and content.get("enable_ray_loading", True):
        raise UnsupportedError(f"{rays}: a ray for each pixel is not supported; give a pinhole")
    alpha = finder.beside(frame.image, f"{frame.image.name}.alpha{frame.image.suffix}")
    if alpha is not None:
        raise UnsupportedError(
            f"{alpha}: alpha in a file of its own is not supported; store {frame.image.name} with "
            "alpha"
        )
    moving = finder.beside(frame.image, f"dynamic_mask_{stem}.png")
    return frame if moving is None else replace(frame, mask=moving, inverted=True)


def _once(frames: Sequence[Frame], file: Path) -> list[Frame]:
    """Each image once, so that none is both trained on and held out."""
    first: dict[Path, Frame] = {}
    kept = []
    for frame in frames:
        if frame.image is not None and frame.image in first:
            other = first[frame.image]
            if frame.values.get("transform_matrix") != other.values.get("transform_matrix"):
                raise DamagedFileError(
                    f"{frame.where}: its image, {frame.image}, is also that of frame "
                    f"{shortened(other.name)}, with another transform_matrix"
                )
            continue
        if frame.image is not None:
            first[frame.image] = frame
        kept.append(frame)
    if len(kept) < len(frames):
        again = len(frames) - len(kept)
        warnings.warn(
            f"{file}: {again} of {len(frames)} frames list an image again; each is taken once",
            stacklevel=4,
        )
    return kept
