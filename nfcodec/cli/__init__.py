"""The command line: one module per verb, each a thin story told with the library's own functions.

Results go to stdout, everything else to stderr. Modules here import nothing heavy at their top:
``nfcodec --help`` answers at once, and a wrong option is refused before PyTorch is loaded.

Exit codes: 0 done, 1 anything else (a full disk, no memory, a file that may not be read, a defect),
2 usage, 3 damaged input, 4 format version or feature not supported, 5 over a limit,
6 jobs of a batch failed, 129 the terminal was closed, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line on ``argv`` (the process's own by default) and exit."""
    try:
        from nfcodec.cli import signals, threads

        threads.prepare()
        from nfcodec.cli.app import run
    except KeyboardInterrupt:
        sys.exit(130)
    code = run(sys.argv[1:] if argv is None else argv)
    if code in signals.POLITE.values():
        signals.ignore()
    sys.exit(code)
