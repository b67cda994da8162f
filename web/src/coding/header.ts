import { CODE_KEY } from "../codes/code.js";
import { CODES } from "../codes/registry.js";
import { LAYOUT_KEY } from "../layouts/layout.js";
import { LAYOUTS } from "../layouts/registry.js";
import { decodeCbor } from "../container/cbor.js";
import { damaged } from "../errors.js";
import { entriesOf, type Entries } from "../container/entries.js";
import { LIMITS, within } from "../limits.js";
import { readNetworks } from "./networks.js";
import { product } from "../product.js";
import type { CodeForm, Field, Grid, Layout, Level } from "../types.js";

const KINDS = ["nerf", "sdf", "scalar"] as const;
const COMBINES = ["sum", "concat", "product", "finest"] as const;

/** The header, checked. */
export interface Header {
  /** The field with nothing decoded: codes `null`, octrees, weights and occupancy empty. */
  field: Field;
  /** By position. */
  levels: Level[];
  /** `[nz, ny, nx]` or `[ny, nx]`, or `null` without occupancy. */
  occupancy: number[] | null;
}

/** Reads the CBOR header (specification, section 3). */
export function readHeader(bytes: Uint8Array): Header {
  const header = entriesOf(decodeCbor(bytes, "header"), "header", [0, 1, 2, 3, 4]);
  const kind = header.name(0, KINDS);
  const bounds = readBounds(header);
  const dims = (bounds.length / 2) as 2 | 3;

  const levels: Level[] = [];
  const gridItems = header.array(2);
  within(gridItems.length, LIMITS.grids, "grids");
  const grids = gridItems.map((item, i) =>
    readGrid(entriesOf(item, `header: grid ${i}`, [0, 1, 2]), dims, levels),
  );
  const numbers = new Set(levels.map(({ lod }) => lod)).add(0);
  const lods = Math.max(...numbers) + 1;
  if (numbers.size !== lods || (levels.length > 0 && !levels.some(({ lod }) => lod === 0))) {
    damaged(`header: its levels do not have the LODs 0 to ${lods - 1}, each at least once`);
  }

  const values = levels.reduce((sum, { rows, features }) => sum + rows * features, 0);
  within(values, LIMITS.values, "feature values");

  let occupancy: number[] | null = null;
  if (header.has(4)) {
    occupancy = header.array(4).map((_, i) => header.item(4, i, 1));
    if (occupancy.length !== dims) damaged("header: the occupancy has another number of axes");
    for (const side of occupancy) within(side, LIMITS.side, "occupancy cells along a side");
    within(product(occupancy), LIMITS.cells, "occupancy cells");
  }
  const networks = readNetworks(header, kind, dims, width(grids));
  const field: Field = {
    kind,
    dims,
    bounds,
    lods,
    lodsDecoded: 0,
    grids,
    networks,
    occupancy: null,
    metadata: {},
  };
  return { field, levels, occupancy };
}

function readBounds(header: Entries): Float64Array {
  const bytes = header.bytes(1);
  if (bytes.length !== 32 && bytes.length !== 48) {
    damaged(`header: bounds of ${bytes.length} bytes (32 or 48 are needed)`);
  }
  const bounds = new Float64Array(bytes.slice().buffer);
  const dims = bounds.length / 2;
  for (let axis = 0; axis < dims; axis++) {
    const lower = bounds[axis];
    const upper = bounds[dims + axis];
    const size = Math.max(Math.abs(lower), Math.abs(upper));
    if (!(size <= 1e30) || !(upper - lower > Math.max(1e-30, 1e-6 * size))) {
      damaged(`header: the bounds from ${lower} to ${upper} are no range`);
    }
  }
  return bounds;
}

/** A grid, whose levels are also added to `found`. */
function readGrid(entries: Entries, dims: 2 | 3, found: Level[]): Grid {
  const combine = entries.name(0, COMBINES);
  const items = entries.array(1);
  if (items.length === 0) damaged(`${entries.where} has no levels`);
  within(items.length + found.length, LIMITS.levels, "levels");
  const shared = entries.has(2) ? readTransform(entries, 2, dims) : null;
  const levels = items.map((item, i) => {
    const own = entriesOf(item, `${entries.where}, level ${i}`, [0, 1, 2, 3, 4]);
    const level = readLevel(own, dims, found.length, shared);
    found.push(level);
    return level;
  });
  const others = levels.some((level) => level.features !== levels[0].features);
  if (combine !== "concat" && others) {
    damaged(`${entries.where}: levels that share channels differ in their number of features`);
  }
  return { combine, levels };
}

/** The map of a level, or of all levels of a grid: 1 to `dims` rows of `dims + 1` floats. */
function readTransform(entries: Entries, key: number, dims: 2 | 3): Float32Array {
  const bytes = entries.bytes(key);
  const rows = bytes.length / (4 * (dims + 1));
  if (!Number.isInteger(rows) || rows < 1 || rows > dims) {
    damaged(`${entries.where}: a transform of ${bytes.length} bytes`);
  }
  const transform = new Float32Array(bytes.slice().buffer);
  if (!transform.every(Number.isFinite)) damaged(`${entries.where}: the transform is not finite`);
  return transform;
}

/** @param shared the transform of the grid, of whose levels none then has its own */
function readLevel(
  entries: Entries,
  dims: 2 | 3,
  position: number,
  shared: Float32Array | null,
): Level {
  let transform = shared;
  if (entries.has(4)) {
    if (shared !== null) damaged(`${entries.where} has a transform although its grid has one`);
    transform = readTransform(entries, 4, dims);
  }
  const own = transform === null ? dims : transform.length / (dims + 1);
  const lod = entries.integer(0);
  within(lod, LIMITS.lods - 1, "as the number of an LOD");
  const features = entries.integer(2, 1);
  within(features, LIMITS.features, "features");
  const type = LAYOUTS.tagged(entries.id(LAYOUT_KEY), entries.whereId(LAYOUT_KEY));
  const { layout, rows } = type.readHeader(entries, own) as { layout: Layout; rows: number };
  within(rows, LIMITS.vectors, "vectors in a level");
  const code = CODES.tagged(entries.id(CODE_KEY), entries.whereId(CODE_KEY));
  const form = code.readForm(entries, features) as CodeForm;
  return { lod, position, layout, transform, rows, features, form, code: null, layer: 0 };
}

/** Number of feature channels of a grid. */
export function channelsOf(combine: Grid["combine"], levels: readonly Level[]): number {
  switch (combine) {
    case "sum":
    case "product":
    case "finest":
      return levels[0].features;
    case "concat":
      return levels.reduce((sum, { features }) => sum + features, 0);
  }
  const never: never = combine;
  return never;
}

/** Number of feature channels of all grids, joined. */
function width(grids: Grid[]): number {
  let total = 0;
  for (const { combine, levels } of grids) {
    total += channelsOf(combine, levels);
  }
  return total;
}
