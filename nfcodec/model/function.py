"""Fields that are known by what they give at points, and not by parts that a file of ours holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class FieldFunction:
    """What can be evaluated, and so can teach a field of ours (:func:`nfcodec.refit`).

    ``values``: of (P, 3) points and, for ``nerf``, (P, 3) unit directions, float32 arrays both. It
    gives (P,) densities per unit of length and (P, 3) colors for ``nerf``, (P,) distances for
    ``sdf``, (P, C) values for ``scalar``. ``densities``: of points alone, where that is cheaper.
    ``occupied``: (P,) bool, where the tool draws at all; elsewhere values mean nothing.
    ``bounds``: (2, 3), outside of which there is nothing. ``metadata``: as of a field.
    """

    kind: str
    bounds: npt.NDArray[np.float64]
    values: Callable[..., Any]
    densities: Callable[[Any], Any] | None = None
    occupied: Callable[[Any], Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
