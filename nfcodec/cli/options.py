"""Options and value types that several verbs share."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from nfcodec.errors import UsageError
from nfcodec.methods import METHODS, OptionInfo
from nfcodec.model.kinds import KINDS

F = TypeVar("F", bound=Callable[..., Any])


class Within(click.FloatRange):
    """A number of a range. Click's own lets NaN pass, which is below and above nothing."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail("nan is not a number", param, ctx)
        return number


class Finite(click.ParamType):  # type: ignore[type-arg]
    """A finite number."""

    name = "float"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        number = float(click.FLOAT.convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


#: What a PSNR to code to may be, in dB: what is not there for two fields that are alike.
PSNR = Within(0.0, 140.0, min_open=True)


class UserPath(click.Path):
    """A path as the user writes it; a relative one means nothing if the working folder is gone."""

    _adrift = False

    def __init__(self) -> None:
        # What may not be read is no wrong usage, and outputs need not be readable.
        super().__init__(path_type=Path, readable=False)

    @classmethod
    def look_for_working_folder(cls) -> None:
        """Leave the working folder if it has been deleted: PyTorch, for one, cannot load in it."""
        try:
            cls._adrift = os.getcwd() == os.sep and cls._adrift
        except OSError:
            os.chdir(os.sep)
            cls._adrift = True

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if self._adrift and not os.path.isabs(value):
            self.fail(
                f"{os.fspath(value)!r} is relative to the working folder, which has been deleted; "
                "change to a folder that exists, or give an absolute path", param, ctx,
            )  # fmt: skip
        return super().convert(value, param, ctx)


#: A file or folder to read; :func:`existing_file` and what opens it say what is wrong with it.
INPUT = UserPath()


class Vector(click.ParamType):  # type: ignore[type-arg]
    """``x,y,z``."""

    name = "x,y,z"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float, float]:
        if isinstance(value, tuple):
            return value  # type: ignore[return-value]
        try:
            x, y, z = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not three numbers with commas between, such as 3,-2,1.5")
        if not all(map(math.isfinite, (x, y, z))):
            self.fail(f"{value!r}: each of the three has to be a finite number")
        return x, y, z


#: Of an image, as :mod:`nfcodec.render` has it, which is loaded later; a test compares them.
MAX_PIXELS = 1 << 26


class Size(click.ParamType):  # type: ignore[type-arg]
    """``WxH`` in pixels."""

    name = "WxH"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value  # type: ignore[return-value]
        match = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", str(value))
        if match is None or not 0 < int(match[1]) <= 16384 or not 0 < int(match[2]) <= 16384:
            self.fail(f"{value!r} is not a size such as 800x600 (each side 1 to 16384 pixels)")
        width, height = int(match[1]), int(match[2])
        if width * height > MAX_PIXELS:
            self.fail(f"{value!r} is {width * height:,} pixels; the limit is {MAX_PIXELS:,}")
        return width, height


_UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1000**2, "kib": 1 << 10, "mib": 1 << 20}


class Bytes(click.ParamType):  # type: ignore[type-arg]
    """A number of bytes: ``150kB``, ``1.5 MiB``, ``4096``."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,12}(?:\.\d{0,6})?|\.\d{1,6})\s*([a-z]*)", str(value).lower())
        if match is None or match[2] not in _UNITS:
            self.fail(
                f"{value!r} is not a size such as 150kB: a number of bytes, or one with B, kB or "
                "MB (powers of 1000), KiB or MiB (powers of 1024)"
            )
        count = int(float(match[1]) * _UNITS[match[2]])
        if count < 1:
            self.fail(f"{value!r} is less than one byte")
        return count


class Share(click.ParamType):  # type: ignore[type-arg]
    """A share of a whole: ``0.05%`` or ``0.0005``."""

    name = "share"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        text = str(value).strip()
        try:
            number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            self.fail(f"{value!r} is not a share such as 0.05% or 0.0005")
        if not (math.isfinite(number) and number >= 0):
            self.fail(f"{value!r} is not a share of at least 0")
        return number


class Listed(click.ParamType):  # type: ignore[type-arg]
    """``a,b,c``: values of another type with commas between."""

    def __init__(self, item: click.ParamType) -> None:  # type: ignore[type-arg]
        self.item = item
        self.name = f"{item.name},..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in str(value).split(",") if part.strip()]
        if not parts:
            self.fail("the list is empty", param, ctx)
        return tuple(dict.fromkeys(self.item.convert(part, param, ctx) for part in parts))


def option_type(info: OptionInfo) -> click.ParamType:  # type: ignore[type-arg]
    """What a method's option takes on the command line."""
    if info.whole:
        return click.IntRange(int(info.least), None if info.most is None else int(info.most))
    return Within(info.least, info.most, min_open=info.above)


def method_option(name: str, *flags: str, **extras: Any) -> Callable[[F], F]:
    """The option ``name`` of the methods that take it, with its range and each one's default."""
    info, defaults = method_infos()[name]
    by_default: dict[object, list[str]] = {}
    for method, default in defaults.items():
        by_default.setdefault(default, []).append(method)
    told = "; ".join(
        ", ".join(methods) + ": " + (str(info.unset) if default is None else f"{default:g}")
        for default, methods in by_default.items()
    )
    short = [f"-{info.short}"] if info.short else []
    return click.option(
        *(flags or (*short, f"--{info.name}", name)), type=option_type(info),
        help=f"{info.help} ({told}).", **extras,
    )  # fmt: skip


def method_infos() -> dict[str, tuple[OptionInfo, dict[str, Any]]]:
    """Each option of any method, with its defaults by the method's name."""
    found: dict[str, tuple[OptionInfo, dict[str, Any]]] = {}
    for method, cls in METHODS.items():
        defaults = cls().values()
        for name, info in cls.infos().items():
            found.setdefault(name, (info, {}))[1][method] = defaults[name]
    return found


def steps_option(default: str) -> Callable[[F], F]:
    """``default``: how many, as the help is to say it; a test compares it with the settings."""
    text = f"Training steps; {default} by default."
    return click.option("--steps", type=click.IntRange(1), help=text)


def output_option(text: str, *, required: bool = False) -> Callable[[F], F]:
    return click.option("-o", "--output", type=UserPath(), required=required, help=text)


overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace the output if it exists."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N."
)
seed_option = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True,
    help="Source of every random choice; the same seed gives the same result.",
)  # fmt: skip
lod_option = click.option(
    "--lod", type=click.IntRange(0), help="Use levels of detail 0 to K only.", metavar="K"
)
resume_option = click.option(
    "--resume", is_flag=True, help="Go on after an interruption of the same command."
)
sign_option = click.option(
    "--sign", type=click.Choice(["pseudonormal", "winding"]), default="pseudonormal",
    show_default=True, help="How to tell inside from outside: pseudonormal needs a watertight "
    "mesh; winding, the generalized winding number, copes with holes.",
)  # fmt: skip


def shared_options(command: F) -> F:
    """Options that name files with parts that fields leave to them (:mod:`nfcodec.shared`)."""
    for kind in KINDS:
        if kind.shared is not None:
            option = click.option(f"--{kind.shared.option}", type=INPUT, help=kind.shared.help)
            command = option(command)
    return command


def data_option(text: str) -> Callable[[F], F]:
    return click.option("--data", type=INPUT, help=text)


def check_device(device: str, *, draws: bool = False) -> None:
    """Refuse a misspelt device before anything is loaded. ``draws``: it may be ``wgpu``."""
    if re.fullmatch(r"auto|cpu|cuda(:\d{1,2})?", device) or (draws and device == "wgpu"):
        return
    names = "auto, cpu, cuda, cuda:N or wgpu" if draws else "auto, cpu, cuda or cuda:N"
    raise click.BadParameter(f"{device!r} is not {names}", param_hint="--device")


def existing(path: Path) -> Path:
    """``path`` if it exists, checked before anything is loaded."""
    if not path.exists():
        what = "there is no such file or folder"
        if str(path) == "-":
            what += "; standard input is not read: save it to a file first"
        elif path.is_symlink():
            what = f"a link to {os.readlink(path)}, where there is nothing"
        raise click.UsageError(f"{path}: {what}", click.get_current_context())
    return path


def existing_file(path: Path) -> Path:
    """``path`` if it is a file; nobody waits for what a pipe or a device may give."""
    existing(path)
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder, where a file with a field is needed: a .nfc file, or a trained "
            "field such as a .pt; `nfcodec train nerf` makes one from a folder of images"
        )
    if not path.is_file():
        raise UsageError(f"{path} is a pipe or a device; save what it gives to a file first")
    return path


def is_given(name: str) -> bool:
    """Whether the user gave this option; its value alone may be the default."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE
