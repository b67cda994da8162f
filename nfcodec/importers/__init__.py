"""Opening trained fields, ours and other tools', recognized by content and never by suffix.

One module per source gives one entry of :data:`REGISTRY`; ``docs/importers.md`` says how to add
one. Nothing here runs code that a file brings along.
"""

from __future__ import annotations

from pathlib import Path

from nfcodec.check.field import check_field
from nfcodec.errors import UnsupportedError
from nfcodec.fieldfile import h5, npz, pt
from nfcodec.importers import (
    amgsrn,
    apmgsrn,
    bacon,
    deepsdf,
    described,
    dvgo,
    igr,
    implicit_queries,
    instant_ngp,
    kplanes,
    nerf_bmild,
    nerf_krrish94,
    nerf_pl,
    nerf_pytorch,
    nerfstudio_nerfacto,
    nerfstudio_neus,
    nerfstudio_tensorf,
    nerfstudio_vanilla,
    neus,
    nglod,
    ngp_pl,
    ppng,
    siren,
    siren_raw,
    tensorf,
    torch_ngp,
    volsdf,
    weight_encoded,
)
from nfcodec.importers.unknown import explain
from nfcodec.model.field import Field
from nfcodec.model.function import FieldFunction
from nfcodec.registry import plugins
from nfcodec.untrusted.source import InputFile, Source

#: Every source, in the order of recognition.
REGISTRY: tuple[Source, ...] = (
    pt.SOURCE, h5.SOURCE, npz.SOURCE, apmgsrn.SOURCE, amgsrn.SOURCE,
    nerf_pytorch.SOURCE, nerf_pl.SOURCE, nerf_krrish94.SOURCE, nerf_bmild.SOURCE,
    neus.SOURCE, volsdf.SOURCE, igr.SOURCE, deepsdf.SOURCE, siren.SOURCE, siren_raw.SOURCE,
    weight_encoded.SOURCE, implicit_queries.SOURCE, nglod.SOURCE,
    nerfstudio_vanilla.SOURCE, nerfstudio_neus.SOURCE, nerfstudio_tensorf.SOURCE,
    nerfstudio_nerfacto.SOURCE, instant_ngp.SOURCE, torch_ngp.SOURCE, ngp_pl.SOURCE,
    tensorf.SOURCE, tensorf.HARMONICS, kplanes.SOURCE, kplanes.OTHERS, dvgo.SOURCE,
    ppng.SOURCE, bacon.SOURCE, described.SOURCE,
)  # fmt: skip

#: Entry points by which other distributions bring a :class:`Source`, asked for a file that none of
#: the registry reads.
PLUGINS = "nfcodec.importers"


def load(path: str | Path) -> Field:
    """The field in the file ``path``, checked.

    Errors: UsageError (no such file), DamagedFileError (damaged or unknown), InvalidFieldError
    (NaN, shapes that disagree), UnsupportedError (a newer version, another tool's file, several
    fields in one, or a field that has to be refitted), LimitError, NfcodecError (locked, or out of
    reach).
    """
    with InputFile(path) as file:
        source = _source(file)
        if source.read is None:
            raise UnsupportedError(
                f"{file.name}: {source.name}, {source.description}: it can be evaluated but not "
                "coded as it is; `nfcodec encode --refit` learns a field of ours from it"
            )
        field = source.read(file)
        if source not in REGISTRY:
            check_field(field, file.name)
        return field


def function(path: str | Path) -> FieldFunction:
    """The field in the file ``path`` as a function of points, for :func:`nfcodec.refit`.

    Errors as :func:`load`.
    """
    with InputFile(path) as file:
        source = _source(file)
        if source.function is not None:
            return source.function(file)
    from nfcodec.evaluate.function import of_field  # brings torch

    return of_field(load(path))


def needs_refit(path: str | Path) -> bool:
    """Whether the file ``path`` can be evaluated but not coded as it is; errors as :func:`load`."""
    with InputFile(path) as file:
        return _source(file).read is None


def _source(file: InputFile) -> Source:
    """The source that reads ``file``; the error that explains it if there is none, or several."""
    found = [source for source in REGISTRY if source.recognize(file)]
    if described.SOURCE in found:  # its user has said what it is
        return described.SOURCE
    if len(found) > 1:
        raise UnsupportedError(
            f"{file.name}: holds several fields, of {found[0].name} and of {found[1].name}; "
            "save the one that you want in a file of its own"
        )
    if found:
        return found[0]
    others: list[Source] = plugins(PLUGINS)
    for source in others:
        if source.recognize(file):
            return source
    known = [*REGISTRY, *others]
    raise explain(file, "; ".join(f"{s.name} ({s.description})" for s in known))


def recognize(path: str | Path) -> Source | None:
    """The source that reads ``path``, if one does; errors as :func:`load`."""
    with InputFile(path) as file:
        for source in REGISTRY:
            if source.recognize(file):
                return source
        others: list[Source] = plugins(PLUGINS)
        return next((source for source in others if source.recognize(file)), None)


__all__ = ["REGISTRY", "InputFile", "Source", "function", "load", "needs_refit", "recognize"]
