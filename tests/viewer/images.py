"""What images on the page are to look like."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec import render
from nfcodec.model.coded import CodedField
from nfcodec.render import views
from nfcodec.render.images import to_uint8

SIDE = 96
ALIKE = 45.0  # dB
Image = npt.NDArray[np.uint8]


def drawn(field: CodedField, size: int = SIDE, **options: object) -> Image:
    """What ``nfcodec render --device cpu`` draws from the field's hint."""
    camera = views.default_camera(field, (size, size))
    image = render.render(field, camera, device="cpu", **options)  # type: ignore[arg-type]
    return to_uint8(image)
