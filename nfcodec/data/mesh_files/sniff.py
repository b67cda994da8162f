"""What a file is that is not what its name says."""

from __future__ import annotations

_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"PK\x03\x04", "a zip archive (3MF and USDZ files are such, too)"),
    (b"\x1f\x8b", "a file packed by gzip; unpack it first"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x89NFC", "an encoded field (.nfc)"),
    (b"Kaydara FBX", "an FBX file"),
    (b"; FBX", "an FBX file"),
    (b"BLENDER", "a Blender file"),
    (b"PXR-USDC", "a USD file"),
    (b"#usda", "a USD file"),
    (b"DRACO", "a Draco file"),
    (b"OFF", "an OFF file"),
    (b"<!DOCTYPE html", "a web page, perhaps in place of a download that failed"),
    (b"<html", "a web page, perhaps in place of a download that failed"),
    (b"<?xml", "an XML file (COLLADA and X3D files are such)"),
    (b"version https://git-lfs", "a Git LFS pointer; `git lfs pull` fetches the file itself"),
)


def signature(head: bytes) -> str | None:
    """What a file with these first bytes is, if it is a well-known kind other than a mesh we read;
    the words fit after "is"."""
    if not head:
        return "an empty file"
    return next((name for start, name in _SIGNATURES if head.startswith(start)), None)
