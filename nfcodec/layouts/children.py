"""Which children voxels have, one after the other by mixed counts (``nfc-v1.md`` §8.3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.entropy.mixing import Mixer, new_mixer
from nfcodec.entropy.range_coder import Coder
from nfcodec.layouts import morton

#: Slots of all contexts that children are looked at in; ``child_kernels`` lays them out.
SLOTS = 111168

Voxels = npt.NDArray[np.uint64]
Masks = npt.NDArray[np.uint8]


def new_model() -> Mixer:
    """What is learned of one tree, from its first depth to its last."""
    return new_mixer(SLOTS, sets=1, decisions=1)


def code(coder: Coder, mixer: Mixer, voxels: Voxels, masks: Masks) -> None:
    """Code the ``masks`` (M,) of the children of the ``voxels`` (M,), or fill them."""
    from nfcodec.entropy import child_kernels

    if voxels.size:
        xyz = morton.decode(voxels).astype(np.uint16)
        child_kernels.children(coder, mixer, masks, xyz, _extent(voxels))


def planes_cost(voxels: Voxels) -> int:
    """The work of laying out the planes that are looked back at, from x = y = 0 on."""
    x, y, _ = _extent(voxels).tolist()
    return int(x * y) // 2


def _extent(voxels: Voxels) -> npt.NDArray[np.int64]:
    """(3,) one more than the greatest x, y and z."""
    if not voxels.size:
        return np.zeros(3, np.int64)
    most: npt.NDArray[np.int64] = morton.decode(voxels).max(0).astype(np.int64) + 1
    return most
