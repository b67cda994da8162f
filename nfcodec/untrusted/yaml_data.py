"""YAML that nobody vouches for, read as plain data: a tag that names a Python object does nothing.

nerfstudio's ``config.yml`` is full of such tags (``!!python/object:...``). PyYAML's own loader for
them builds the objects; this one keeps what they would be built of.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nfcodec.errors import DamagedFileError
from nfcodec.optional import need
from nfcodec.untrusted.faults import unreadable

MAX_BYTES = 1 << 20
#: Depth of nested values; the parser takes a few calls for each.
_MAX_DEPTH = 60


def read(path: Path) -> Any:
    """What a YAML file says. DamagedFileError if it is too large, nested too deep or no YAML."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DamagedFileError(f"{path}: a YAML file of more than {MAX_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"{path}: cannot be read ({error})") from error
    except OSError as error:
        raise unreadable(path, error) from error
    return parse(text, str(path))


def parse(text: str, source: str) -> Any:
    """What a YAML text says; errors as :func:`read`."""
    need("yaml", "reading YAML")
    import yaml

    class Plain(yaml.SafeLoader):  # type: ignore[misc]
        """Builds dicts, lists and scalars alone, whatever tags say; merges nothing."""

        depth = 0

        def flatten_mapping(self, node: Any) -> None:
            """Merge keys could repeat one mapping without end; they stay keys."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.depth += 1
            if self.depth > _MAX_DEPTH:
                raise yaml.YAMLError(f"it is nested deeper than {_MAX_DEPTH}")
            found = super().compose_node(parent, index)
            self.depth -= 1
            return found

    def build(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Plain.add_multi_constructor("", build)
    try:
        return yaml.load(text, Plain)  # of a loader that builds no objects
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        said = " ".join(str(error).split())[:200]
        raise DamagedFileError(f"{source}: is no YAML that can be read ({said})") from error
