"""``nfcodec info``: what a file holds and where its bytes go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nfcodec.cli.console import Verb, console, size, table
from nfcodec.cli.lean import numba_alone
from nfcodec.cli.options import INPUT, existing_file, json_option

if TYPE_CHECKING:
    from nfcodec.model.field import Field


@click.command(
    cls=Verb,
    short_help="Say what a file holds and where its bytes go.",
    epilog="""\b
Examples:
  nfcodec info lego.nfc
  nfcodec info lego.nfc --json
  nfcodec info model.ckpt.tar
""",
)
@click.argument("file", type=INPUT)
@json_option
def info(file: Path, as_json: bool) -> None:
    """Say what FILE holds: a .nfc file, part by part, or any field we read."""
    existing_file(file)
    from nfcodec.files import kind_of

    if kind_of(file) == "coded":
        from nfcodec import coding

        with numba_alone():
            described = {"path": str(file), **coding.describe(file)}
        console.result(as_json, described, _coded_text(described))
    else:
        from nfcodec import importers

        if importers.needs_refit(file):
            described = _describe_function(file)
            console.result(as_json, described, _function_text(described))
            return
        described = _describe_field(file, importers.load(file))
        console.result(as_json, described, _field_text(described))


def _coded_text(d: dict[str, Any]) -> str:
    whole = "" if d["complete"] else f" of {d['total_bytes']} (the file is cut)"
    lines = [
        f"{d['path']}: {d['kind']} field, .nfc {d['format']}, {d['bytes']} bytes{whole}",
        f"bounds {_bounds(d['bounds'])}",
        f"{_present(d)}; with each the file takes "
        + ", ".join(size(end) for end in d["lod_bytes"]),
        *_layers(d),
        "",
        table(
            [
                (
                    line["level"], line["lod"], line["lattice"], line["rows"], line["features"],
                    _code(line), _optional(line.get("zero_order_entropy")),
                    _optional(line.get("bits_per_index")), line["bytes"],
                )
                for line in d["levels"]
            ],
            ("level", "lod", "layout", "rows", "features", "code", "entropy", "bits/index",
             "bytes"),
        ),
        "",
        _networks(d["networks"]),
        *_image(d["image"]),
        "",
        table(_sums(d["parts"], d["bytes"]), ("part", "bytes", "share")),
        "",
        f"paper's accounting (indices, codebooks and decoder only): {d['paper_bytes']} bytes",
    ]  # fmt: skip
    return "\n".join(lines + _metadata(d["metadata"]))


def _present(d: dict[str, Any]) -> str:
    """The levels of detail that are there, and the part of one that was cut after a layer."""
    whole = d["lods_present"]
    ends = [cut["bytes"] for cut in d["cuts"] if cut["lod"] == whole]
    there = sum(end <= d["bytes"] for end in ends)
    found = f"{whole} of {d['lods']} levels of detail present"
    if not there:
        return found
    return f"{found} in full, level of detail {whole} with {there} of {len(ends)} layers"


def _layers(d: dict[str, Any]) -> list[str]:
    """What the layers of each level of detail take, where one has several."""
    sums: dict[int, list[int]] = {}
    for line in d["levels"]:
        found = sums.setdefault(line["lod"], [])
        for layer, part in enumerate(line.get("layers", [])):
            found += [0] * (layer + 1 - len(found))
            found[layer] += part["bytes"]
    stated = {cut["lod"]: cut["layer"] + 1 for cut in d["cuts"]}
    lines = []
    for lod, found in sums.items():
        if stated[lod] > 1:
            missing = "" if len(found) == stated[lod] else f", {stated[lod] - len(found)} missing"
            sizes = " + ".join(size(count) for count in found)
            lines.append(f"layers of level of detail {lod}: {sizes}{missing}")
    return lines


def _sums(parts: list[dict[str, Any]], total: int) -> list[tuple[str, int, str]]:
    """Parts of one name added up, largest first, and their sum."""
    sums: dict[str, int] = {}
    for part in parts:
        sums[part["part"]] = sums.get(part["part"], 0) + part["bytes"]
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    rows = [(name, count, f"{100 * count / max(total, 1):.1f} %") for name, count in ordered]
    return [*rows, ("sum", sum(sums.values()), "")]


def _describe_function(path: Path) -> dict[str, Any]:
    """A field that can be evaluated, but has no parts that a file of ours could hold."""
    from nfcodec import importers

    function = importers.function(path)
    return {
        "path": str(path), "bytes": path.stat().st_size, "kind": function.kind, "refit": True,
        "bounds": function.bounds.tolist(), "metadata": dict(function.metadata),
    }  # fmt: skip


def _function_text(d: dict[str, Any]) -> str:
    lines = [
        f"{d['path']}: {d['kind']} field that can be evaluated, {d['bytes']} bytes",
        f"bounds {_bounds(d['bounds'])}",
        "nfcodec encode learns a field of octrees from it, and codes that",
    ]
    return "\n".join(lines + _metadata(d["metadata"]))


def _describe_field(path: Path, field: Field) -> dict[str, Any]:
    levels = []
    for position, level in enumerate(field.levels):
        name, lattice = level.layout.name, str(level.layout)
        layout = {"layout": name, "lattice": lattice, **level.layout.describe()}
        rows, features = level.features.shape
        line = {"level": position, "lod": level.lod, **layout, "rows": rows, "features": features}
        levels.append(line)
    networks = [
        {
            "name": network.name,
            "layers": [list(layer.weight.shape) for layer in network.layers],
            "activations": [layer.activation for layer in network.layers],
            "parameters": sum(
                layer.weight.size + (0 if layer.bias is None else layer.bias.size)
                for layer in network.layers
            ),
        }
        for network in field.networks
    ]
    return {
        "path": str(path), "bytes": path.stat().st_size, "kind": field.kind,
        "bounds": field.bounds.tolist(), "lods": field.num_lods, "levels": levels,
        "networks": networks,
        "occupancy": None if field.occupancy is None else list(field.occupancy.cells.shape),
        "image": None if field.image is None else field.image.describe(),
        "metadata": dict(field.metadata),
    }  # fmt: skip


def _field_text(d: dict[str, Any]) -> str:
    lines = [
        f"{d['path']}: {d['kind']} field in floating point, {d['bytes']} bytes",
        f"bounds {_bounds(d['bounds'])}",
        f"{d['lods']} levels of detail",
        "",
    ]
    if d["levels"]:
        rows = [
            (line["level"], line["lod"], line["lattice"], line["rows"], line["features"])
            for line in d["levels"]
        ]
        lines += [table(rows, ("level", "lod", "layout", "rows", "features")), ""]
    lines += [_networks(d["networks"]), *_image(d["image"])]
    return "\n".join(lines + _metadata(d["metadata"]))


def _networks(networks: list[dict[str, Any]]) -> str:
    rows = []
    for network in networks:
        widths = [network["layers"][0][1], *(layer[0] for layer in network["layers"])]
        chain = "-".join(str(width) for width in widths)
        names = " ".join(dict.fromkeys(network["activations"]))
        rows.append((network["name"], chain, names, network["parameters"]))
    return table(rows, ("network", "widths", "activations", "parameters"))


def _image(image: dict[str, Any] | None) -> list[str]:
    if image is None:
        return []
    codes, features = image["codebook"]
    kept = f"kept elsewhere, SHA-256 {image['digest']}"
    if image["values"] is not None:
        kept = f"{image['values']} values"
    return ["", f"image decoder: {codes} x {features} codes, scale {image['scale']}, {kept}"]


def _metadata(metadata: dict[str, Any]) -> list[str]:
    if not metadata:
        return []
    return ["", "metadata", *(f"  {key}: {_short(value)}" for key, value in metadata.items())]


def _short(value: Any, limit: int = 100) -> str:
    import json

    text = value if isinstance(value, str) else json.dumps(value)
    text = "".join(c if c.isprintable() else "?" for c in text)  # a file must not drive a terminal
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _code(line: dict[str, Any]) -> str:
    if "bits" in line:
        layers = line.get("layers", [])
        parts = f" ({', '.join(str(layer['codes']) for layer in layers)})" if layers else ""
        return (
            f"{line['code']} {line['bits']} bits, {line['codes_used']}/{line['codes']} codes{parts}"
        )
    return f"{line['code']} rank {line['rank']}" if "rank" in line else str(line["code"])


def _optional(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _bounds(bounds: list[list[float]]) -> str:
    return " .. ".join("(" + ", ".join(f"{v:.4g}" for v in corner) + ")" for corner in bounds)
