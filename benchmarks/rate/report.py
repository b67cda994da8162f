"""Records as curves, tables and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rate.curves import RatePoint, against, best, bytes_at
from rate.jobs import OURS, Record
from rate.quality import LABELS

#: Colors by Okabe and Ito and, behind them, by Tol, told apart by the color-blind too.
_COLORS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444", "#882255",
    "#999933", "#44AA99", "#AA4499", "#661100", "#6699CC", "#888888",
)  # fmt: skip
_MARKERS = "os^vDPX<>ph*d8"
#: dB below the trained field at which two peers' bytes are told.
DROP = 0.5


def curve_of(record: Record) -> str:
    """The curve that a record is a point of: its name, with all of its setting but the knob.

    Of ``ecq`` bits are but the most that an index may have: at any of them it is one curve.
    """
    names = {"rate_weight": "lambda"}
    rest = [
        f"{value} steps" if key == "steps" else f"{names.get(key, key)} {value}"
        for key, value in sorted(record["setting"].items())
        if key != record["knob"] and (record["peer"], key) != ("ecq", "bits")
    ]
    return ", ".join([record["name"], *rest])


def curves_of(records: Sequence[Record], metric: str, sign: int) -> dict[str, list[RatePoint]]:
    """{curve: (bytes, quality) points}, quality turned so that more is better."""
    found: dict[str, list[RatePoint]] = {}
    for record in records:
        quality = record["quality"].get(metric)
        if quality is not None:
            found.setdefault(curve_of(record), []).append((record["bytes"], sign * quality))
    return found


def summary(
    records: Sequence[Record], trained: dict[str, float | None], metrics: dict[str, int]
) -> dict[str, Any]:
    """By metric: our best curve, its rate against each other one, and bytes at a set quality."""
    found: dict[str, Any] = {}
    ours = {curve_of(record) for record in records if record["peer"] in OURS}
    for metric, sign in metrics.items():
        curves = curves_of(records, metric, sign)
        mine = {name: points for name, points in curves.items() if name in ours}
        if not mine:
            continue
        leader = best(mine)
        rates = {
            name: against(points, curves[leader])
            for name, points in curves.items()
            if name != leader
        }
        for each in rates.values():
            for key in ("overlap",):
                if key in each:
                    each[key] = sorted(sign * quality for quality in each[key])
            if "nearest" in each:
                each["nearest"]["qualities"] = [sign * q for q in each["nearest"]["qualities"]]
        found[metric] = {"best": leader, "against": rates}
        if metric == "psnr" and trained[metric] is not None:
            quality = trained[metric] - DROP
            needs = {name: bytes_at(points, quality) for name, points in curves.items()}
            own = needs[leader]
            found[metric]["at"] = {
                "quality": quality,
                "bytes": {name: round(n) for name, n in needs.items() if n is not None},
                "times_ours": {name: round(n / own, 2) for name, n in needs.items() if n and own},
            }
    return found


def markdown(document: dict[str, Any]) -> str:
    """The tables of a results document."""
    results = document["results"]
    metrics = list(results["trained"])
    shown = [m for m in ("psnr", "giou", "normal_error_deg", "value_psnr") if m in metrics]
    lines = [f"# {document['settings']['field']}: {document['settings']['about']}", ""]
    trained = ", ".join(
        f"{LABELS[m]} {results['trained'][m]:.4g}" for m in shown if results["trained"][m]
    )
    lines += [
        f"The trained field: {trained}. Bytes are of real files, except where a row says",
    ]
    lines[-1] += " papers' accounting. Octrees count in every file."
    for metric, found in results["summary"].items():
        lines += ["", f"## By {LABELS[metric]}: {found['best']} against each", ""]
        lines += [
            "| against | bytes at equal quality | over | points |",
            "| --- | --- | --- | --- |",
        ]
        for name, each in found["against"].items():
            if each["bd_rate"] is not None:
                low, high = each["overlap"]
                rate, over = f"{each['bd_rate']:+.1f} %", f"{low:.4g} to {high:.4g}"
            else:
                ratio, qualities = each["nearest"]["ratio"], each["nearest"]["qualities"]
                rate = f"no overlap; nearest points 1/{ratio:.3g}"
                over = f"{qualities[0]:.4g} and {qualities[1]:.4g}"
            lines.append(f"| {name} | {rate} | {over} | {each['points'][0]}, {each['points'][1]} |")
        if "at" in found:
            lines += ["", f"At {found['at']['quality']:.2f} dB, {DROP} dB below the trained field:"]
            lines += ["", "| | bytes | times ours |", "| --- | --- | --- |"]
            for name, count in sorted(found["at"]["bytes"].items(), key=lambda each: each[1]):
                times = found["at"]["times_ours"].get(name)
                lines.append(f"| {name} | {count:,} | {times or ''} |")
    lines += ["", "## All points", ""]
    head = ["", "setting", "bytes", *shown, "encode s", "decode s"]
    lines += ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for record in results["points"]:
        value = record["setting"].get(record["knob"], "")
        knob = f"{record['knob'].replace('rate_weight', 'lambda')} {value}".strip()
        figures = [_figure(record["quality"].get(metric)) for metric in shown]
        seconds = [_figure(record[key]) for key in ("encode_seconds", "decode_seconds")]
        if record["peer"] == "ecq" and "bits" in record["setting"]:
            knob += f", at most {record['setting']['bits']} bits"
        cells = [curve_of(record), knob, f"{record['bytes']:,}", *figures, *seconds]
        lines.append("| " + " | ".join(cells) + " |")
    if results["left_out"]:
        lines += ["", "## Left out", ""]
        lines += [f"- {name}: {reason}" for name, reason in results["left_out"].items()]
    return "\n".join(lines) + "\n"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def plot(
    records: Sequence[Record],
    trained: dict[str, float | None],
    metrics: dict[str, int],
    path: Path,
) -> None:
    """Curves of log bytes over each metric; ours are drawn thick, accounts of papers dashed."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    from nfcodec.rd.figure import size

    names = list(dict.fromkeys(curve_of(record) for record in records))
    ours = {curve_of(record) for record in records if record["peer"] in OURS}
    papers = {curve_of(record) for record in records if record["peer"].endswith("-paper")}
    figure, every = plt.subplots(
        1,
        len(metrics),
        figsize=(6.4 * len(metrics) + 2.6, 5.2),
        dpi=150,
        squeeze=False,
        layout="constrained",
    )
    for axes, (metric, sign) in zip(every[0], metrics.items(), strict=True):
        curves = curves_of(records, metric, sign)
        for number, name in enumerate(names):
            points = sorted(curves.get(name, []))
            if not points:
                continue
            axes.plot(
                [rate for rate, _ in points],
                [sign * quality for _, quality in points],
                color=_COLORS[number % len(_COLORS)],
                marker=_MARKERS[number % len(_MARKERS)],
                linewidth=2.2 if name in ours else 1.0,
                markersize=6 if name in ours else 4,
                linestyle="--" if name in papers else "-",
                label=name,
                zorder=3 if name in ours else 2,
                markeredgecolor="white",
                markeredgewidth=0.5,
            )
        if trained.get(metric) is not None and metric != "value_psnr":
            axes.axhline(trained[metric], color="#666666", linewidth=0.9, linestyle=":")
            axes.annotate(
                "the trained field",
                (0.01, trained[metric]),
                (0, 3),
                fontsize=8,
                xycoords=axes.get_yaxis_transform(),
                textcoords="offset points",
                color="#666666",
            )
        axes.set(xscale="log", xlabel="file size", ylabel=LABELS[metric])
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: size(value)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    handles, labels = every[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", fontsize=8, frameon=False)
    figure.savefig(path)
    plt.close(figure)
