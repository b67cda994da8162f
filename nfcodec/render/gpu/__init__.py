"""Drawing on a GPU through wgpu-py, from the WGSL programs of ``nfcodec/shaders``."""

from __future__ import annotations

from nfcodec.render.gpu.renderer import Renderer

__all__ = ["Renderer"]
