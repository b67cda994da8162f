"""What evaluation hangs on each code: how its rows are held in memory. One file each."""

from nfcodec.evaluate.codes import float16, lowrank, vq

__all__ = ["float16", "lowrank", "vq"]
