"""What each part of the codec is worth: bytes at equal quality with one part off at a time.

    python benchmarks/ablation.py lego.pt --data lego_200/ -o ablation/ [--steps 1000]
        [--lambda 0.05,0.1,0.2] [--only "rate term,layers"] [--take ecq_*.nfc] [--publish lego]

``rate/switches.py`` lists the parts and how each is turned off. The whole codec is ``ecq`` along
lambda; a curve with a part off has the same lambdas. Bytes are compared at the quality of the whole
codec at the middle lambda and, as a Bjontegaard rate, where both curves reach. Work can be
done in pieces, as with ``peers.py``: the folder keeps every point.

Writes ``ablation.json`` and ``ablation.md`` to the output folder, and with ``--publish NAME`` the
same as ``benchmarks/results/ablation_NAME.*``.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import RESULTS, machine
from peer_codecs import environments
from rate.curves import RatePoint, against, bytes_at, pareto
from rate.jobs import Bench, Job, Record
from rate.quality import LABELS, threads
from rate.switches import SWITCHES

METHOD = "ecq"
WHOLE = "nothing"


def planned(switch: str, weights: Sequence[float], steps: int) -> list[Job]:
    """The jobs of one curve: of the whole codec, or with ``switch`` off."""
    if switch == WHOLE:
        return [Job.of(METHOD, rate_weight=weight, steps=steps) for weight in weights]
    off = SWITCHES[switch]
    setting = {"steps": steps, "switch": switch, **off.options}
    if off.bits:
        return [Job.of(METHOD, bits=bits, **setting) for bits in off.bits]
    return [Job.of(METHOD, **{"rate_weight": weight, **setting}) for weight in weights]


def rows_of(
    records: dict[str, list[Record]], metric: str, sign: int
) -> tuple[float | None, dict[str, dict[str, Any]]]:
    """The quality at which bytes are compared, and by switch the bytes there.

    ``records``: by switch, those of the whole codec under :data:`WHOLE`. The quality is that of the
    whole codec's middle point.
    """

    def curve(found: list[Record]) -> list[RatePoint]:
        pairs = [(r["bytes"], r["quality"][metric]) for r in found]
        return [(rate, sign * quality) for rate, quality in pairs if quality is not None]

    whole = pareto(curve(records.get(WHOLE, [])))
    if not whole:
        return None, {}
    quality = whole[len(whole) // 2][1]
    own = bytes_at(whole, quality) or whole[len(whole) // 2][0]
    rows: dict[str, dict[str, Any]] = {WHOLE: {"bytes": round(own), "points": len(whole)}}
    for switch, found in records.items():
        points = curve(found)
        if switch == WHOLE or not points:
            continue
        there = bytes_at(points, quality)
        compared = against(whole, points)
        rows[switch] = {
            "bytes": None if there is None else round(there),
            "more": None if there is None else 100 * (there / own - 1),
            **compared,
        }
        if "overlap" in compared:
            rows[switch]["overlap"] = sorted(sign * each for each in compared["overlap"])
    return sign * quality, rows


def markdown(document: dict[str, Any]) -> str:
    """The table of a results document."""
    lines = [f"# {document['settings']['field']}: what each part of the codec is worth", ""]
    lines.append(f"`{METHOD}`, {document['settings']['steps']} steps; one part off at a time.")
    for metric, found in document["results"]["by_metric"].items():
        lines += ["", f"{LABELS[metric]} {found['quality']:.4g}:", ""]
        lines += ["| off | bytes | more | BD-rate | |", "| --- | --- | --- | --- | --- |"]
        for switch, row in found["rows"].items():
            what = "" if switch == WHOLE else SWITCHES[switch].what
            count = "not reached" if row["bytes"] is None else f"{row['bytes']:,}"
            more = "" if row.get("more") is None else f"{row['more']:+.1f} %"
            rate = "" if row.get("bd_rate") is None else f"{row['bd_rate']:+.1f} %"
            lines.append(f"| {switch} | {count} | {more} | {rate} | {what} |")
    left_out = document["results"]["left_out"]
    lines += ["", *(f"Left out: {name} ({reason})." for name, reason in left_out.items())]
    return "\n".join(lines) + "\n"


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("field", help="a trained field")
    parser.add_argument("--data", help="images or mesh it was trained on")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the work")
    parser.add_argument("--only", help="parts to turn off; all by default")
    parser.add_argument("--steps", type=int, default=1000, help="of learning")
    parser.add_argument("--lambda", dest="weights", default="0.05,0.1,0.2")
    parser.add_argument("--take", type=Path, nargs="*", default=[], help="the whole codec's files")
    parser.add_argument("--views", type=int, default=1, help="measure every n-th held-out view")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--publish", metavar="NAME", help="copy results to benchmarks/results")
    options = parser.parse_args(given)
    switches = list(SWITCHES) if options.only is None else options.only.split(",")
    unknown = set(switches) - set(SWITCHES)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(SWITCHES)}")
    weights = [float(weight) for weight in options.weights.split(",")]
    bench = Bench(
        options.field,
        options.data,
        options.output,
        environments.FOLDER,
        options.views,
        options.seed,
        options.device,
    )
    for path in options.take:
        bench.take(path)
    left_out: dict[str, str] = {}
    records: dict[str, list[Record]] = {}
    for switch in [WHOLE, *switches]:
        missing = [] if switch == WHOLE else SWITCHES[switch].missing()
        if missing:
            left_out[switch] = f"this version has no {', '.join(missing)}"
            continue
        records[switch] = list(bench.finished(planned(switch, weights, options.steps), left_out))
    by_metric = {}
    for metric, sign in bench.ruler.metrics.items():
        quality, rows = rows_of(records, metric, sign)
        if rows:
            by_metric[metric] = {"quality": quality, "rows": rows}
    document = {
        "benchmark": "ablation",
        "machine": {**machine(), "threads": threads()},
        "settings": {
            "field": Path(options.field).name,
            "steps": options.steps,
            "lambda": weights,
            "views": bench.ruler.count,
            "seed": options.seed,
        },
        "results": {
            "trained": bench.ruler.measure(bench.field),
            "by_metric": by_metric,
            "points": [record for each in records.values() for record in each],
            "left_out": left_out,
        },
    }
    output = options.output / "ablation"
    output.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    output.with_suffix(".md").write_text(markdown(document), "utf-8")
    if options.publish:
        for suffix in (".json", ".md"):
            target = RESULTS / f"ablation_{options.publish}{suffix}"
            shutil.copyfile(output.with_suffix(suffix), target)
    print(markdown(document))


if __name__ == "__main__":
    main()
