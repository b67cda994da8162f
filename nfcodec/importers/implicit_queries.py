"""neural-implicit-queries: ``.npz`` with arrays ``0000.dense.A``, ``0001.relu._`` and so on.

Facts (nmwsharp/neural-implicit-queries ``src/mlp.py``): ``dense`` is ``x A + b`` with A (in, out);
``pow2_frequency_encode`` is sin(x * coefs + shift) for each component; ``spatial_transformation``
is ``R x + t``; ``squeeze_last`` changes no value. The space is [-1, 1]^3. Files ``*_occ.npz`` hold
a logit, positive outside: a surface, and no distance.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.data import npy
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.importers import notes
from nfcodec.importers.blocks import plain
from nfcodec.importers.layers import Linear, Step, checked, network, numbers
from nfcodec.importers.sdf_mlp import finished
from nfcodec.model.field import Field
from nfcodec.untrusted.archives import Archive
from nfcodec.untrusted.faults import listed
from nfcodec.untrusted.source import InputFile, Source

NAME = "neural-implicit-queries"
_MEMBER = re.compile(r"(\d{4})\.(\w+)\.(\w+)\.npy")
_ACTIVATIONS = {"relu": "relu", "elu": "elu", "sin": "sine", "tanh": "tanh"}
_IGNORED = {"squeeze_last"}


def _operations(archive: Archive | None) -> dict[int, tuple[str, dict[str, str]]] | None:
    """The steps of the file by number: a name, and members of the archive by argument."""
    if archive is None:
        return None
    found: dict[int, tuple[str, dict[str, str]]] = {}
    for member in archive.names:
        parts = _MEMBER.fullmatch(member)
        if parts is None:
            return None
        found.setdefault(int(parts[1]), (parts[2], {}))[1][parts[3]] = member
    return found if any(name == "dense" for name, _ in found.values()) else None


def recognize(file: InputFile) -> bool:
    return _operations(file.archive) is not None


def read(file: InputFile) -> Field:
    assert file.archive is not None
    operations = _operations(file.archive)
    assert operations is not None
    half = notes.half_side(file, 1.0)
    steps: list[Step] = []
    for number in sorted(operations):
        name, members = operations[number]
        arrays = {key: _array(file, member) for key, member in members.items()}
        where = f"{file.name}: {number:04d}.{name}"
        if name in _ACTIVATIONS and steps and steps[-1].activation == "none":
            steps[-1] = Step(steps[-1].linear, _ACTIVATIONS[name])
        elif name == "dense":
            steps.append(Step(_linear(arrays, "A", "b", where)))
        elif name == "spatial_transformation":
            steps.append(Step(_linear(arrays, "R", "t", where, turned=False)))
        elif name == "pow2_frequency_encode":
            steps.append(Step(_waves(arrays, where), "sine"))
        elif name not in _IGNORED:
            raise UnsupportedError(
                f"{where}: a step that is not imported; known are dense, spatial_transformation, "
                f"pow2_frequency_encode and {listed(_ACTIVATIONS)}"
            )
    meaning = "surface" if file.path.stem.endswith("_occ") else "distance"
    block = plain("position", 3, half)
    return finished(file, NAME, [network("distance", (block,), steps)], half, meaning=meaning)


def _linear(
    arrays: dict[str, npt.NDArray[Any]], matrix: str, offset: str, where: str, turned: bool = True
) -> Linear:
    weight = numbers(arrays, matrix, where, 2)
    bias = numbers(arrays, offset, where, 1)
    return checked(np.ascontiguousarray(weight.T) if turned else weight, bias, where)


def _waves(arrays: dict[str, npt.NDArray[Any]], where: str) -> Linear:
    """The angles of all components, those of the first component first."""
    coefs, shift = numbers(arrays, "coefs", where, 1), numbers(arrays, "shift", where, 1)
    if coefs.shape != shift.shape:
        raise DamagedFileError(f"{where}: {len(coefs)} factors with {len(shift)} shifts")
    weight = np.asarray(np.kron(np.eye(3), coefs[:, None]), np.float64)
    return Linear(weight, np.tile(shift, 3), where)


def _array(file: InputFile, member: str) -> npt.NDArray[Any]:
    assert file.archive is not None
    try:
        return npy.array(file.archive.read(member))
    except ValueError as error:
        raise DamagedFileError(f"{file.name}: array {member} is damaged ({error})") from error


SOURCE = Source(NAME, "the distances of a surface, as .npz", recognize, read)
