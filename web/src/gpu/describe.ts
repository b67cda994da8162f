/** What the templates of `nfcodec/render/shaders` are filled with for one field. */

import {
  NfcError,
  type Encoding,
  type Field,
  type Grid,
  type Level,
  type Network,
} from "../codec/types.js";
import type { FieldBuffer, LevelParts, Part } from "./plan.js";
import type { Value, Values } from "./template.js";

/** Bytes of variables in WGSL's function and private address spaces, each. */
const MAX_PRIVATE_BYTES = 8192;

/**
 * Levels, columns of weights and terms of low-rank vectors are unrolled; this bounds the programs
 * that come of it, in what one column of four weights takes to compile. The same limit and measures
 * as in `nfcodec/render/gpu/size.py`.
 */
export const MAX_PROGRAM_SIZE = 16_000;
/** What a level, a channel of it, a layer, and a value that is encoded for a network count. */
const [LEVEL, CHANNEL, LAYER, ENTRY] = [100, 2, 10, 4];

/** @throws NfcError `limit` if the programs of a field would be larger than the limit. */
export function checkProgramSize(field: Field): void {
  const size = programSize(field);
  if (size > MAX_PROGRAM_SIZE) {
    throw new NfcError(
      "limit",
      `the field's levels and networks make GPU programs of size ${size}; ` +
        `the limit is ${MAX_PROGRAM_SIZE}`,
    );
  }
}

/** The size of a field's programs, from its header alone. */
export function programSize(field: Field): number {
  let size = 0;
  for (const { form, features } of field.grids.flatMap((grid) => grid.levels)) {
    size += LEVEL + CHANNEL * features + (form.kind === "lowrank" ? form.rank * features : 0);
  }
  for (const { layers } of field.networks) {
    size += ENTRY * layers[0].inputs;
    for (const layer of layers) size += LAYER + layer.inputs;
  }
  return size;
}

interface Described {
  [key: string]: Value;
}

/** Describe a field whose parts lie in these buffers. */
export function describe(
  field: Field,
  levels: readonly LevelParts[],
  layers: readonly (readonly Part[])[],
  buffers: readonly FieldBuffer[],
): Values {
  const described: Described[] = [];
  const grids: Described[] = [];
  let channel = 0;
  let mixed = 0;
  field.grids.forEach((grid, number) => {
    const own: Described[] = [];
    for (const level of grid.levels) {
      const index = described.length;
      const entry = describeLevel(index, level, levels[index], channel);
      mixed = Math.max(mixed, entry["width"] as number);
      described.push(entry);
      own.push({ index, lod: level.lod });
      if (grid.combine === "concat") channel += level.features;
    }
    if (grid.combine === "sum") channel += grid.levels[0].features;
    grids.push({ index: number, levels: own, transform: transformRows(grid, field.dims) });
  });
  const widths = new Map([
    ["features", channel],
    ["position", field.dims],
    ["direction", 3],
  ]);
  const networks = field.networks.map((network, number) => {
    const entry = describeNetwork(number, network, field, widths, layers[number]);
    widths.set(network.name, network.layers[network.layers.length - 1].outputs);
    return entry;
  });
  const vectors = Math.ceil(channel / 4);
  const outputs = networks.reduce((sum, network) => sum + (network["outputs"] as number), 0);
  const scratch = (network: Described) =>
    16 * (network["hidden"] as number) * (network["scratch"] as readonly Value[]).length;
  if (
    16 * (vectors + outputs + 2) + 8 * mixed > MAX_PRIVATE_BYTES ||
    networks.some((network) => scratch(network) > MAX_PRIVATE_BYTES)
  ) {
    throw new NfcError(
      "unsupported",
      "the field's vectors or networks are wider than a GPU program can hold " +
        `(${MAX_PRIVATE_BYTES} bytes)`,
    );
  }
  const names = field.networks.map((network) => network.name);
  const first = field.kind === "nerf" ? names.indexOf("density") + 1 : names.length;
  const lastLayers = field.networks[field.networks.length - 1].layers;
  return {
    kind_nerf: field.kind === "nerf",
    kind_scalar: field.kind === "scalar",
    channels: lastLayers[lastLayers.length - 1].outputs,
    features: vectors,
    mixed,
    octrees: described.some((level) => level["octree"] as boolean),
    levels: described,
    grids,
    networks,
    harmonics: networks.some((network) => network["harmonics"] as boolean),
    first_networks: networks.slice(0, first),
    last_networks: networks.slice(first),
    density_network: first - 1,
    last_network: networks.length - 1,
    buffers: buffers.map(({ name, binding, length, kind }) => ({
      name,
      binding,
      length,
      is_words: kind === "words",
      is_sites: kind === "sites",
      is_weights: kind === "weights",
      is_uniform: kind === "uniform",
    })),
  };
}

function describeLevel(index: number, level: Level, parts: LevelParts, channel: number): Described {
  const form = level.form;
  const width = Math.ceil(level.features / 2);
  const gathered = form.kind === "lowrank" ? Math.ceil(form.rank / 2) : width;
  const out: Described = {
    index,
    vq: form.kind === "vq",
    lowrank: form.kind === "lowrank",
    float32: false,
    vectors: place(parts.vectors),
    pitch: gathered,
    pairs: range(gathered).map((i) => ({ index: i, first: 2 * i, second: 2 * i + 1 })),
    width: Math.max(width, gathered),
    stores: stores(level.features, channel),
  };
  if (form.kind === "vq") {
    out["bits"] = form.bits;
    out["mask"] = 2 ** form.bits - 1;
    out["straddles"] = 32 % form.bits !== 0;
    out["codes"] = place(parts.codes!);
  }
  if (form.kind === "lowrank") {
    const first = parts.basis!.offset;
    out["basis"] = place(parts.basis!);
    out["finish"] = range(width).map((pair) => ({
      index: pair,
      mean: first + pair,
      terms: range(form.rank).map((r) => ({
        coefficient: `mixed[${r >> 1}].${"xy"[r & 1]}`,
        at: first + (1 + r) * width + pair,
      })),
    }));
  }
  const layout = level.layout;
  out["octree"] = layout.kind === "octree";
  if (layout.kind === "dense") {
    const size = [...layout.shape].reverse();
    while (size.length < 3) size.push(1);
    const spans = size.map((n) => (layout.alignCorners ? n - 1 : n));
    out["size"] = size.join(", ");
    out["half"] = spans.map(half).join(", ");
    out["shift"] = layout.alignCorners ? "0.0" : "0.5";
    out["clamps"] = layout.padding === "border";
    out["corners"] = 1 << layout.shape.length;
  } else {
    const last = 2 ** layout.depth;
    out["last"] = last;
    out["half"] = half(last);
    out["sites"] = place(parts.sites!);
  }
  return out;
}

function place(part: Part): Described {
  return { buffer: part.buffer, offset: part.offset };
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

function half(n: number): string {
  return `${n >> 1}.${5 * (n & 1)}`;
}

/** Statements that add `mixed` to the channels from `channel` on. */
function stores(features: number, channel: number): string[] {
  const lines: string[] = [];
  let i = 0;
  while (i < features) {
    const at = channel + i;
    if (at % 4 === 0 && i % 2 === 0 && i + 4 <= features) {
      const pairs = `mixed[${i >> 1}], mixed[${(i >> 1) + 1}]`;
      lines.push(`features[${at >> 2}] += vec4<f32>(${pairs});`);
      i += 4;
    } else {
      lines.push(`${component("features", at)} += ${component("mixed", i, 2)};`);
      i += 1;
    }
  }
  return lines;
}

function component(array: string, index: number, width = 4): string {
  return `${array}[${Math.floor(index / width)}].${"xyzw"[index % width]}`;
}

/** A float32 as WGSL text, the same wherever it is written. WGSL has no infinite constants. */
function literal(value: number): string {
  if (!Number.isFinite(Math.fround(value))) {
    throw new NfcError(
      "unsupported",
      `an encoding or a layer has the factor ${value}, which is beyond the float32 that a GPU ` +
        "computes in",
    );
  }
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  return `bitcast<f32>(0x${bits.toString(16).padStart(8, "0")}u)`;
}

function transformRows(grid: Grid, dims: number): string[] {
  if (grid.transform === null) return [];
  const rows: string[] = [];
  for (let i = 0; i < dims; i++) {
    const row = [...grid.transform.subarray(i * (dims + 1), (i + 1) * (dims + 1))].map(literal);
    const factors = row.slice(0, dims);
    while (factors.length < 3) factors.push("0.0");
    rows.push(`dot(vec3<f32>(${factors.join(", ")}), u) + ${row[dims]}`);
  }
  while (rows.length < 3) rows.push("0.0");
  return rows;
}

function describeNetwork(
  index: number,
  network: Network,
  field: Field,
  widths: ReadonlyMap<string, number>,
  parts: readonly Part[],
): Described {
  const names = new Map(field.networks.slice(0, index).map((other, i) => [other.name, `out_${i}`]));
  const encoded: { name: string; value: string }[] = [];
  const values: string[] = [];
  for (const item of network.inputs) {
    const channels = range(widths.get(item.source)!);
    const geometric = item.source === "position" || item.source === "direction";
    const array = names.get(item.source) ?? "features";
    let source = channels.map((i) =>
      geometric ? `${item.source}.${"xyz"[i]}` : component(array, i),
    );
    if (item.slice !== null) source = source.slice(item.slice[0], item.slice[1]);
    values.push(...encode(source, item.encoding, encoded));
  }
  const padded = [...values];
  while (padded.length % 4 !== 0) padded.push("0.0");
  const entry = range(padded.length / 4).map((i) => ({
    index: i,
    value: `vec4<f32>(${padded.slice(4 * i, 4 * i + 4).join(", ")})`,
  }));
  const entered = values.map((_, i) => `entry_${i >> 2}.${"xyzw"[i & 3]}`);
  const hidden = network.layers.slice(0, -1).map((layer) => Math.ceil(layer.outputs / 4));
  let inputs = entered;
  const layers = network.layers.map((layer, i) => {
    if (network.skips.includes(i)) inputs = [...inputs, ...entered];
    const target = i === network.layers.length - 1 ? `out_${index}` : "ab"[i & 1];
    const described = {
      rows: Math.ceil(layer.outputs / 4),
      single: layer.outputs <= 4,
      stride: layer.inputs + 1,
      weights: place(parts[i]),
      columns: inputs.map((value, c) => ({ index: 1 + c, value })),
      activation: layer.activation,
      gain: layer.gain === 1 ? "" : ` * ${literal(layer.gain)}`,
      target,
    };
    inputs = range(layer.outputs).map((c) => component(target, c));
    return described;
  });
  return {
    index,
    encoded,
    entry,
    scratch: ["a", "b"].slice(0, hidden.length),
    hidden: Math.max(0, ...hidden),
    layers,
    outputs: Math.ceil(network.layers[network.layers.length - 1].outputs / 4),
    harmonics: network.inputs.some((item) => item.encoding.kind === "spherical_harmonics"),
  };
}

/** The encoded values of `source` as expressions; adds what they refer to to `encoded`. */
function encode(
  source: string[],
  encoding: Encoding,
  encoded: { name: string; value: string }[],
): string[] {
  const refer = (value: string) => {
    const name = `encoded_${encoded.length}`;
    encoded.push({ name, value });
    return name;
  };
  if (encoding.kind === "identity") return source;
  if (encoding.kind === "spherical_harmonics") {
    const count = encoding.degree ** 2;
    const blocks = range(Math.ceil(count / 4)).map((i) =>
      refer(`harmonics_${i}(vec3<f32>(${source.join(", ")}))`),
    );
    return range(count).map((i) => `${blocks[i >> 2]}.${"xyzw"[i & 3]}`);
  }
  const values = encoding.includeInput ? [...source] : [];
  for (let k = 0; k < encoding.frequencies; k++) {
    const factor = literal(encoding.scale * 2 ** k);
    for (const wave of ["sine", "cosine"]) {
      for (let i = 0; i < source.length; i += 4) {
        const part = source.slice(i, i + 4);
        const four = [...part];
        while (four.length < 4) four.push("0.0");
        const name = refer(`${wave}(vec4<f32>(${four.join(", ")}) * ${factor})`);
        values.push(...part.map((_, c) => `${name}.${"xyzw"[c]}`));
      }
    }
  }
  return values;
}
