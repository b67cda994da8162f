"""The largest resident memory of this process since it was last asked."""

from __future__ import annotations

import sys
from contextlib import suppress

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


def reset() -> None:
    """Begin again, where the system can (Linux); else the peak is that of the whole process."""
    with suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def read() -> int | None:
    """In bytes; None where the system does not say."""
    with suppress(OSError), open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if resource is None:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit
