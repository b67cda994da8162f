"""Arrays from the bytes of ``.npy`` files that nobody vouches for."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import numpy.typing as npt


class ObjectsError(ValueError):
    """The array holds Python objects, which would have to be unpickled."""


def array(data: bytes | bytearray) -> npt.NDArray[Any]:
    """The array that a ``.npy`` file of these bytes holds, in this machine's byte order.

    Nothing is unpickled, and nothing is allocated that the header only claims. ValueError says
    what is wrong with the bytes, ObjectsError that they are a pickle.
    """
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        header = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = header(stream)
        if dtype.hasobject:
            raise ObjectsError("it holds Python objects instead of numbers")
        if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
            raise ValueError("its header does not fit its size")
        flat = np.frombuffer(bytearray(data[stream.tell() :]), dtype)
        found = flat.reshape(shape, order="F" if fortran else "C")
        return found.astype(dtype.newbyteorder("="), copy=False)
    except ValueError:
        raise
    except Exception as error:  # anything NumPy's parser raises on a damaged header
        raise ValueError(str(error) or type(error).__name__) from error
