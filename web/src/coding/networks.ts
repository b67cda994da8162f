import { damaged } from "../errors.js";
import { entriesOf, type Entries } from "../container/entries.js";
import { LIMITS, within } from "../limits.js";
import type { Activation, Encoding, FieldKind, Layer, Network, NetworkInput } from "../types.js";

const ACTIVATIONS: readonly Activation[] = [
  "none",
  "relu",
  "leaky_relu",
  "sine",
  "softplus",
  "exp",
  "sigmoid",
  "tanh",
  "snake_alt",
  "elu",
  "silu",
];

const NO_VALUES = new Float32Array(0);

/** Names of sources that are no networks. */
const RESERVED = ["features", "position", "direction"];

/**
 * The networks of a header, with empty weights, for grids that give `features` channels (0 without
 * any).
 */
export function readNetworks(
  header: Entries,
  kind: FieldKind,
  dims: 2 | 3,
  features: number,
): Network[] {
  const items = header.array(3);
  if (items.length === 0) damaged("header: no networks");
  within(items.length, LIMITS.networks, "networks");
  const widths = new Map([["position", dims as number]]);
  if (features > 0) widths.set("features", features);
  if (kind === "nerf") widths.set("direction", 3);
  const networks: Network[] = [];
  items.forEach((item, i) => {
    const entries = entriesOf(item, `header: network ${i}`, [0, 1, 2, 3]);
    const network = readNetwork(entries, widths);
    if (RESERVED.includes(network.name) || widths.has(network.name)) {
      damaged(`${entries.where}: the name ${JSON.stringify(network.name)} is taken`);
    }
    networks.push(network);
    widths.set(network.name, outputsOf(network));
  });
  const last = outputsOf(networks[networks.length - 1]);
  const wanted = { nerf: 3, sdf: 1, scalar: null }[kind];
  if (wanted !== null && last !== wanted) {
    damaged(`header: the last network of a field of kind ${kind} has ${last} outputs`);
  }
  if (kind === "nerf" && dims !== 3) damaged("header: a field of kind nerf in 2-D");
  if (kind === "nerf" && !networks.some(({ name }) => name === "density")) {
    damaged('header: a field of kind nerf has no network "density"');
  }
  return networks;
}

function outputsOf({ layers }: Network): number {
  return layers[layers.length - 1].outputs;
}

function readNetwork(entries: Entries, widths: Map<string, number>): Network {
  const { where } = entries;
  const name = entries.text(0);
  const length = [...name].length;
  if (length < 1 || length > 64) damaged(`${where}: a name of ${length} characters`);

  const inputItems = entries.array(1);
  if (inputItems.length === 0) damaged(`${where} has no inputs`);
  within(inputItems.length, LIMITS.inputs, "inputs of a network");
  let entry = 0;
  const inputs = inputItems.map((item, i) => {
    const { input, width } = readInput(entriesOf(item, `${where}, input ${i}`, [0, 1, 2]), widths);
    entry += width;
    return input;
  });

  const layerItems = entries.array(2);
  if (layerItems.length === 0) damaged(`${where} has no layers`);
  within(layerItems.length, LIMITS.layers, "layers of a network");
  const skips = entries.has(3) ? entries.array(3).map((_, i) => entries.item(3, i, 1)) : [];
  for (const skip of skips) {
    if (skip >= layerItems.length) damaged(`${where}: a skip to layer ${skip}, which is not there`);
  }
  if (new Set(skips).size !== skips.length) damaged(`${where}: a skip is listed twice`);

  let width = entry;
  const layers = layerItems.map((item, i) => {
    const layer = readLayer(entriesOf(item, `${where}, layer ${i}`, [0, 1, 2, 3, 4]));
    if (skips.includes(i)) width += entry;
    if (layer.inputs !== width) {
      damaged(`${where}, layer ${i}: ${layer.inputs} inputs, but ${width} values enter it`);
    }
    width = layer.outputs;
    return layer;
  });
  return { name, inputs, layers, skips: skips.sort((a, b) => a - b) };
}

function readInput(
  entries: Entries,
  widths: Map<string, number>,
): { input: NetworkInput; width: number } {
  const { where } = entries;
  const source = entries.text(0);
  const channels = widths.get(source);
  if (channels === undefined) {
    return damaged(`${where}: there is no source ${JSON.stringify(source)}`);
  }
  let slice: [number, number] | null = null;
  let count = channels;
  if (entries.has(2)) {
    entries.fields(2, entries.array(2), 2);
    slice = [entries.item(2, 0, 0), entries.item(2, 1, 0)];
    if (slice[0] >= slice[1] || slice[1] > channels) {
      damaged(`${where}: channels ${slice[0]} to ${slice[1]} of ${channels}`);
    }
    count = slice[1] - slice[0];
  }
  const { encoding, width } = readEncoding(entries, count);
  return { input: { source, encoding, slice }, width };
}

function readEncoding(entries: Entries, channels: number): { encoding: Encoding; width: number } {
  const { where } = entries;
  const items = entries.array(1);
  const kind = entries.choice(1, items, 3);
  if (kind === 0) {
    entries.fields(1, items, 1);
    return { encoding: { kind: "identity" }, width: channels };
  }
  if (kind === 1) {
    entries.fields(1, items, 4);
    const frequencies = entries.item(1, 1, 0);
    within(frequencies, LIMITS.frequencies, "frequencies");
    const scale = entries.floatItem(1, 2);
    const includeInput = items[3];
    if (typeof includeInput !== "boolean") return damaged(`${where}: include_input`);
    return {
      encoding: { kind: "frequency", frequencies, scale, includeInput },
      width: channels * (2 * frequencies + (includeInput ? 1 : 0)),
    };
  }
  entries.fields(1, items, 2);
  const degree = entries.item(1, 1, 1);
  if (degree > 4) damaged(`${where}: spherical harmonics of degree ${degree}`);
  if (channels !== 3) damaged(`${where}: spherical harmonics of ${channels} channels`);
  return { encoding: { kind: "spherical_harmonics", degree }, width: degree * degree };
}

function readLayer(entries: Entries): Layer {
  const outputs = entries.integer(0, 1);
  const inputs = entries.integer(1, 1);
  within(Math.max(outputs, inputs), LIMITS.width, "values of a layer");
  const activation = entries.name(2, ACTIVATIONS);
  const bias = entries.boolean(3) ? NO_VALUES : null;
  return { outputs, inputs, activation, gain: entries.float(4), weight: NO_VALUES, bias };
}
