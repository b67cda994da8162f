"""Codes: what a level's rows are in a coded field. One file each; NumPy only.

To add a code, write its class (:class:`nfcodec.model.protocols.Code`) and register it here, or in
another distribution under the entry points ``nfcodec.codes``.
"""

from __future__ import annotations

from nfcodec.codes.float16 import Float16Code
from nfcodec.codes.lattice import LatticeCode
from nfcodec.codes.lowrank import LowRankCode
from nfcodec.codes.vq import VQCode
from nfcodec.model.protocols import Code
from nfcodec.registry import Registry

CODES: Registry[type[Code]] = Registry("code", "nfcodec.codes")
for _code in (Float16Code, VQCode, LowRankCode, LatticeCode):
    CODES.add(_code)

__all__ = ["CODES", "Code", "Float16Code", "LatticeCode", "LowRankCode", "VQCode"]
