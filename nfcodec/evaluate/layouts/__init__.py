"""What evaluation hangs on each layout: a locator. One file each."""

from nfcodec.evaluate.layouts import dense, octree

__all__ = ["dense", "octree"]
