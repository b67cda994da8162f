"""Points to values: a slow reference and the fast evaluators tested against it."""

from nfcodec.evaluate import codes, layouts
from nfcodec.evaluate.module import FieldModule, OccupiedCells

__all__ = ["FieldModule", "OccupiedCells", "codes", "layouts"]
