"""The rate-distortion figure: log rate, one curve per method, the uncompressed field as a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nfcodec.render import headless

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = dict[str, Any]

#: Color (Okabe and Ito's, told apart by the color-blind too), marker and name of each method.
STYLES: dict[str, tuple[str, str, str]] = {
    "vqad": ("#0072B2", "o", "VQ-AD (learned)"),
    "kmeans": ("#D55E00", "s", "k-means VQ"),
    "lra": ("#009E73", "^", "low rank"),
    "ecq": ("#CC79A7", "v", "ECQ"),
    "float16": ("#444444", "D", "float16"),
}
_OTHERS = (("#E69F00", "P"), ("#56B4E9", "X"))

LABELS = {
    "psnr": "PSNR on held-out views (dB)",
    "value_psnr": "PSNR of field values (dB)",
    "normal_error_deg": "mean normal error (degrees)",
}
#: Metrics where less is better.
FALLING = {"normal_error_deg"}

_RC: Any = {
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "svg.hashsalt": "nfcodec",
}
_GRAY = "#666666"
_PREFIXES: Any = {"markersize": 2.5, "linewidth": 0.7, "linestyle": ":", "alpha": 0.8, "zorder": 2}
#: If the uncompressed field is better than all points by more than this share of their range, it
#: is named at the top instead of drawn, so that the curves keep their room.
_FAR = 0.8


def check() -> Any:
    """matplotlib, with what drawing needs; NfcodecError if it does not load.

    Call it before long work whose end is a figure.
    """
    return headless.matplotlib(
        "figure", "ticker", "patheffects", "backends.backend_agg", "backends.backend_svg"
    )


def draw(found: dict[str, Any]) -> Figure:
    """The figure of what :func:`nfcodec.rd.sweep.sweep` found."""
    mpl = check()
    from matplotlib.figure import Figure

    metrics = [found["metric"]]
    if found["uncompressed"]["metrics"].get("normal_error_deg") is not None:
        metrics.append("normal_error_deg")
    with mpl.rc_context(_RC):
        figure = Figure(figsize=(5.2 * len(metrics), 3.6), layout="constrained")
        for number, metric in enumerate(metrics):
            axes = figure.add_subplot(1, len(metrics), number + 1)
            _panel(axes, found, metric, legend=number == 0)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write ``figure`` by suffix; the same figure gives the same bytes."""
    with check().rc_context(_RC):
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=200, metadata=metadata)


def _panel(axes: Axes, found: dict[str, Any], metric: str, legend: bool) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    points = [p for p in found["points"] if p["metrics"].get(metric) is not None]
    last = found["lods"] - 1
    for number, method in enumerate(dict.fromkeys(p["method"] for p in points)):
        style = STYLES.get(method, (*_OTHERS[number % len(_OTHERS)], method))
        mine = [p for p in points if p["method"] == method]
        _curve(axes, mine, metric, last, style, leading=number == 0)
    if any(p["lod"] != last for p in points):
        axes.plot([], [], color=_GRAY, label="LOD prefixes", **_PREFIXES)
    axes.set_xscale("log")
    axes.margins(x=0.08, y=0.08)
    _uncompressed(axes, found["uncompressed"], metric, [p["metrics"][metric] for p in points])
    axes.set_xlabel("file size")
    axes.set_ylabel(LABELS.get(metric, metric))
    low, high = axes.get_xlim()
    # Decades alone leave a narrow axis with one number or none.
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 300 else (1.0,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: size(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if legend and points:
        axes.legend(frameon=False, loc="lower right", handlelength=1.8)


def _curve(
    axes: Axes,
    points: Sequence[Point],
    metric: str,
    last: int,
    style: tuple[str, str, str],
    leading: bool,
) -> None:
    """One method: its whole files joined by a line, each file's LOD prefixes by a dotted one."""
    color, marker, name = style
    whole = sorted((p for p in points if p["lod"] == last), key=lambda p: p["bytes"])
    axes.plot(
        *_xy(whole, metric), color=color, marker=marker, markersize=5, linewidth=1.6,
        markeredgecolor="white", markeredgewidth=0.6, label=name, zorder=3,
    )  # fmt: skip
    for point in whole:
        _name(axes, point, metric, color, leading)
    for rate in dict.fromkeys(map(_rate, points)):
        prefixes = [p for p in points if _rate(p) == rate]
        if len(prefixes) > 1:
            axes.plot(*_xy(prefixes, metric), color=color, marker=marker, **_PREFIXES)


def _rate(point: Point) -> tuple[float | None, ...]:
    return point["bits"], point["rank"], point.get("rate_weight")


def _name(axes: Axes, point: Point, metric: str, color: str, leading: bool) -> None:
    """A point's rate beside it, bits, rank or lambda, where its curve does not go.

    Those of the ``leading`` method, named first and so expected to be the best one, are on its
    other side, away from the curves below it.
    """
    from matplotlib.patheffects import withStroke

    if point["bits"] is not None:
        text = f"{point['bits']} bit" + "s" * (point["bits"] > 1)
    elif point["rank"] is not None:
        text = f"rank {point['rank']}"
    elif point.get("rate_weight") is not None:
        text = f"λ {point['rate_weight']:g}"
    else:
        return
    down = leading == (metric in FALLING)
    axes.annotate(
        text, (point["bytes"], point["metrics"][metric]),
        xytext=(-4 if leading else 4, -3 if down else 3), textcoords="offset points",
        ha="right" if leading else "left", va="top" if down else "bottom",
        fontsize=6.5, color=color, zorder=2.5,
        path_effects=[withStroke(linewidth=1.5, foreground="white")],
    )  # fmt: skip


def _uncompressed(axes: Axes, point: Point, metric: str, seen: Sequence[float]) -> None:
    quality = point["metrics"].get(metric)
    if quality is None:
        return
    unit = "°" if metric in FALLING else " dB"
    text = f"uncompressed (float16): {size(point['bytes'])}, {quality:.4g}{unit}"
    spread = max(seen) - min(seen) if seen else 0.0
    if seen and metric not in FALLING and quality - max(seen) > _FAR * max(spread, 1.0):
        axes.annotate(
            text + " ↑", (0.02, 1.0), xycoords="axes fraction", va="bottom", fontsize=7,
            color=_GRAY,
        )  # fmt: skip
        return
    axes.axhline(quality, color=_GRAY, linewidth=0.9, linestyle="--", zorder=1)
    axes.annotate(
        text, (0.02, quality), xycoords=axes.get_yaxis_transform(), xytext=(0, 3),
        textcoords="offset points", fontsize=7, color=_GRAY,
    )  # fmt: skip


def _xy(points: Sequence[Point], metric: str) -> tuple[list[float], list[float]]:
    return [p["bytes"] for p in points], [p["metrics"][metric] for p in points]


def size(count: float) -> str:
    """Bytes as ``131 kB``, in powers of 1000."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5 or unit == "GB":
            break
        count /= 1000
    return f"{count:.3g} {unit}"
