"""Versions and requirements that stand in several places agree."""

from __future__ import annotations

import json
import re
from pathlib import Path

from nfcodec import __version__

ROOT = Path(__file__).resolve().parent.parent
FULL = (ROOT / "packaging" / "nfcodec" / "pyproject.toml").read_text()
CORE = (ROOT / "pyproject.toml").read_text()


def test_all_versions_are_that_of_the_package() -> None:
    assert re.findall(r'^version = "(.+)"$', FULL, flags=re.M) == [__version__]
    assert re.findall(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), flags=re.M) == [
        __version__
    ]


def test_the_full_distribution_requires_the_same_core() -> None:
    required = re.findall(r'"nfcodec-core\[(\w+)\]==(.+?)"', FULL)
    assert {version for _, version in required} == {__version__}
    assert [extra for extra, _ in required] == ["encode", "video", "gpu", "view", "semantic"]
    for extra, _ in required:
        assert re.search(rf"^{extra} = \[", CORE, flags=re.M)


def test_the_npm_package_has_a_version_and_the_same_license() -> None:
    package = json.loads((ROOT / "web" / "package.json").read_text())
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", package["version"])
    assert f'license = "{package["license"]}"' in CORE
