"""Explains files that no importer knows: what they are, and what to do."""

from __future__ import annotations

import re
from itertools import islice

from nfcodec.container.frame import MAGIC
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.fieldfile import h5
from nfcodec.importers import signatures
from nfcodec.importers.signatures import Named
from nfcodec.untrusted import torch_zip
from nfcodec.untrusted.archives import Archive
from nfcodec.untrusted.faults import listed, unreadable
from nfcodec.untrusted.safe_pickle import Placeholder
from nfcodec.untrusted.source import InputFile

#: Checkpoints of public code bases, by the names of their tensors or of the groups they lie in.
_TOOLS: tuple[tuple[str, str], ...] = (
    (r"^pipeline\._model\.|^_model\.field", "nerfstudio"),
    (r"network_fn_state_dict", "nerf-pytorch (yenchenlin)"),
    (r"model_coarse_state_dict|model_fine_state_dict", "nerf-pytorch (krrish94)"),
    (r"nerf_coarse\.xyz_encoding_1", "nerf_pl"),
    (r"filters\.0\.linear\.weight", "BACON"),
    (r"sdf_network_fine\.", "NeuS"),
    (r"implicit_network\.lin0", "VolSDF or IDR"),
    (r"latent_codes\.|lin0\.parametrizations|lin0\.weight_[gv]", "DeepSDF"),
    (r"(^|\.)lin0\.weight$", "IGR"),
    (r"density_(plane|line)\.0|density\.xyz_vec", "TensoRF, planes and lines"),
    (r"k0\.grid|density\.grid|density\.xy_plane", "DirectVoxGO"),
    (r"field\.grids\.0\.0", "K-Planes"),
    (r"features\.0\.fm", "NGLOD"),
    (r"xyz_encoder\.params", "ngp_pl, a hash grid"),
    (r"encoder\.embeddings", "torch-ngp, a hash grid"),
    (r"sh_data|density_data", "Plenoxels (svox2)"),
)
_NAMES_LOOKED_AT = 4096
#: Arrays of .npz files of other tools.
_ARRAYS: tuple[tuple[str, str], ...] = (
    (r"links$|sh_data$|density_data$", "Plenoxels (svox2)"),
    (r"\d{4}\.dense\.", "neural-implicit-queries"),
)


def explain(file: InputFile, known: str) -> NfcodecError:
    """The error for ``file``; ``known`` lists what can be imported.

    UnsupportedError where it can be said what the file is, else DamagedFileError.
    """
    if file.head.startswith(MAGIC):
        return UsageError(
            f"{file.name}: already encoded; nfcodec.open reads it, and nfcodec decode makes a "
            "field of it again"
        )
    found = named(file)
    remedy = f": {found.remedy}" if found.remedy else ""
    kind = UnsupportedError if found.known else DamagedFileError
    return kind(
        f"{file.name}: this is {found.what}, and no field that can be imported{remedy}. "
        f"Recognized are: {known}"
    )


def named(file: InputFile) -> Named:
    """What ``file`` is, and what to do about it."""
    if file.archive is not None and torch_zip.is_script(file.archive):
        return Named(
            "a TorchScript program (torch.jit.save)",
            "load it with torch.jit.load and save its tensors with "
            "torch.save(program.state_dict(), PATH)",
        )
    if file.checkpoint is not None:
        return _checkpoint(file)
    if file.archive is not None:
        return _archive(file.archive)
    if file.head.startswith(h5.SIGNATURE):
        return _hdf5(file)
    try:
        return signatures.name(file.path, file.head)
    except OSError as error:
        raise unreadable(file.name, error) from error


def _checkpoint(file: InputFile) -> Named:
    places = [tensors for tensors in file.state_dicts if not tensors.is_part]
    for pattern, tool in _TOOLS:
        for tensors in places:
            names = list(islice(tensors, _NAMES_LOOKED_AT))
            if any(re.search(pattern, name) for name in [*names, f"{tensors.key}.{names[0]}"]):
                return Named(f"a PyTorch checkpoint of {tool}")
    if places:
        # The weights, rather than a counter at the top.
        largest = max(places, key=len)
        under = f" under {largest.place}" if largest.place else ""
        return Named(f"a PyTorch checkpoint with {listed(largest)}{under}")
    root = file.checkpoint
    if isinstance(root, Placeholder):
        return Named(
            f"a PyTorch checkpoint of a whole {str(root.name)[:80]!r} object",
            "load it where it was written and save its tensors with "
            "torch.save(model.state_dict(), PATH)",
        )
    keys = listed(root) if isinstance(root, dict) else ""
    return Named(f"a PyTorch checkpoint with no named tensors{' but ' + keys if keys else ''}")


def _archive(archive: Archive) -> Named:
    files = [name for name in archive.names if not name.endswith("/")]
    if not files:
        return Named("an empty zip archive", "get the file again", known=False)
    if all(name.endswith(".npy") for name in files):
        arrays = [name.removesuffix(".npy") for name in files]
        for pattern, tool in _ARRAYS:
            if any(re.search(pattern, name) for name in arrays):
                return Named(f"a NumPy archive of {tool}")
        return Named(f"a NumPy archive of the arrays {listed(arrays)}")
    if {"config.json", "model.weights.h5"} <= set(files):
        return Named("a Keras model")
    return Named(
        f"a zip archive of {listed(files)}", "unpack it and give the file of the field itself"
    )


def _hdf5(file: InputFile) -> Named:
    names = h5.names(file)
    if {"keras_version", "layer_names", "model_weights", "top_level_model_weights"} & set(names):
        return Named("an HDF5 file of Keras weights")
    return Named(f"an HDF5 file of something else, with {listed(names) or 'nothing in it'}")
