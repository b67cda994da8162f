"""Kinds of files that are no field, told by how they begin, with what to do about each."""

from __future__ import annotations

import io
import re
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nfcodec.data import mesh_files
from nfcodec.untrusted import torch_legacy
from nfcodec.untrusted.faults import listed, shown

#: Bytes looked at, of a file and of what it is packed around.
_FRONT_BYTES = 1 << 16

_TRAIN = "train a field from it with `nfcodec train`"
_NEITHER = "give the file of a trained field"
_UNPACK = "unpack it and give the file inside"

#: What a file begins with, what it is, and what to do.
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"BZh", "a bzip2 file", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", _UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 file", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\x89PNG", "a PNG image", _TRAIN),
    (b"\xff\xd8\xff", "a JPEG image", _TRAIN),
    (b"GIF8", "a GIF image", _NEITHER),
    (b"II*\x00", "a TIFF image", _NEITHER),
    (b"MM\x00*", "a TIFF image", _NEITHER),
    (b"\x76\x2f\x31\x01", "an OpenEXR image", _NEITHER),
    (b"%PDF", "a PDF document", _NEITHER),
    (b" BDV", "an OpenVDB volume", _NEITHER),
    (b"CDF\x01", "a NetCDF file", _NEITHER),
    (b"CDF\x02", "a NetCDF file", _NEITHER),
    (b"GGUF", "a GGUF file of a language model", _NEITHER),
    (b"SQLite format 3", "an SQLite database", _NEITHER),
    (b"MATLAB 5.0", "a MATLAB file", _NEITHER),
    (b"\x93NUMPY", "a NumPy array (.npy)", "fields come as .npz, .h5 or checkpoints"),
    (b"\x7fELF", "a program", _NEITHER),
    (b"MZ", "a program", _NEITHER),
    (b"\xb3efreqs", "a PPNG field", ""),
)

_LFS = "version https://git-lfs"
_RESAVE = (
    "load it where it was written, save the tensors alone with torch.save(model.state_dict(), PATH)"
)
_TAR_OF_TORCH = {"sys_info", "pickle", "storages", "tensors"}
#: Keys at the top of an instant-ngp snapshot.
_SNAPSHOT = (b"snapshot", b"encoding", b"network", b"nerf", b"sdf", b"optimizer", b"loss")


@dataclass(frozen=True)
class Named:
    """What a file is, and what its owner can do.

    ``known``: it is sound as far as can be seen, so that it is not supported rather than damaged.
    """

    what: str
    remedy: str = ""
    known: bool = True


def name(path: Path, head: bytes) -> Named:
    """What the file ``path``, which begins with ``head``, is; not of zip, HDF5 and torch.save."""
    front = _front(path)
    size = path.stat().st_size
    found = _packed(front) or _mesh(front, size) or _by_beginning(front, size) or _text(front)
    if found is not None:
        return found
    if not any(front):
        return Named(
            "a file of zeros", "the download or copy was interrupted; get it again", known=False
        )
    if _is_numbers(front, size):
        return Named(
            "a file of numbers without a header (float32, it seems)",
            "nothing in it says what network they are of; save a checkpoint with named tensors",
        )
    return Named(f"a file that begins with {head[:8]!r}", known=False)


def _front(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_FRONT_BYTES)


def _mesh(front: bytes, size: int) -> Named | None:
    form = mesh_files.mesh_format(front[:4096], size)
    if form is None:
        return None
    return Named(f"a mesh ({form.name})", "learn a field from it with `nfcodec train sdf`")


def _by_beginning(front: bytes, size: int) -> Named | None:
    for beginning, what, remedy in _BEGINNINGS:
        if front.startswith(beginning):
            return Named(what, remedy)
    if front[:4] == b"RIFF" and front[8:12] == b"WEBP":
        return Named("a WebP image", _TRAIN)
    if front[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1", b"ftypheix"):
        return Named("a HEIC or AVIF image", _NEITHER)
    if front[4:8] == b"ftyp":
        return Named("a video", _NEITHER)
    length = int.from_bytes(front[:8], "little")
    if front[8:9] == b"{" and 2 <= length <= size - 8:
        return Named(
            "a safetensors file" + _tensor_names(front[8 : 8 + length]),
            "load it with safetensors.torch.load_file and save it with torch.save",
        )
    # Field 1, the version, as a number; then one of the model's text fields or its graph.
    if re.match(rb"\x08[\x01-\x20][\x12\x1a\x22\x3a\x42]", front):
        return Named("an ONNX model", "give the checkpoint that it was made from")
    if torch_legacy.is_legacy(front[:32]):
        return Named("a PyTorch checkpoint")
    if re.match(rb"\x80[\x02-\x05]", front) and b"." in front:
        return Named("a Python pickle, which would be run to be read", _RESAVE)
    if re.match(rb"[\x80-\x8f\xde]", front) and is_snapshot(front):
        return Named("an instant-ngp snapshot")
    return None


def _packed(front: bytes) -> Named | None:
    """Of tar, gzip and zlib: what they are packed around."""
    members = _tar_members(front)
    if members and _TAR_OF_TORCH & set(members[:4]):
        return Named(
            "a checkpoint in PyTorch's tar format of before 0.1.10",
            "load it with that PyTorch and save it again",
        )
    if members:
        return Named(f"a tar archive of {listed(members)}", _UNPACK)
    if front[:2] == b"\x1f\x8b":
        kind, window = "a gzip file", 31
    elif front[:1] == b"\x78" and int.from_bytes(front[:2], "big") % 31 == 0:
        kind, window = "a zlib stream", 15
    else:
        return None
    try:
        inner = zlib.decompressobj(window).decompress(front, _FRONT_BYTES)
    except zlib.error:
        return Named(f"{kind} that is damaged", "get it again", known=False)
    if is_snapshot(inner):
        return Named("an instant-ngp snapshot")
    if inner[:2] == b"PK":
        return Named(f"{kind} around a zip archive or PyTorch checkpoint", "unpack it with gunzip")
    held = _tar_members(inner)
    if held:
        return Named(f"{kind} around a tar archive of {listed(held)}", _UNPACK)
    within = _by_beginning(inner, len(inner))
    around = f" around {within.what}" if within else ""
    return Named(kind + around, "unpack it with gunzip and give the file inside")


def _tar_members(front: bytes) -> list[str]:
    """The first members of a tar archive; none of another file."""
    names: list[str] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(front), mode="r:") as archive:
            while len(names) < 8 and (member := archive.next()) is not None:
                names.append(member.name)
    except (tarfile.TarError, OSError, ValueError, EOFError, OverflowError):
        pass
    return names


def _tensor_names(header: bytes) -> str:
    names = re.findall(rb'"([^"\\]{1,80})":\{"dtype"', header[:4096])
    names = [item.decode("utf-8", "replace") for item in names]
    return f" with {listed(names)}" if names else ""


def is_snapshot(data: bytes) -> bool:
    """Whether ``data`` is MessagePack as instant-ngp writes it: a map with its keys."""
    start = data[:4096]
    if not re.match(rb"[\x80-\x8f]|\xde|\xdf", start):
        return False
    # A text of up to 31 bytes follows a byte 0xa0 + its length.
    return sum(bytes([0xA0 + len(key)]) + key in data for key in _SNAPSHOT) >= 2


def _text(front: bytes) -> Named | None:
    """What a text is; None of what is no text."""
    text = _decoded(front)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n")
    lower = start[:1024].lower()
    if lower.startswith(_LFS):
        return Named(
            "a Git LFS pointer, which stands for the file",
            "run `git lfs pull` where it was cloned, or download the file itself",
        )
    if lower.startswith(("<!doctype html", "<html")) or "<html" in lower:
        title = re.search(r"<title[^>]*>([^<]*)", start[:4096], re.IGNORECASE)
        said = f" ({shown(title[1].strip())!r})" if title and title[1].strip() else ""
        return Named(
            f"a web page (HTML){said}, not the file",
            "the download link gives a page: open it in a browser, or sign in, and download again",
        )
    if lower.startswith(("<?xml", "<svg", "<error")):
        return Named("an XML text", "if it came from a download, read what it says")
    if start[:1] in ("{", "["):
        return Named("a JSON text", "it may lie beside the checkpoint: give the checkpoint itself")
    if re.match(r"\s*(---\s*\n|!!|\w[\w ]*:\s)", start):
        return Named("a YAML text", "it may lie beside the checkpoint: give the checkpoint itself")
    return Named(f"a text that begins with {shown(start[:40])!r}", known=False)


def _decoded(front: bytes) -> str | None:
    if b"\x00" in front[:64]:
        return None
    for cut in range(4):  # a character may be cut at the end
        try:
            text = front[: len(front) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        strange = sum(not c.isprintable() and c not in "\ufeff\t\r\n\f" for c in text[:1024])
        return text if strange == 0 else None
    return None


def _is_numbers(front: bytes, size: int) -> bool:
    """Whether nearly all of the front makes sense as float32 of the size that weights have."""
    if size % 4 or size < 64:
        return False
    values = np.abs(np.frombuffer(front[: len(front) // 4 * 4], "<f4"))
    usual = (values == 0) | ((values > 1e-9) & (values < 1e6))
    return bool(usual.mean() > 0.98 and (values > 0).mean() > 0.25)
