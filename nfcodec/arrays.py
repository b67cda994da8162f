"""Types of arrays that every room uses."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]
HalfArray: TypeAlias = npt.NDArray[np.float16]
