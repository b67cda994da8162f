"""Which levels of detail are worth sending in layers: each cut has to be better than the last."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from nfcodec import coding
from nfcodec.evaluate import FieldModule
from nfcodec.metrics import views
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.model.coded import CodedField
from nfcodec.render import background_of
from nfcodec.render.views import orbit

#: What cuts are compared on: random points, or the rows and columns of four small images.
_POINTS, _SIDE = 20_000, 48


def single(coded: CodedField, seed: int = 0, device: str = "auto") -> dict[int, int]:
    """LODs with a cut behind which the field is no better than at the cut before, each with 1.

    That is for :func:`nfcodec.coding.to_bytes`, whose own choice goes by bytes alone. A LOD's
    codes are made for a field that has them all: without its finer layers, a field whose coarser
    LODs were learned to stand alone may be nearer. Measured against ``coded`` on the PSNR of its
    images (``nerf``) or of its values; fields whose images a decoder draws are not.
    """
    if coded.kind == "vq-nerf":
        return {}
    data = coding.to_bytes(coded)
    cuts = coding.describe(data)["cuts"]
    if all(cut["layer"] == 0 for cut in cuts):
        return {}
    quality = _quality(coded, seed, device)
    found = [quality(coding.open(data[: cut["bytes"]])) for cut in cuts]
    worse = {
        cut["lod"]
        for cut, (before, now) in zip(cuts[1:], itertools.pairwise(found), strict=True)
        if now <= before
    }
    layered = {cut["lod"] for cut in cuts if cut["layer"] > 0}
    return dict.fromkeys(sorted(worse & layered), 1)


def _quality(coded: CodedField, seed: int, device: str) -> Callable[[CodedField], float]:
    """How near another field is to ``coded``, in dB."""
    if coded.is_radiance:
        whole = FieldModule(coded, device)
        cameras = orbit(coded, views.VIEWS, size=(_SIDE, _SIDE))
        gallery = views.Gallery(cameras, {"background": background_of(coded)})
        wanted = gallery.draw(whole, None, "", None, [])

        def of_images(field: CodedField) -> float:
            drawn = gallery.draw(FieldModule(field, device), None, "", None, [])
            return views.view_psnr(wanted, drawn)

        return of_images
    stick = FieldMetrics(coded, points=_POINTS, seed=seed, device=device)

    def of_values(field: CodedField) -> float:
        found = stick.value_psnr(stick.module_of(field))
        return 0.0 if found is None else found

    return of_values
