"""Teachers and images of a size that tests can afford."""

from __future__ import annotations

from tests.rd.conftest import small

__all__ = ["small"]
