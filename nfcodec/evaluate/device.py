"""Choosing where to compute."""

from __future__ import annotations

import logging

import torch

from nfcodec.errors import UsageError

log = logging.getLogger("nfcodec")


def pick(device: str = "auto") -> torch.device:
    """``auto``, ``cpu``, ``cuda`` or ``cuda:N`` to a device that exists.

    ``auto`` takes CUDA where there is one. Raises UsageError for a device that is not there: an
    explicit wish is never silently replaced.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        log.info("no CUDA device found: computing on the CPU")
        return torch.device("cpu")
    if device == "cpu":
        return torch.device("cpu")
    if device == "cuda" or (device.startswith("cuda:") and device[5:].isdecimal()):
        if not torch.cuda.is_available():
            raise UsageError("--device cuda: PyTorch sees no CUDA device here; use --device cpu")
        chosen = torch.device(device)
        if chosen.index is not None and chosen.index >= torch.cuda.device_count():
            raise UsageError(
                f"--device {device}: there are {torch.cuda.device_count()} CUDA devices, "
                "counted from 0"
            )
        return chosen
    raise UsageError(f"unknown device {device!r}: choose auto, cpu, cuda or cuda:N")
