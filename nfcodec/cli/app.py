"""The command group, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click
from click.shell_completion import shell_complete

from nfcodec._version import __version__
from nfcodec.cli import signals, streams
from nfcodec.cli.batch import batch
from nfcodec.cli.compare import compare
from nfcodec.cli.console import VerbGroup, console
from nfcodec.cli.decode import decode
from nfcodec.cli.encode import encode
from nfcodec.cli.explain import explain
from nfcodec.cli.info import info
from nfcodec.cli.options import UserPath
from nfcodec.cli.rd_curve import rd_curve
from nfcodec.cli.render import render
from nfcodec.cli.train import train
from nfcodec.cli.verify import verify
from nfcodec.cli.view import view
from nfcodec.model.kinds import KINDS

EPILOG = """\b
Exit codes:
  0    done
  1    another failure: a full disk, not enough memory, a file that may not be read, a package
       that is not installed, a defect of nfcodec
  2    usage: a wrong option, a missing file or folder, an output that exists, a target that
       cannot be met
  3    damaged input
  4    a format version or feature that this nfcodec does not support
  5    over a limit
  6    jobs of a batch failed, and the others are done
  129  the terminal was closed
  130  interrupted
  143  terminated

\b
Examples:
  nfcodec train nerf lego/ -o lego.pt
  nfcodec encode lego.pt -b 4
  nfcodec info lego.nfc
  nfcodec render lego.nfc -o view.png
  nfcodec view lego.nfc

\b
Shell completion (bash; zsh and fish likewise):
  eval "$(_NFCODEC_COMPLETE=bash_source nfcodec)"
"""


@click.group(
    cls=VerbGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="nfcodec")
def cli() -> None:
    """Code trained neural fields (NeRFs, SDFs, scalar fields) as small files that stream."""


for _verb in (train, encode, info, verify, decode, compare, render, view, rd_curve, batch):
    cli.add_command(_verb)
for _kind in KINDS:
    for _verb in _kind.part("training_commands") or ():
        train.add_command(_verb)


def run(argv: Sequence[str]) -> int:
    """Run the command line on ``argv``; the exit code."""
    console.reset()
    streams.prepare()
    UserPath.look_for_working_folder()
    try:
        # Not click's main(), which has its own idea of signals and closed pipes.
        with signals.polite():
            completing = os.environ.get("_NFCODEC_COMPLETE")
            if completing:
                return shell_complete(cli, {}, "nfcodec", "_NFCODEC_COMPLETE", completing)
            with cli.make_context("nfcodec", list(argv)) as context:
                cli.invoke(context)
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except KeyboardInterrupt as stop:
        console.interrupted()
        return stop.code if isinstance(stop, signals.Terminated) else signals.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except Exception as error:
        gone = isinstance(error, BrokenPipeError) and streams.reader_gone(streams.STDOUT)
        if gone:
            streams.give_up(streams.STDOUT)  # the reader of the help has seen enough
            return 0
        return _fail(*explain(error), error)


def _fail(message: str, code: int, error: BaseException) -> int:
    console.finish()
    if console.debug:
        traceback.print_exception(error)
    way_on = console.way_on() if code == 1 else ""  # a full disk costs nothing that was learned
    console.error(f"{message}; {way_on}" if way_on else message)
    return code
