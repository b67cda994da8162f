"""What another distribution brings is there as if it were installed: by entry points."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from nfcodec.codes import CODES
from nfcodec.layouts import LAYOUTS
from nfcodec.methods import METHODS
from tests.contract.toys import ScatterLayout, StepCode

ENTRIES = """
[nfcodec.layouts]
scatter = tests.contract.toys:ScatterLayout

[nfcodec.codes]
steps = tests.contract.toys:StepCode

[nfcodec.methods]
coarse = tests.contract.plugins:CoarseOptions

[nfcodec.quantizers]
coarse = tests.contract.plugins:Coarse

[nfcodec.importers]
note = tests.contract.plugins:SOURCE

[nfcodec.exporters]
.note = tests.contract.plugins:write_note
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution with a layout, a code, a method, an importer and an exporter."""
    folder = tmp_path / "site" / "toys-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(folder.parent))
    importlib.invalidate_caches()
    yield
    METHODS.pop("coarse", None)
    LAYOUTS.discard(ScatterLayout)
    CODES.discard(StepCode)
