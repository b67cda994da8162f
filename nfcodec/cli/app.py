"""The command group, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

import click
from click.shell_completion import shell_complete

from nfcodec._version import __version__
from nfcodec.cli import signals, streams
from nfcodec.cli.compare import compare
from nfcodec.cli.console import VerbGroup, console
from nfcodec.cli.decode import decode
from nfcodec.cli.encode import encode
from nfcodec.cli.info import info
from nfcodec.cli.options import UserPath
from nfcodec.cli.rd_curve import rd_curve
from nfcodec.cli.render import render
from nfcodec.cli.train import train
from nfcodec.cli.verify import verify
from nfcodec.cli.view import view
from nfcodec.errors import NfcodecError
from nfcodec.model.kinds import KINDS
from nfcodec.optional import missing

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


for _verb in (train, encode, info, verify, decode, compare, render, view, rd_curve):
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
    except click.UsageError as error:
        message = error.format_message()
        hint = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        return _fail(message.rstrip(".") + hint, 2, error)
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code, error)
    except NfcodecError as error:
        return _fail(str(error), error.exit_code, error)
    except OSError as error:
        if isinstance(error, BrokenPipeError) and streams.reader_gone(streams.STDOUT):
            streams.give_up(streams.STDOUT)  # the reader of the help has seen enough
            return 0
        return _fail(*_explain_os(error), error)
    except ModuleNotFoundError as error:
        return _fail(str(missing(error) or _explain(error)), 1, error)
    except Exception as error:
        return _fail(_explain(error), 1, error)


def _fail(message: str, code: int, error: BaseException) -> int:
    console.finish()
    if console.debug:
        traceback.print_exception(error)
    way_on = console.way_on() if code == 1 else ""  # a full disk costs nothing that was learned
    console.error(f"{message}; {way_on}" if way_on else message)
    return code


def _explain_os(error: OSError) -> tuple[str, int]:
    where = f"{error.filename}: " if error.filename else ""
    what = error.strerror or str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{where}no space left on the disk; free some or write elsewhere", 1
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}:
        return f"{where}cannot be read or written: {what}", 1
    if error.errno == errno.EISDIR:
        return f"{where}is a folder, where a file is needed", 2
    if error.errno == errno.ENOENT:
        return f"{where}there is no such file or folder", 2
    if error.errno == errno.ENAMETOOLONG:
        return f"{where}the name is too long; choose a shorter one", 2
    return f"{where}{what}", 1


def _explain(error: Exception) -> str:
    text = str(error).strip().split("\n")[0]
    memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if memory or "can't allocate memory" in text:
        return "not enough memory; close other programs, or try fewer bits, a lower LOD or --size"
    return (
        f"unexpected {type(error).__name__}: {text or 'no message'}; this is a defect of nfcodec: "
        "please report it with the traceback that -vv prints"
    )
