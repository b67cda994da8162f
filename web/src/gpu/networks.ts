/**
 * Networks on a GPU: where each value lies in a program's memory, and weights in blocks of four. The
 * same as `nfcodec/render/gpu/networks.py`.
 *
 * A program holds features, inputs and outputs in one array of vectors of four, `memory`. Sources,
 * encoded inputs and layers begin at vectors of their own, so that no channel is ever moved; weights
 * of the channels in between are zero.
 */

import { NfcError, type Layer, type Network, type NetworkInput } from "../types.js";
import { tag, type Members } from "../shaders/tables.js";

/** Column of a weight for each lane of a layer's input; -1 where a lane has none. */
export type Lanes = readonly number[];

/** `weights`: the first vector of a layer's weights; `length`: how many there are. */
export interface LayerPlan {
  readonly lanes: Lanes;
  readonly weights: number;
  readonly length: number;
}

/** A number of channels, and where memory holds them. */
export interface Source {
  readonly place: number;
  readonly width: number;
}

export interface NetworkPlan {
  readonly inputs: readonly Members[];
  readonly entries: readonly Members[];
  /** For each network how many inputs and layers it has. */
  readonly calls: readonly (readonly [number, number])[];
  /** `layers[n][i]` is layer i of network n. */
  readonly layers: readonly (readonly LayerPlan[])[];
  /** Vectors of four that a program holds. */
  readonly memory: number;
  /** Vectors of all weights. */
  readonly weights: number;
  /** Where memory holds each network's outputs. */
  readonly outputs: ReadonlyMap<string, Source>;
}

/**
 * Plan networks, whose other sources lie where `given` says.
 *
 * @param used vectors of memory that are taken
 * @throws NfcError `unsupported` for factors beyond float32
 */
export function planNetworks(
  networks: readonly Network[],
  given: ReadonlyMap<string, Source>,
  used: number,
): NetworkPlan {
  const sources = new Map(given);
  for (const { name, layers } of networks) {
    const width = layers[layers.length - 1].outputs;
    sources.set(name, { place: used, width });
    used += blocksOf(width);
  }
  const inputs: Members[] = [];
  const entries: Members[] = [];
  const calls: [number, number][] = [];
  const plans: LayerPlan[][] = [];
  let memory = used;
  let weights = 0;
  for (const network of networks) {
    const entered: number[] = [];
    let columns = 0;
    for (const item of network.inputs) {
      const [entry, lanes] = planInput(item, sources.get(item.source)!);
      inputs.push({ ...entry, result: used + entered.length / 4 });
      entered.push(...moved(lanes, columns));
      columns += width(lanes);
    }
    const hidden = Math.max(
      0,
      ...network.layers.slice(0, -1).map((layer) => blocksOf(layer.outputs)),
    );
    const first = used + entered.length / 4;
    memory = Math.max(memory, first + 2 * hidden);
    let input = used;
    let before: Lanes = entered;
    plans.push(
      network.layers.map((layer, i) => {
        const appended = network.skips.includes(i);
        const rows = blocksOf(layer.outputs);
        const last = i === network.layers.length - 1;
        const output = last ? sources.get(network.name)!.place : first + (i & 1) * hidden;
        const lanes = appended ? [...before, ...moved(entered, width(before))] : before;
        entries.push({
          input,
          columns: before.length / 4,
          entry: used,
          entry_columns: appended ? entered.length / 4 : 0,
          output,
          rows,
          weights,
          activation: tag("ACTIVATION", layer.activation),
          gain: float32(layer.gain),
        });
        const plan = { lanes, weights, length: rows * (1 + lanes.length) };
        weights += plan.length;
        input = output;
        before = counted(layer.outputs);
        return plan;
      }),
    );
    calls.push([network.inputs.length, network.layers.length]);
  }
  return { inputs, entries, calls, layers: plans, memory, weights, outputs: sources };
}

/** An input's entry, and which of its encoded values each lane holds. */
function planInput(item: NetworkInput, source: Source): [Members, Lanes] {
  const [begin, end] = item.slice ?? [0, source.width];
  const { encoding } = item;
  const entry = { encoding: tag("ENCODING", encoding.kind), source: source.place, begin, end };
  if (encoding.kind === "spherical_harmonics") {
    const count = encoding.degree ** 2;
    return [{ ...entry, frequencies: blocksOf(count) }, counted(count)];
  }
  const once: number[] = [];
  for (let lane = begin - (begin % 4); lane < 4 * blocksOf(end); lane++) {
    once.push(lane >= begin && lane < end ? lane - begin : -1);
  }
  if (encoding.kind === "identity") return [{ ...entry, raw: 1 }, once];
  const { frequencies, scale, includeInput } = encoding;
  const raw = includeInput ? 1 : 0;
  // float32 must hold the highest frequency as well as the lowest.
  float32(scale * 2 ** Math.max(frequencies - 1, 0));
  const lanes: number[] = [];
  for (let i = 0; i < raw + 2 * frequencies; i++) lanes.push(...moved(once, i * (end - begin)));
  return [{ ...entry, raw, frequencies, scale: float32(scale) }, lanes];
}

function moved(lanes: Lanes, by: number): number[] {
  return lanes.map((lane) => (lane < 0 ? -1 : lane + by));
}

function counted(count: number): number[] {
  return Array.from({ length: 4 * blocksOf(count) }, (_, lane) => (lane < count ? lane : -1));
}

/** Columns of weights that lanes take. */
function width(lanes: Lanes): number {
  return lanes.reduce((most, lane) => Math.max(most, lane + 1), 0);
}

/** Vectors of four that hold so many channels. */
export function blocksOf(channels: number): number {
  return Math.ceil(channels / 4);
}

function float32(value: number): number {
  if (!Number.isFinite(Math.fround(value))) {
    throw new NfcError(
      "unsupported",
      `an encoding or a layer has the factor ${value}, which is beyond the float32 that a GPU ` +
        "computes in",
    );
  }
  return value;
}

/** A layer in blocks of four outputs: their biases, then for each lane their four weights. */
export function weightWords(layer: Layer, lanes: Lanes): Uint32Array<ArrayBuffer> {
  const { inputs, outputs } = layer;
  const stride = 4 * (lanes.length + 1);
  const values = new Float32Array(blocksOf(outputs) * stride);
  for (let row = 0; row < outputs; row++) {
    const at = (row >> 2) * stride + (row & 3);
    if (layer.bias !== null) values[at] = layer.bias[row];
    for (const [i, column] of lanes.entries()) {
      if (column >= 0) values[at + 4 * (i + 1)] = layer.weight[row * inputs + column];
    }
  }
  return new Uint32Array(values.buffer);
}
