"""DeepSDF and its users: ``ModelParameters/latest.pth``, with ``specs.json`` and
``LatentCodes/latest.pth`` in the folders of the experiment.

One network holds many shapes. The code of one of them is the same at every point, so that its
columns are a bias. Facts (facebookresearch/DeepSDF ``networks/deep_sdf_decoder.py``): input is the
code, then x; relu; at a layer of ``latent_in`` the input joins after the state, unscaled; weight
norm; a tanh at the end, always. DeepSDFStruct has ``geom_dimension`` in its specs, and no tanh
unless ``use_tanh``. Distances are clamped in training to ``ClampingDistance``: they are true within
it alone. Shapes lie in the unit sphere.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import notes
from nfcodec.importers.blocks import constant, plain
from nfcodec.importers.layers import Part, numbers
from nfcodec.importers.nerf_mlp import finest
from nfcodec.importers.sdf_mlp import distances, finished
from nfcodec.model.field import Field
from nfcodec.model.protocols import Array64
from nfcodec.untrusted.source import InputFile, Source, read_options

NAME = "DeepSDF"
_PLACES = (("model_state_dict", ""), ("state_dict", ""), ("", ""))


def decoder(file: InputFile) -> Part | None:
    """The tensors ``lin*`` of a network alone, DeepSDF's or another's."""
    return finest(file, _PLACES, "lin0.bias")


def is_deepsdf(file: InputFile, part: Part) -> bool:
    """Whether a code enters the network, which says so by ``specs.json`` or the codes nearby."""
    nearby = (_beside(file, "specs.json"), _codes_path(file))
    return part.width("lin0") != 3 and any(map(notes.is_there, nearby))


def recognize(file: InputFile) -> bool:
    if file.checkpoint is None:
        return False
    part = decoder(file)
    return part is not None and is_deepsdf(file, part)


def read(file: InputFile) -> Field:
    part = decoder(file)
    assert part is not None
    path = _beside(file, "specs.json")
    specs = read_options(path) if notes.is_there(path) else {}
    stated = specs.get("NetworkSpecs")
    network: dict[str, Any] = stated if isinstance(stated, dict) else {}
    _refuse_norms(file, part, network)
    layers = part.layers("lin{}")
    dims = 2 if network.get("geom_dimension") == 2 else 3
    width = layers[0].weight.shape[1] - dims
    code, number, count = _code(file, width)
    half = notes.half_side(file, 1.0)
    original = "geom_dimension" not in network
    last = "tanh" if original or network.get("use_tanh") is True else "none"
    blocks = [constant(code), plain("position", dims, half)]
    return finished(
        file, NAME, [distances(blocks, layers, "relu", last=last)], half,
        code=number, codes=count,
    )  # fmt: skip


def _beside(file: InputFile, name: str) -> Path:
    """A file of the experiment, whose folder holds that of the file."""
    return file.path.resolve().parent.parent / name


def _codes_path(file: InputFile) -> Path:
    return _beside(file, "LatentCodes") / file.path.name


def _code(file: InputFile, width: int) -> tuple[Array64, int, int]:
    """The code of the shape that is wanted, its number, and how many there are."""
    path = _codes_path(file)
    if not notes.is_there(path):
        raise UnsupportedError(
            f"{file.name}: one network for many shapes, whose codes of {width} numbers are not "
            f"there; put them where its experiment has them, at {path}"
        )
    with InputFile(path) as codes:
        rows = _rows(codes, width)
    number = notes.notes(file).get("code")
    if number is None:
        number = 0
        if len(rows) > 1:
            warnings.warn(
                f"{file.name}: holds {len(rows)} shapes; the first is taken; for another write "
                f'{{"code": NUMBER}} into {notes.path_of(file).name} beside it',
                stacklevel=2,
            )
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(rows):
        raise notes.refusal(file, f"code is not a number from 0 to {len(rows) - 1}")
    return rows[number], number, len(rows)


def _rows(codes: InputFile, width: int) -> Array64:
    """(n, width) codes: an embedding's weight, or one tensor (n, 1, width)."""
    root = codes.checkpoint
    stored = root.get("latent_codes") if isinstance(root, dict) else None
    found = None
    if isinstance(stored, dict):
        for tensors in codes.state_dicts:
            if tensors.key == "latent_codes" and "weight" in tensors:
                found = numbers(tensors, "weight", codes.name)
    else:
        for tensors in codes.state_dicts:
            if "latent_codes" in tensors:
                found = numbers(tensors, "latent_codes", codes.name)
    if found is None or found.size == 0 or found.shape[-1] != width:
        raise InvalidFieldError(
            f"{codes.name}: holds no codes of {width} numbers, which the network takes"
        )
    return np.asarray(found.reshape(-1, width))


def _refuse_norms(file: InputFile, part: Part, specs: dict[str, Any]) -> None:
    if part.shape("bn0.weight") is not None or specs.get("xyz_in_all") is True:
        raise UnsupportedError(
            f"{file.name}: a DeepSDF network with LayerNorm or xyz_in_all, which no field of ours "
            "has; train it with weight_norm, or refit it"
        )


SOURCE = Source(NAME, "the distances of one of many shapes", recognize, read)
