"""The small image that goes into a coded file: as good as its share of the bytes allows."""

from __future__ import annotations

import io

from PIL import Image

from nfcodec.model.coded import CodedField
from nfcodec.model.kinds import kind_of
from nfcodec.render import render
from nfcodec.render.images import to_uint8
from nfcodec.render.views import default_camera

#: Pixels along the longer side.
SIDE = 160
#: Bytes: this share of the file, but within these.
SHARE = 0.03
LEAST, MOST = 1000, 6000
QUALITIES = (80, 70, 60, 50, 40, 30, 20, 10, 0)


def draw(field: CodedField, file_bytes: int) -> bytes | None:
    """A WebP image of ``field`` from its camera hint, drawn on the CPU.

    It costs at most 3 % of a file of ``file_bytes``, or 1 kB if that is more; None if no quality is
    that small. UsageError for a camera hint that makes no sense.
    """
    hinted = default_camera(field)
    shrink = SIDE / max(hinted.width, hinted.height)
    size = (max(1, round(hinted.width * shrink)), max(1, round(hinted.height * shrink)))
    # An image decoder knows images of about the size that it was trained with.
    drawn = hinted if kind_of(field).has_image_stage else hinted.resized(*size)
    image = Image.fromarray(to_uint8(render(field, drawn, device="cpu"))).resize(size)
    allowed = min(max(SHARE * file_bytes, LEAST), MOST)
    for quality in QUALITIES:
        file = io.BytesIO()
        image.save(file, format="WEBP", quality=quality, method=6)
        if file.tell() <= allowed:
            return file.getvalue()
    return None
