"""A Griffe extension: docstrings name things as Sphinx does, which Markdown shows as code."""

from __future__ import annotations

import re
from typing import Any

import griffe

#: ``:func:`nfcodec.open```, and the double backticks of reStructuredText.
_ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod|obj):`~?([^`]+)`")
_LITERAL = re.compile(r"``([^`]+)``")


class Roles(griffe.Extension):
    """Turn roles and literals into Markdown's code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            text = _ROLE.sub(r"`\1`", obj.docstring.value)
            obj.docstring.value = _LITERAL.sub(r"`\1`", text)
