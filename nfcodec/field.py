"""The parts of a field, for those who build or take apart one in Python.

>>> from nfcodec.field import DenseLayout, Field, Grid, Input, Layer, Level, Network

The guide has a whole example. What these classes mean is said where they are defined:
:mod:`nfcodec.model.field`, :mod:`nfcodec.model.networks`, :mod:`nfcodec.layouts`.
"""

from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.model.field import Field, Grid, Level, Occupancy
from nfcodec.model.networks import Encoding, Input, Layer, Network

__all__ = [
    "DenseLayout",
    "Encoding",
    "Field",
    "Grid",
    "Input",
    "Layer",
    "Level",
    "Network",
    "Occupancy",
    "OctreeLayout",
]
