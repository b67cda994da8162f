"""LPIPS, the learned perceptual distance, from a file of weights.

Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric (CVPR 2018),
version 0.1, on AlexNet or VGG-16. The weights are not part of nfcodec. Where the ``lpips`` package
is installed, this makes the file::

    import lpips, torch
    torch.save(lpips.LPIPS(net="vgg").state_dict(), "lpips_vgg.pt")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError, LimitError, UsageError

if TYPE_CHECKING:
    from torch import Tensor

#: Bytes of a weights file above which it is refused; VGG's has 59 MB.
MAX_FILE_BYTES = 2**30
#: The smallest side that five layers with pooling leave something of.
MIN_SIDE = 32

# torchvision's numbering of the convolutions, by slice; what stands before a slice is its pooling.
_SLICES = {
    "alex": ((0,), (3,), (6,), (8,), (10,)),
    "vgg": ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28)),
}
_POOLED = {"alex": (False, True, True, False, False), "vgg": (False, True, True, True, True)}
_POOL = {"alex": (3, 2), "vgg": (2, 2)}  # kernel, stride
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)


class Lpips:
    """``Lpips(path)(reference, test)`` is the distance of two images; 0 for equal ones.

    Raises UsageError if there is no such file, DamagedFileError if it is no LPIPS state dict, and
    LimitError above :data:`MAX_FILE_BYTES`.
    """

    def __init__(self, path: str | Path, device: str = "cpu") -> None:
        import torch

        self.path = Path(path)
        self._device = torch.device(device)
        state = self._read()
        first = state.get("net.slice1.0.weight")
        if first is None or first.ndim != 4:
            raise DamagedFileError(
                f"{self.path}: no LPIPS weights: there is no net.slice1.0.weight; save the state "
                "dict of lpips.LPIPS(net='alex' or 'vgg')"
            )
        self.net = "alex" if first.shape[2] == 11 else "vgg"
        self._layers: list[list[tuple[Tensor, Tensor]]] = []
        self._linear: list[Tensor] = []
        channels = 3
        for index, convolutions in enumerate(_SLICES[self.net]):
            layers = []
            for number in convolutions:
                name = f"net.slice{index + 1}.{number}"
                weight = self._take(state, f"{name}.weight", 4)
                bias = self._take(state, f"{name}.bias", 1)
                if weight.shape[1] != channels or bias.shape[0] != weight.shape[0]:
                    raise DamagedFileError(f"{self.path}: {name} does not fit the layer before it")
                channels = int(weight.shape[0])
                layers.append((weight, bias))
            self._layers.append(layers)
            linear = self._take(state, f"lin{index}.model.1.weight", 4)
            if tuple(linear.shape) != (1, channels, 1, 1):
                raise DamagedFileError(f"{self.path}: lin{index} does not fit slice {index + 1}")
            self._linear.append(linear)

    def arrays(self) -> list[npt.NDArray[np.float32]]:
        """All weights, by which two of these can be told from one another."""
        convolutions = [tensor for layers in self._layers for pair in layers for tensor in pair]
        return [tensor.cpu().numpy() for tensor in (*convolutions, *self._linear)]

    def __call__(self, reference: npt.ArrayLike, test: npt.ArrayLike) -> float:
        """LPIPS of two (H, W, 3) images in [0, 1], both sides at least 32."""
        import torch

        a, b = np.asarray(reference, np.float32), np.asarray(test, np.float32)
        if a.shape != b.shape or a.ndim != 3 or a.shape[2] != 3 or min(a.shape[:2]) < MIN_SIDE:
            raise UsageError(
                f"images of shapes {a.shape} and {b.shape}: LPIPS needs two of one shape "
                f"(H, W, 3), both sides at least {MIN_SIDE}"
            )
        with torch.no_grad():
            x = torch.from_numpy(np.stack([a, b])).to(self._device).permute(0, 3, 1, 2)
            return float(self.distances(x[:1], x[1:]))

    def distances(self, reference: Tensor, test: Tensor) -> Tensor:
        """(B,) LPIPS of two (B, 3, H, W) batches in [0, 1], differentiable; sides at least 32."""
        import torch

        x = torch.cat([reference, test])
        shift = torch.tensor(_SHIFT, device=self._device)[:, None, None]
        scale = torch.tensor(_SCALE, device=self._device)[:, None, None]
        x = (2 * x - 1 - shift) / scale
        total = torch.zeros(len(reference), device=self._device)
        for index, linear in enumerate(self._linear):
            x = self._slice(index, x)
            unit = x / ((x.square().sum(dim=1, keepdim=True) + 1e-20).sqrt() + 1e-10)
            one, two = unit.chunk(2)
            total = total + ((one - two).square() * linear).sum(dim=1).mean(dim=(1, 2))
        return total

    def _slice(self, index: int, x: Tensor) -> Tensor:
        from torch.nn import functional

        if _POOLED[self.net][index]:
            kernel, stride = _POOL[self.net]
            x = functional.max_pool2d(x, kernel, stride)
        for weight, bias in self._layers[index]:
            if self.net == "alex" and index == 0:
                x = functional.conv2d(x, weight, bias, stride=4, padding=2)
            else:
                x = functional.conv2d(x, weight, bias, padding=weight.shape[2] // 2)
            x = functional.relu(x)
        return x

    def _read(self) -> dict[str, Any]:
        import torch

        if not self.path.is_file():
            raise UsageError(f"{self.path}: no such file of LPIPS weights")
        size = self.path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise LimitError(f"{self.path}: {size} bytes, more than {MAX_FILE_BYTES}")
        try:
            state = torch.load(self.path, map_location=self._device, weights_only=True)
        except Exception as error:  # anything torch raises on a damaged archive
            raise DamagedFileError(f"{self.path}: cannot be read as weights: {error}") from error
        if not isinstance(state, dict):
            raise DamagedFileError(f"{self.path}: holds no state dict")
        return {k: v for k, v in state.items() if isinstance(v, torch.Tensor)}

    def _take(self, state: dict[str, Any], name: str, dims: int) -> Tensor:
        import torch

        tensor = state.get(name)
        if tensor is None or tensor.ndim != dims:
            raise DamagedFileError(f"{self.path}: no LPIPS weights: {name} is absent or misshapen")
        value: Tensor = tensor.to(torch.float32)
        if not bool(torch.isfinite(value).all()):
            raise DamagedFileError(f"{self.path}: {name} holds NaN or infinity")
        return value
