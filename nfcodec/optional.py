"""Packages that only some tasks need, and what to install where one is missing.

The distribution ``nfcodec-core`` reads files with what it requires; its extras bring the rest, and
the distribution ``nfcodec`` requires all that training and encoding need.
"""

from __future__ import annotations

from importlib import import_module

from nfcodec.errors import NfcodecError

#: The extra of ``nfcodec-core`` that brings a package, by the name it is imported by.
EXTRAS: dict[str, str] = {
    "torch": "learn",
    "sklearn": "learn",
    "scipy": "learn",
    "threadpoolctl": "learn",
    "safetensors": "learn",
    "PIL": "learn",
    "yaml": "learn",
    "msgpack": "learn",
    "skimage": "mesh",
    "trimesh": "mesh",
    "h5py": "hdf5",
    "matplotlib": "plot",
    "bjontegaard": "plot",
    "transformers": "semantic",
    "imageio_ffmpeg": "video",
    "wgpu": "gpu",
    "starlette": "view",
    "uvicorn": "view",
    "ray": "ray",
    "fsspec": "ray",
}

#: Extras that the distribution ``nfcodec`` brings.
IN_FULL = frozenset({"learn", "mesh", "hdf5", "plot"})


class MissingPackageError(NfcodecError, ImportError):
    """A package that the task needs is not installed."""


def need(package: str, purpose: str) -> None:
    """Raise a MissingPackageError that says what to install unless ``package`` can be imported.

    ``purpose``: what needs it, as the message begins ("writing .stl").
    """
    try:
        import_module(package)
    except ModuleNotFoundError as error:
        raise missing(error, purpose) or error from error


def missing(error: ModuleNotFoundError, purpose: str = "this") -> MissingPackageError | None:
    """``error`` as one that says what to install; None unless an optional package is missing."""
    package = (error.name or "").split(".")[0]
    extra = EXTRAS.get(package)
    if extra is None:
        return None
    full = ", or `pip install nfcodec` for all that encoding needs" if extra in IN_FULL else ""
    return MissingPackageError(
        f"{purpose} needs the package {package}, which is not installed: "
        f"`pip install 'nfcodec-core[{extra}]'`{full}",
        name=package,
    )
