"""What tests of the command line and of learning codes need."""

from tests.cli.conftest import fields, nfcodec
from tests.quantize.conftest import _small_teachers

__all__ = ["_small_teachers", "fields", "nfcodec"]
