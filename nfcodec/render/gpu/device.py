"""Finding a GPU through wgpu-py, which speaks Vulkan, Metal and Direct3D 12."""

from __future__ import annotations

import logging
from typing import Any

from nfcodec.errors import UsageError

log = logging.getLogger("nfcodec")


class NoAdapterError(UsageError):
    """wgpu-py, or a GPU that it reaches, is not there."""


def request_device() -> Any:
    """A ``wgpu.GPUDevice`` of the fastest adapter, with storage bindings as large as it has them.

    NoAdapterError, with what to do, if wgpu-py or an adapter is missing.
    """
    try:
        import wgpu
    except ImportError as error:
        raise NoAdapterError(
            "--device wgpu needs the extra `gpu`: pip install 'nfcodec-core[gpu]'; "
            "or use --device cpu"
        ) from error
    try:
        adapter = wgpu.gpu.request_adapter_sync(power_preference="high-performance")
    except RuntimeError:
        adapter = None
    if adapter is None:
        raise NoAdapterError(
            "--device wgpu: no GPU adapter was found. Install a Vulkan driver (Debian, Ubuntu: "
            "mesa-vulkan-drivers, which also draws on the CPU), or use --device cpu"
        )
    log.info("drawing on %s", adapter_name(adapter))
    limits = ("max-storage-buffer-binding-size", "max-buffer-size")
    return adapter.request_device_sync(
        required_limits={name: adapter.limits[name] for name in limits if name in adapter.limits}
    )


def adapter_name(adapter: Any) -> str:
    """The adapter's own name and the interface it is reached by, such as ``llvmpipe (Vulkan)``."""
    info = adapter.info
    return f"{info['device']} ({info['backend_type']})"
