"""Parts of the codec turned off for an ablation, by standing in for functions of it by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch


def unchanged(value: Any, *_: Any, **__: Any) -> Any:
    """Gives its first argument back: what a step becomes that is turned off."""
    return value


def exists(target: str) -> bool:
    """Whether this version of nfcodec has ``target``, as "module:name"."""
    module, name = target.split(":")
    try:
        return hasattr(import_module(module), name)
    except ImportError:
        return False


@contextmanager
def applied(targets: Sequence[str]) -> Iterator[None]:
    """Meanwhile every one of ``targets``, "module:name", does nothing to its first argument."""
    with ExitStack() as stack:
        for target in targets:
            module, name = target.split(":")
            stack.enter_context(patch.object(import_module(module), name, unchanged))
        yield
