"""Which LODs are worth sending in layers: each prefix has to be better than the last."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from nfcodec.encoder.rate_model import Written
from nfcodec.evaluate import FieldModule
from nfcodec.metrics import views
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.model.coded import CodedField
from nfcodec.model.kinds import kind_of
from nfcodec.render import background_of
from nfcodec.render.views import orbit

#: Random points that values of prefixes are compared at.
_POINTS = 20_000
#: Pixels a side of the images that prefixes are compared on.
_SIDE = 48


def lods_not_worth_layering(
    coded: CodedField, written: Written, seed: int = 0, device: str = "auto"
) -> dict[int, int]:
    """LODs with a layer after which the field is no better than before it, each with 1: that many
    layers they should have.

    ``written``: ``coded`` with layers wherever they take hardly more bytes. The codes of a LOD are
    made for a field that has them all: without its finer layers, a field whose coarser LODs were
    learned to stand alone may be nearer. Measured against ``coded`` on the PSNR of its images
    (``nerf``) or of its values; fields whose images a decoder draws are not.
    """
    cuts = written.cuts
    if kind_of(coded).has_image_stage or all(cut.layer == 0 for cut in cuts):
        return {}
    quality = _quality(coded, seed, device)
    found = [quality(written.prefix(cut.lod, cut.layer)) for cut in cuts[:-1]]
    found.append(quality(coded))  # the last prefix is the whole field
    worse = {
        cut.lod
        for cut, (before, now) in zip(cuts[1:], itertools.pairwise(found), strict=True)
        if now <= before
    }
    layered = {cut.lod for cut in cuts if cut.layer > 0}
    return dict.fromkeys(sorted(worse & layered), 1)


def _quality(coded: CodedField, seed: int, device: str) -> Callable[[CodedField], float]:
    """How near another field is to ``coded``, in dB."""
    if coded.is_radiance:
        whole = FieldModule(coded, device)
        cameras = orbit(coded, views.VIEWS, size=(_SIDE, _SIDE))
        gallery = views.Gallery(cameras, {"background": background_of(coded)})
        wanted = gallery.draw(whole, None, "", None, [])

        def of_images(field: CodedField) -> float:
            if field is coded:
                return views.view_psnr(wanted, wanted)
            drawn = gallery.draw(FieldModule(field, device), None, "", None, [])
            return views.view_psnr(wanted, drawn)

        return of_images
    metrics = FieldMetrics(coded, points=_POINTS, seed=seed, device=device)

    def of_values(field: CodedField) -> float:
        module = metrics.module if field is coded else metrics.module_of(field)
        found = metrics.value_psnr(module)
        return 0.0 if found is None else found

    return of_values
