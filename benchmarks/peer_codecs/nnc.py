"""NNCodec, Fraunhofer HHI's implementation of ISO/IEC 15938-17, with dependent quantization.

``qp``: sets the step of features, which 4 more double. Networks keep NNCodec's default.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import tempfile
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import numpy as np

from peer_codecs import Arrays, Shapes

NAME = "NNCodec"
LIBRARIES = ("nncodec", "numpy")
KNOB = "qp"
VALUES = (-20, -16, -14, -12, -8, -4)

#: What NNCodec imports for its examples of training, none of which coding needs.
_STUBBED = {"torchvision", "cv2", "pandas", "sklearn"}
_NETWORK_QP = -32


class _Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name.split(".")[0] in _STUBBED:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> ModuleType:
        stub = MagicMock()
        stub.__path__ = []
        return stub

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


sys.meta_path.insert(0, _Stubs())

from nncodec.nn import decode as nn_decode  # noqa: E402
from nncodec.nn import encode as nn_encode  # noqa: E402


def encode(arrays: Arrays, value: int) -> bytes:
    named = {f"level{i}": level.T for i, level in enumerate(arrays.levels)}
    networks = {f"network{i}": array for i, array in enumerate(arrays.networks)}
    model = {
        name: np.ascontiguousarray(array, np.float32)
        for name, array in {**named, **networks}.items()
    }
    fine = dict.fromkeys(networks, _NETWORK_QP)
    rates = {**dict.fromkeys(named, value), **fine}
    options = {"qp": value, "qp_per_tensor": rates, "nonweight_qp": _NETWORK_QP, "verbose": False}
    # It also writes what it returns to a file.
    with tempfile.TemporaryDirectory() as folder:
        return bytes(nn_encode(model, {**options, "results": folder}))


def decode(data: bytes, shapes: Shapes) -> Arrays:
    found = nn_decode(bytearray(data))
    levels = [
        np.ascontiguousarray(found[f"level{i}"].T).reshape(shape)
        for i, shape in enumerate(shapes.levels)
    ]
    networks = [found[f"network{i}"].reshape(shape) for i, shape in enumerate(shapes.networks)]
    return Arrays(levels, networks)
