"""The copy of a field that codes are learned on: the same one in all units.

A shape in inches differs from the same shape in meters by the last bits of its box and of its last
layer. Learning amplifies such a difference until single vertices take other codes, which moves the
quality of a short run by up to 2 dB. :class:`UnitBox` therefore brings the box to a half side of 1,
keeps the units of the output out of the last layer, and rounds both coarsely enough that their last
bits do not matter. What was learned gets the field's own box and units back.

``docs/decisions/0033-units.md`` says what was weighed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.networks import Layer, Network
from nfcodec.quantize.units.unit_form import HOMOGENEOUS

if TYPE_CHECKING:
    from nfcodec.data import FieldData

#: The box is rounded to multiples of 1 / _BOX of its half side, far less than any voxel; factors
#: to as many digits.
_BOX = 2.0**20
#: Weights of the last layer, whose largest is 1, are rounded to multiples of 1 / _WEIGHT: finer
#: than the float16 of files, and so coarse that a last bit of float32 hardly ever counts.
_WEIGHT = 2.0**14
#: Boxes farther from the origin than this many half sides are not rounded: float32 is no finer.
#: Nor are flat ones with a side of less than 1 / _FAR of the half, which rounding would distort.
_FAR = 2.0**10


@dataclass(frozen=True, eq=False)
class UnitBox:
    """``field``, to be learned from, is ``original`` in units of ``half``.

    ``original`` is in unit form. The two are one object where nothing had to change.
    """

    original: Field
    field: Field
    half: float

    @staticmethod
    def of(original: Field) -> UnitBox:
        """``original`` in a box of half side 1, if there is anything to learn.

        It stays as it is if its last layer is no factor that could hold its unit.
        """
        if not original.levels:
            return UnitBox(original, original, 1.0)
        half = 0.5 * float((original.bounds[1] - original.bounds[0]).max())
        # Distances grow with the unit and densities, which are per length, shrink.
        factor = {"sdf": 1.0 / half, "nerf": half, "scalar": None}
        name = "density" if original.is_radiance else original.networks[-1].name
        layer = original.network(name).layers[-1]
        if original.kind not in factor or not _has_units(layer, original.kind):
            return UnitBox(original, original, 1.0)
        by = factor[original.kind]
        gain = 1.0 if by is None else _rounded_factor(layer.gain * by)
        plain = replace(
            layer,
            weight=_rounded(layer.weight),
            bias=None if layer.bias is None else _rounded(layer.bias),
            gain=gain,
        )
        bounds = original.bounds / half
        if np.abs(bounds).max() < _FAR and (bounds[1] - bounds[0]).min() * _FAR > 1.0:
            bounds = np.rint(bounds * _BOX) / _BOX
        field = replace(
            original,
            bounds=bounds,
            networks=_with_last_layer(original.networks, name, plain),
            metadata=_with_places(original.metadata, half),
        )
        return UnitBox(original, field, half)

    def data(self, data: FieldData | None) -> FieldData | None:
        """``data`` in the units of :attr:`field`."""
        from nfcodec.data.meshes import Mesh

        if data is None or self.half == 1.0:
            return data
        if isinstance(data, Mesh):
            return Mesh(data.vertices / self.half, data.faces, data.source)
        cameras = []
        for camera in data.cameras:
            pose = camera.pose.copy()
            pose[:3, 3] /= self.half
            cameras.append(replace(camera, pose=pose))
        # Codes are learned inside the field's box; what else is said of the scene is not asked.
        return replace(data, cameras=tuple(cameras), aabb_scale=None, sphere=None, cube=None)

    def undone(self, coded: CodedField) -> CodedField:
        """``coded``, which was learned from :attr:`field`, in the units of :attr:`original`."""
        if self.field is self.original:
            return coded
        name = "density" if coded.is_radiance else coded.networks[-1].name
        gain = self.original.network(name).layers[-1].gain
        last = replace(coded.network(name).layers[-1], gain=gain)
        return replace(
            coded,
            bounds=self.original.bounds,
            networks=_with_last_layer(coded.networks, name, last),
            metadata=self.original.metadata,
        )


def _has_units(layer: Layer, kind: str) -> bool:
    """Whether ``layer`` is a factor times weights up to 1, so that the factor has all units.

    Of a density, whose layer may end with ``exp`` instead, the factor must be that of one output.
    """
    largest = float(np.abs(layer.weight).max(initial=0.0))
    alone = kind != "nerf" or len(layer.weight) == 1
    return layer.activation in HOMOGENEOUS and largest == 1.0 and layer.gain > 0.0 and alone


def _with_last_layer(networks: tuple[Network, ...], name: str, layer: Layer) -> tuple[Network, ...]:
    """``networks`` with another last layer of the one called ``name``."""
    return tuple(
        replace(n, layers=(*n.layers[:-1], layer)) if n.name == name else n for n in networks
    )


def _with_places(metadata: Mapping[str, Any], half: float) -> Mapping[str, Any]:
    """``metadata`` with its viewpoints in units of ``half``; a malformed record stays."""
    noted = metadata.get("viewpoints")
    try:
        poses = np.array(noted["poses"], np.float64)  # type: ignore[index]
        poses[:, :3] /= half
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        return metadata
    return {**metadata, "viewpoints": {**noted, "poses": poses.tolist()}}  # type: ignore[dict-item]


def _rounded(values: FloatArray) -> FloatArray:
    rounded: FloatArray = (np.rint(values * _WEIGHT) / _WEIGHT).astype(np.float32)
    return rounded


def _rounded_factor(value: float) -> float:
    """``value`` with its leading twenty binary digits."""
    mantissa, exponent = math.frexp(value)
    return math.ldexp(round(mantissa * _BOX), exponent) / _BOX
