"""Image sets in layouts that are not read: recognized, so that the error can say what to do."""

from __future__ import annotations

from pathlib import Path

from nfcodec.data.image_files import is_lfs_pointer, kind_of
from nfcodec.data.mesh_files import mesh_format
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError

_NGP = "instant-ngp's scripts"
#: A layout, files that tell it (patterns below the folder), and what writes transforms.json.
_LAYOUTS = (
    (
        "a COLMAP model",
        ("sparse/cameras.*", "sparse/*/cameras.*", "colmap/sparse/*/cameras.*", "cameras.bin",
         "images.bin", "images.txt", "distorted/sparse/*/cameras.*", "dense/sparse/cameras.*",
         "database.db"),
        f"convert it with {_NGP}/colmap2nerf.py or nerfstudio's ns-process-data",
    ),
    (
        "an LLFF set",
        ("poses_bounds.npy", "poses_bounds_*.npy"),
        "convert it with torch-ngp's scripts/llff2nerf.py",
    ),
    (
        "an SDFStudio set",
        ("meta_data.json",),
        "write its camtoworld and intrinsics as the transform_matrix and fl_x, fl_y, cx, cy of a "
        "transforms.json (turn the second and the third column of camtoworld about)",
    ),
    (
        "an NSVF set",
        ("intrinsics.txt", "bbox.txt"),
        f"convert it with {_NGP}/nsvf2nerf.py",
    ),
    (
        "a Polycam export",
        ("keyframes/corrected_cameras", "keyframes/cameras"),
        "convert it with nerfstudio's ns-process-data polycam",
    ),
    (
        "a Record3D export",
        ("EXR_RGBD/metadata.json", "EXR_RGBD"),
        f"convert it with {_NGP}/record3d2nerf.py",
    ),
    (
        "an MVSNet set",
        ("cams/*_cam.txt", "pair.txt"),
        "write the inverse of each extrinsic matrix as a transform_matrix of a transforms.json",
    ),
    (
        "an OpenSfM reconstruction",
        ("reconstruction.json", "opensfm/reconstruction.json"),
        "convert it with nerfstudio's ns-process-data odm",
    ),
    (
        "a Bundler or VisualSFM reconstruction",
        ("bundle.out", "bundle/bundle.out", "*.nvm"),
        f"convert it to a COLMAP model, then with {_NGP}/colmap2nerf.py",
    ),
)  # fmt: skip
_IMAGES = (
    (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF"),
    "one image",
)
_FIELDS = (b"\x89NFC", b"\x89HDF")
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"), (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"), (b"7z\xbc\xaf", "a 7z archive"),
    (b"BZh", "a bzip2 archive"), (b"\xfd7zXZ", "an xz archive"), (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
)  # fmt: skip


def no_set(folder: Path) -> NfcodecError:
    """The error for a ``folder`` that holds no file of cameras that is read."""
    for name, patterns, way in _LAYOUTS:
        for pattern in patterns:
            if next(folder.glob(pattern), None) is not None:
                return UnsupportedError(
                    f"{folder}: {name} ({pattern.replace('*', '...')}), which is not read; {way}"
                )
    below = next(
        (
            file
            for pattern in ("*/transforms*.json", "*/cameras*.npz")
            for file in folder.glob(pattern)
        ),
        None,
    )
    if below is not None:
        return UsageError(
            f"{folder} holds no image set itself, but {below.parent} does: name that folder"
        )
    files = sorted(
        file.name for file in folder.iterdir() if file.suffix.lower() in (".json", ".npz")
    )
    text = (
        f"{folder}: found neither transforms_train.json (Blender layout) nor transforms.json "
        "(instant-ngp, nerfstudio) nor cameras_sphere.npz or cameras.npz (NeuS, IDR, H3DS); "
    )
    if files:
        more = f" and {len(files) - 5} more" if len(files) > 5 else ""
        return DamagedFileError(
            f"{text}it holds {', '.join(files[:5])}{more}: if one of these is a file of cameras, "
            "give that file itself"
        )
    return DamagedFileError(f"{text}is this the folder of an image set?")


def no_transforms(file: Path, start: bytes, size: int, reason: str) -> NfcodecError:
    """The error for a ``file`` of ``size`` bytes that begins with ``start`` and is no JSON for that
    ``reason``."""
    if is_lfs_pointer(start):
        return DamagedFileError(
            f"{file}: a Git LFS pointer, not the file; run git lfs pull in its repository"
        )
    if start.startswith(_IMAGES[0]) or (kind_of(start) or "").endswith("image"):
        return UsageError(
            f"{file}: {_IMAGES[1]}; give the folder of an image set, or its file of cameras"
        )
    mesh = mesh_format(start, size)
    if mesh is not None:
        return UsageError(
            f"{file}: a mesh ({mesh.name}); learn a field from it with `nfcodec train sdf`, or "
            "give the folder of an image set"
        )
    if start.startswith(_FIELDS) or b"data.pkl" in start[:256]:
        return UsageError(
            f"{file}: a field or checkpoint; give the folder of an image set, or its file of "
            "cameras"
        )
    for magic, name in _ARCHIVES:
        if start.startswith(magic):
            return UnsupportedError(f"{file}: {name}; unpack it and give the folder it makes")
    kind = "an LLFF set's poses" if start.startswith(b"\x93NUMPY") else kind_of(start)
    if kind is not None:
        return UnsupportedError(f"{file}: {kind}, which is no file of cameras that is read")
    if start.lstrip()[:1] == b"<":
        return DamagedFileError(f"{file}: a web page or XML file, not JSON; get it again")
    return DamagedFileError(f"{file}: not valid JSON: {reason}")
