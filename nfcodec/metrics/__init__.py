"""How good a field is: images against images, shapes against shapes.

The first argument is the reference, the second what is judged; all but LPIPS are symmetric.
"""

from __future__ import annotations

from nfcodec.metrics.images import psnr, ssim
from nfcodec.metrics.lpips import Lpips
from nfcodec.metrics.shapes import chamfer, giou, normal_error_deg

__all__ = ["Lpips", "chamfer", "giou", "normal_error_deg", "psnr", "ssim"]
