"""``nfcodec render``: an image or a turning video of a field."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nfcodec import files
from nfcodec.atomic import check_output
from nfcodec.cli.console import Verb, console
from nfcodec.cli.inputs import check_data
from nfcodec.cli.options import (
    INPUT,
    Finite,
    Size,
    Vector,
    Within,
    check_device,
    data_option,
    existing_file,
    is_given,
    json_option,
    lod_option,
    output_option,
    overwrite_option,
    shared_options,
)
from nfcodec.errors import UsageError
from nfcodec.model.kinds import kind_of

if TYPE_CHECKING:
    from nfcodec.evaluate import FieldModule
    from nfcodec.model.camera import Camera
    from nfcodec.model.coded import CodedField
    from nfcodec.model.field import Field
    from nfcodec.render.gpu import Renderer

log = logging.getLogger("nfcodec")

#: Options that only some kinds of field know; of another kind they would be ignored.
_ONLY_FOR = {"channel": ("scalar",), "colormap": ("scalar",), "level": ("scalar",)}

IMAGES, VIDEOS = (".png",), (".mp4", ".gif")


@click.command(
    cls=Verb,
    short_help="Draw a field: an image, or a video all around it.",
    epilog="""\b
Examples:
  nfcodec render lego.nfc -o view.png
  nfcodec render lego.nfc -o view3.png --data lego/ --view 3
  nfcodec render lego.nfc -o side.png --eye 4,0,1 --target 0,0,0 --size 1280x720
  nfcodec render lego.nfc -o turn.mp4 --orbit 60
  nfcodec render lego.nfc -o view.png --device wgpu
""",
)
@click.argument("field", type=INPUT)
@output_option("Image (.png) or video (.mp4, .gif) to write.", required=True)
@click.option("--eye", type=Vector(), help="Where to look from, in the field's units.")
@click.option("--target", type=Vector(), help="Where to look at.")
@click.option("--up", type=Vector(), help="Which way is up in the image.")
@click.option("--fov", type=Within(1, 170), help="Vertical field of view in degrees.")
@data_option("Folder of posed images to take a camera from, with --view.")
@click.option(
    "--view",
    type=click.IntRange(0),
    metavar="N",
    help="View N of --data: of its test split or, where it has none, of all its views in order, of "
    "which every eighth from 0 on is held out.",
)
@click.option(
    "--orbit", type=click.IntRange(2, 36_000), metavar="N", help="N views of a full turn."
)
@click.option(
    "--fps", type=Within(0.1, 120), default=30.0, show_default=True,
    help="Images per second of a video.",
)  # fmt: skip
@click.option("--size", type=Size(), help="Width and height in pixels.")
@click.option("--background", type=Vector(), metavar="R,G,B", help="Color behind, each 0 to 1.")
@click.option(
    "--mode", type=click.Choice(["shaded", "matcap", "normals", "depth", "iso"]), default="shaded",
    show_default=True, help="What to show; matcap and normals for sdf, iso for scalar fields.",
)  # fmt: skip
@click.option("--level", type=Finite(), help="Value of the surface that --mode iso shows.")
@click.option("--channel", type=click.IntRange(0), default=0, help="Output of a scalar field.")
@click.option("--colormap", default="viridis", show_default=True, help="Colors of scalar fields.")
@click.option(
    "--antialias", type=click.IntRange(1, 8), default=1, show_default=True, metavar="N",
    help="N x N rays per pixel.",
)  # fmt: skip
@lod_option
@click.option(
    "--device", default="auto", show_default=True,
    help="auto, cpu, cuda, cuda:N, or wgpu: any GPU, by Vulkan, Metal or Direct3D 12.",
)  # fmt: skip
@shared_options
@overwrite_option
@json_option
def render(
    field: Path, output: Path, data: Path | None, view: int | None, orbit: int | None,
    fps: float, size: tuple[int, int] | None, lod: int | None, device: str,
    overwrite: bool, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Draw FIELD, a .nfc file or any field we read.

    Without a camera of your own the view is the one that the file suggests, or one that shows all.
    """
    placing = {name: options.pop(name) for name in ("eye", "target", "up", "fov")}
    _check(output, orbit, data, view, placing, options)
    check_device(device, draws=True)
    existing_file(field)
    check_data(data)
    check_output(output, overwrite)
    from nfcodec import render as rendering
    from nfcodec import shared
    from nfcodec.render import images

    given = {option: options.pop(option) for option in shared.options()}
    if orbit is not None:
        images.check_video(output)
    opened = files.open(field, lod)
    shared.check_needed(given, (field, opened))
    opened = shared.put_in(opened, given, field)
    _check_kind(field, opened)
    cameras = _cameras(opened, data, view, orbit, size, placing)
    module = _renderer(opened, device)
    color_bar = kind_of(opened).is_plain and options["mode"] == "shaded"
    options |= {"lod": lod, "color_bar": color_bar}
    if orbit is None:
        image = rendering.render(module, cameras[0], progress=console.progress(), **options)
        images.save_png(image, output, overwrite=overwrite)
    else:
        frames = rendering.render_frames(module, cameras, progress=console.progress(), **options)
        images.save_video(frames, output, fps=fps, overwrite=overwrite)
    width, height = cameras[0].width, cameras[0].height
    console.result(
        as_json,
        {"path": output, "width": width, "height": height, "frames": len(cameras)},
        f"{output}: {width}x{height}" + (f", {len(cameras)} frames" if orbit else ""),
    )


def _renderer(field: Field | CodedField, device: str) -> FieldModule | Renderer:
    """What draws ``field``; without a GPU for wgpu the CPU does, and says so."""
    from nfcodec.render import as_module
    from nfcodec.render.gpu.device import NoAdapterError

    try:
        return as_module(field, device)
    except NoAdapterError as error:
        log.warning("%s; this image is drawn on the CPU", error)
        return as_module(field, "cpu")


def _check(
    output: Path, orbit: int | None, data: Path | None, view: int | None,
    placing: dict[str, Any], options: dict[str, Any],
) -> None:  # fmt: skip
    wanted = IMAGES if orbit is None else VIDEOS
    if output.suffix.lower() not in wanted:
        what = "an image" if orbit is None else "an orbit"
        hint = "; for a video add --orbit N" if output.suffix.lower() in VIDEOS else ""
        raise UsageError(f"cannot write {output}: {what} is written as {' or '.join(wanted)}{hint}")
    if (data is None) != (view is None):
        raise UsageError("--data and --view go together: the folder, and which of its views")
    given = [f"--{name}" for name, value in placing.items() if value is not None]
    if view is not None and (given or orbit):
        raise UsageError(f"--view says where to look from; leave out {(given or ['--orbit'])[0]}")
    if orbit is not None and (placing["eye"] or placing["target"]):
        raise UsageError("--orbit goes around the middle of the field; leave --eye, --target out")
    if options["level"] is not None and options["mode"] != "iso":
        raise UsageError("--level is for --mode iso")
    if orbit is None and is_given("fps"):
        raise UsageError("--fps is for a video, which --orbit makes")
    background = options["background"]
    if background is not None and not all(0 <= part <= 1 for part in background):
        raise UsageError("--background: each of red, green and blue is 0 to 1")


def _check_kind(path: Path, field: Field | CodedField) -> None:
    for name, kinds in _ONLY_FOR.items():
        if field.kind not in kinds and is_given(name):
            raise UsageError(
                f"--{name} is for {' and '.join(kinds)} fields; {path} holds a {field.kind} field"
            )
    if field.dims == 2:
        for name in ("eye", "target", "up", "fov", "orbit"):
            if is_given(name):
                raise UsageError(
                    f"--{name} is for fields of three dimensions; {path} holds one of two"
                )


def _cameras(
    field: Field | CodedField, data: Path | None, view: int | None, orbit: int | None,
    size: tuple[int, int] | None, placing: dict[str, Any],
) -> tuple[Camera, ...]:  # fmt: skip
    from nfcodec.render import views

    if data is not None and view is not None:
        from nfcodec.data import images

        split = images.numbered(data)
        cameras = images.load(data, split).cameras
        if view >= len(cameras):
            held_out = "held-out views" if split == "test" else "views"
            raise UsageError(f"--view {view}: {data} has {held_out} 0 to {len(cameras) - 1}")
        return (cameras[view] if size is None else cameras[view].resized(*size),)
    fov = placing.pop("fov")
    vertical_fov = None if fov is None else math.radians(fov)
    if orbit is not None:
        return views.orbit(field, orbit, size=size, up=placing["up"], vertical_fov=vertical_fov)
    return (views.camera(field, size=size, vertical_fov=vertical_fov, **placing),)
