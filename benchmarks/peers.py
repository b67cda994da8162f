"""Every peer on one trained field: real files, decoded in fresh processes, judged on held-out data.

    python benchmarks/peer_codecs/environments.py
    python benchmarks/peers.py lego.pt --data lego_200/ -o results/
    python benchmarks/peers.py lego.pt --data lego_200/ -o results/ --only ecq,vqad --steps 1000
    python benchmarks/peers.py lego.pt --data lego_200/ -o results/ --only "" --take ecq_*.nfc

Every point is one job. Its file and its record stay in ``points/`` of the output folder, and a job
with a record of the same field, data, setting and version is not done again, so that the work can
be done in pieces; tables and plot are of all that is there. Peers that code arrays get each level's
features and the networks; the octrees, which they have no notion of, they get in nfcodec's form
(``rate/skeleton.py``), and their bytes count. Learned methods, hashed indices too, learn from
the training part of ``--data``.

Writes ``peers.json``, ``peers.md`` and ``peers.png`` to the output folder, and with ``--publish
NAME`` the same as ``benchmarks/results/peers_NAME.*``.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peer_codecs
from common import RESULTS, machine
from peer_codecs import environments
from rate import jobs, report
from rate.jobs import ACCOUNTS, LEARNED, PEERS, Bench, Failed, Job
from rate.quality import threads

from nfcodec.rd import plan


def numbers(kind: type) -> Any:
    """A parser of ``1,2,3``."""
    return lambda text: [kind(part) for part in text.split(",") if part]


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("field", help="a trained field")
    parser.add_argument("--data", help="images or mesh it was trained on")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the work")
    parser.add_argument("--only", default=",".join(PEERS), help="peers to work on")
    parser.add_argument("--steps", type=int, default=2000, help="of learning")
    parser.add_argument("--bits", type=numbers(int), default=[2, 3, 4, 6, 8], help="vqad, kmeans")
    parser.add_argument("--hashed-bits", type=numbers(int), default=[8, 10, 12, 14], help="hashed")
    parser.add_argument(
        "--lambda",
        dest="weights",
        type=numbers(float),
        default=list(plan.RATE_WEIGHTS),
        help="ecq",
    )
    parser.add_argument("--take", type=Path, nargs="*", default=[], help=".nfc files to measure")
    parser.add_argument("--views", type=int, default=1, help="measure every n-th held-out view")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--environments", type=Path, default=environments.FOLDER)
    parser.add_argument("--publish", metavar="NAME", help="copy results to benchmarks/results")
    options = parser.parse_args(given)
    options.only = [peer for peer in options.only.split(",") if peer]
    unknown = set(options.only) - set(PEERS)
    if unknown:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    return options


def planned(options: argparse.Namespace, bench: Bench) -> tuple[list[Job], dict[str, str]]:
    """The jobs of ``--only``, quick ones first, and the peers that cannot be run, with why."""
    wanted: list[Job] = []
    left_out: dict[str, str] = {}
    for peer in options.only:
        steps = {"steps": options.steps} if peer.split("-")[0] in LEARNED else {}
        if peer in peer_codecs.MODULES:
            try:
                about = bench.about(peer)
            except Failed as error:
                left_out[peer] = str(error).splitlines()[-1]
                continue
            wanted += [Job.of(peer, **{about["knob"]: value}) for value in about["values"]]
        elif peer == "ecq":
            wanted += [Job.of(peer, rate_weight=w, **steps) for w in options.weights]
        elif peer == "lra":
            wanted += [Job.of(peer, rank=r) for r in plan.default_ranks(bench.field)]
        elif peer == "float16":
            wanted.append(Job.of(peer))
        else:
            bits = options.hashed_bits if peer == "hashed" else options.bits
            wanted += [Job.of(peer, bits=b, **steps) for b in bits]
    return sorted(wanted, key=lambda job: job.peer.split("-")[0] in LEARNED), left_out


def work(options: argparse.Namespace, bench: Bench) -> dict[str, str]:
    """Do all jobs; what could not be done, with why."""
    taken = [bench.take(path) for path in options.take]
    wanted, left_out = planned(options, bench)
    # A file that was taken in has its other accounts too.
    for record in taken:
        for account, (method, _) in ACCOUNTS.items():
            if record["peer"] == method:
                wanted.append(Job.of(account, **record["setting"]))
    list(bench.finished(dict.fromkeys(wanted), left_out))
    return left_out


def document(options: argparse.Namespace, bench: Bench, left_out: dict[str, str]) -> dict[str, Any]:
    """All that is known of this field, as JSON."""
    order = {peer: number for number, peer in enumerate(PEERS)}
    records = sorted(bench.records(), key=lambda r: (order[r["peer"]], -r["bytes"]))
    trained = bench.ruler.measure(bench.field)
    metrics = bench.ruler.metrics
    libraries: dict[str, str] = {}
    for record in records:
        libraries.update(record.get("libraries", {}))
    views = bench.ruler.count
    about = "against the field itself, at random points"
    if bench.field.kind == "nerf":
        about = f"judged on {views} held-out views"
    elif bench.field.kind == "sdf":
        about = "judged against the mesh"
    return {
        "benchmark": "peers",
        "machine": {**machine(), "libraries": libraries, "threads": threads()},
        "settings": {
            "field": Path(options.field).name,
            "kind": bench.field.kind,
            "about": about,
            "field_digest": bench.records()[0]["made_of"]["field"] if records else None,
            "views": views,
            "every_view": options.views,
            "seed": options.seed,
            "corners": [len(level.features) for level in bench.field.levels],
            "features": [level.num_features for level in bench.field.levels],
        },
        "results": {
            "trained": trained,
            "summary": report.summary(records, trained, metrics) if records else {},
            "points": records,
            "left_out": left_out,
        },
    }


def main(given: Sequence[str] | None = None) -> None:
    options = arguments(given)
    bench = jobs.Bench(
        options.field,
        options.data,
        options.output,
        options.environments,
        options.views,
        options.seed,
        options.device,
    )
    left_out = work(options, bench)
    found = document(options, bench, left_out)
    output = options.output / "peers"
    output.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    output.with_suffix(".md").write_text(report.markdown(found), "utf-8")
    results = found["results"]
    report.plot(
        results["points"], results["trained"], bench.ruler.metrics, output.with_suffix(".png")
    )
    if options.publish:
        for suffix in (".json", ".md", ".png"):
            target = RESULTS / f"peers_{options.publish}{suffix}"
            shutil.copyfile(output.with_suffix(suffix), target)
    print(report.markdown(found))


if __name__ == "__main__":
    main()
