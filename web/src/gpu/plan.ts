/**
 * From a field's skeleton to the layout of its GPU buffers and the tables that programs read: the
 * same as `nfcodec/render/gpu/plan.py`, and described in `docs/renderer.md`.
 *
 * Everything here follows from what a file's header says, so that a field that is still arriving
 * has its buffers and programs before its levels.
 */

import { NfcError, type Field, type Grid, type Level } from "../types.js";
import { channelsOf } from "../coding/header.js";
import type { Section } from "../codes/code.js";
import { codeType } from "../codes/registry.js";
import { layoutType } from "../layouts/registry.js";
import { blocksOf, planNetworks, type NetworkPlan } from "./networks.js";
import { occupiedOf } from "./occupied.js";
import {
  CONSTANTS,
  programText as textOf,
  type Members,
  type Program,
  type Rows,
} from "../shaders/tables.js";

export type { Program } from "../shaders/tables.js";

/** What every WebGPU adapter can do (WebGPU, "Limits"). */
export const MAX_STORAGE_BYTES = 1 << 27;
const MAX_UNIFORM_BYTES = 1 << 16;
/** Bytes of variables in WGSL's private address space. */
const MAX_PRIVATE_BYTES = 8192;
const WORD_BUFFERS = 3;
/**
 * Programs have a call for each level and layer, and compilers unroll what these loop over. The same
 * limit and measures as in `plan.py`: what a column of weights takes to compile.
 */
export const MAX_PROGRAM_SIZE = 16_000;
/** What a level, a channel of it, and a layer count. */
const [LEVEL_SIZE, CHANNEL_SIZE, LAYER_SIZE] = [100, 2, 10];

const BINDINGS: Readonly<Record<string, number>> = {
  sites: 4,
  words0: 5,
  words1: 6,
  words2: 7,
  weights: 8,
};

export type BufferKind = "words" | "sites" | "weights" | "uniform";

/** A run of `length` elements of a buffer: 4 bytes each in `words`, else 16. */
export interface Part {
  readonly buffer: string;
  readonly offset: number;
  readonly length: number;
}

/** One GPU buffer of the field; `length` is in elements (see {@link Part}). */
export interface FieldBuffer {
  readonly name: string;
  readonly kind: BufferKind;
  readonly binding: number;
  readonly length: number;
  readonly elementBytes: number;
  /** A multiple of 16 and not zero, as bindings need it. */
  readonly bytes: number;
}

/** Where the sections of one level are, and an octree's corner index, `sites`. */
export type LevelParts = ReadonlyMap<Section | "sites", Part>;

/**
 * A bitmap of occupied cells and one of blocks of cells. `level`: the level whose cells these
 * are; -1 for the field's own grid or, if it has none, one cell that is the whole box. `shape`:
 * cells along x, y, z.
 */
export interface OccupancyParts {
  readonly shape: readonly [number, number, number];
  readonly level: number;
  readonly cells: Part;
  readonly blocks: Part;
}

/** Buffers and programs of one field. */
export interface Plan {
  readonly buffers: readonly FieldBuffer[];
  readonly levels: readonly LevelParts[];
  readonly networks: NetworkPlan;
  readonly occupancies: readonly OccupancyParts[];
  /** The number of each LOD's occupancy; empty where no program needs cells. */
  readonly occupancyOfLod: readonly number[];
  readonly programs: readonly Program[];
  /** Levels, inputs and layers as programs see them. */
  readonly rows: Rows;
  /** Bytes of all buffers. */
  readonly bytes: number;
}

/**
 * Plan the GPU memory and the programs of a field.
 *
 * @param maxStorage the adapter's greatest storage binding in bytes
 * @throws NfcError `limit` for a field that does not fit or whose programs would be too large to
 * compile, `unsupported` for networks wider than a shader can hold and for factors beyond float32
 */
export function makePlan(field: Field, maxStorage = MAX_STORAGE_BYTES): Plan {
  const room = new Allocator(maxStorage);
  const [occupancies, occupancyOfLod] = planOccupancies(field, room);
  const [levels, placed] = planLevels(field, room);
  const channels = field.grids.reduce(
    (sum, grid) => sum + channelsOf(grid.combine, grid.levels),
    0,
  );
  const features = blocksOf(channels);
  const scratch = Math.max(0, ...levels.map(({ rank }) => blocksOf((rank as number) ?? 0)));
  const sources = new Map([
    ["features", { place: 0, width: channels }],
    ["position", { place: features, width: field.dims }],
    ["direction", { place: features + 1, width: 3 }],
  ]);
  const networks = planNetworks(field.networks, sources, features + 2 + scratch);
  const names = field.networks.map((network) => network.name);
  const radiance = field.kind === "nerf";
  const output = networks.outputs.get(names[names.length - 1])!;
  const rows: Rows = {
    whole: {
      feature_blocks: features,
      position: features,
      direction: features + 1,
      scratch: features + 2,
      density: radiance ? networks.outputs.get("density")!.place : 0,
      output: output.place,
      channels: output.width,
      radiance: radiance ? 1 : 0,
    },
    levels,
    inputs: networks.inputs,
    layers: networks.entries,
    calls: networks.calls,
    firstNetworks: radiance ? names.indexOf("density") + 1 : names.length,
    sizes: {
      MEMORY: networks.memory,
      OUTPUTS: blocksOf(output.width),
      WEIGHTS: Math.max(1, networks.weights),
    },
  };
  checkProgramSize(rows);
  if (16 * (networks.memory + blocksOf(output.width)) > MAX_PRIVATE_BYTES) {
    throw new NfcError(
      "unsupported",
      "the field's vectors or networks are wider than a GPU program can hold " +
        `(${MAX_PRIVATE_BYTES} bytes)`,
    );
  }
  const buffers = room.buffers(networks.weights);
  return {
    buffers,
    levels: placed,
    networks,
    occupancies,
    occupancyOfLod,
    programs: programsOf(field),
    rows,
    bytes: buffers.reduce((sum, buffer) => sum + buffer.bytes, 0),
  };
}

/** The WGSL text of one of a plan's programs. */
export function programText(plan: Plan, program: Program): string {
  const kinds = new Map(plan.buffers.map(({ name, kind }) => [name, kind]));
  const words = kinds.has("words1") ? "words_three" : "words_one";
  const weights = kinds.get("weights") === "uniform" ? "weights_uniform" : "weights_storage";
  return textOf(program, plan.rows, [words, weights]);
}

function checkProgramSize(rows: Rows): void {
  const size = programSize(rows);
  if (size > MAX_PROGRAM_SIZE) {
    throw new NfcError(
      "limit",
      `the field's levels and networks make GPU programs of size ${size}; ` +
        `the limit is ${MAX_PROGRAM_SIZE}`,
    );
  }
}

/** The size of a field's programs, from its levels and layers. */
export function programSize(rows: Rows): number {
  let size = 0;
  for (const { features, rank } of rows.levels) {
    size += LEVEL_SIZE + (CHANNEL_SIZE + ((rank as number) ?? 0)) * (features as number);
  }
  for (const { columns, entry_columns } of rows.layers) {
    size += LAYER_SIZE + 4 * ((columns as number) + (entry_columns as number));
  }
  return size;
}

function programsOf(field: Field): Program[] {
  if (field.kind === "nerf") return ["points", "radiance"];
  if (field.kind === "sdf") return field.dims === 3 ? ["points", "surface", "slope"] : ["points"];
  if (field.dims === 2) return ["points", "plane", "range"];
  return ["points", "volume", "surface", "slope", "range"];
}

/** Hands out parts of buffers, in the order in which they are asked for. */
class Allocator {
  readonly #used = new Map<string, number>([
    ["sites", 0],
    ["words0", 0],
  ]);

  constructor(readonly maxStorage: number) {}

  words(length: number): Part {
    const names = Array.from({ length: WORD_BUFFERS }, (_, i) => `words${i}`);
    return this.#firstFit(names, length, Math.floor(this.maxStorage / 4));
  }

  sites(length: number): Part {
    return this.#firstFit(["sites"], length, Math.floor(this.maxStorage / 16));
  }

  #firstFit(names: readonly string[], length: number, limit: number): Part {
    for (const buffer of names) {
      const offset = this.#used.get(buffer) ?? 0;
      if (offset + length <= limit) {
        this.#used.set(buffer, offset + length);
        return { buffer, offset, length };
      }
    }
    return this.#tooLarge();
  }

  #tooLarge(): never {
    throw new NfcError(
      "limit",
      `the field does not fit into GPU buffers of ${this.maxStorage} bytes, which is what this ` +
        "adapter offers",
    );
  }

  /** All buffers, with one for so many vectors of weights. */
  buffers(weights: number): FieldBuffer[] {
    const found = [this.#buffer("sites", "sites")];
    // A program that reads more than one buffer of words declares all three.
    const spread = this.#used.has("words1") || this.#used.has("words2");
    for (let i = 0; i < (spread ? WORD_BUFFERS : 1); i++) {
      found.push(this.#buffer(`words${i}`, "words"));
    }
    if (16 * weights > this.maxStorage) this.#tooLarge();
    this.#used.set("weights", weights);
    // A uniform buffer is read fastest where all threads read the same.
    found.push(this.#buffer("weights", 16 * weights <= MAX_UNIFORM_BYTES ? "uniform" : "weights"));
    return found;
  }

  #buffer(name: string, kind: BufferKind): FieldBuffer {
    const length = Math.max(this.#used.get(name) ?? 0, 1);
    const elementBytes = kind === "words" ? 4 : 16;
    const bytes = Math.max(16, Math.ceil((length * elementBytes) / 16) * 16);
    return { name, kind, binding: BINDINGS[name], length, elementBytes, bytes };
  }
}

/** Table entries and parts of all levels, in storage order. */
function planLevels(field: Field, room: Allocator): [Members[], LevelParts[]] {
  const entries: Members[] = [];
  const placed: LevelParts[] = [];
  let channel = 0;
  for (const grid of field.grids) {
    let within = 0;
    for (const [number, level] of grid.levels.entries()) {
      const [x, y, z] = transformRows(level, field.dims);
      const [entry, parts] = placeLevel(level, room);
      const multiplies = multipliesFrom(grid, number);
      const until = untilOf(grid, number);
      entries.push({ ...entry, ...until, channel: channel + within, multiplies, x, y, z });
      placed.push(parts);
      if (grid.combine === "concat") within += level.features;
    }
    channel += channelsOf(grid.combine, grid.levels);
  }
  return [entries, placed];
}

/** The LOD from which a later level of `finest` stands for this one; empty if none does. */
function untilOf({ combine, levels }: Grid, number: number): Members {
  const after = levels.slice(number + 1);
  if (combine !== "finest" || after.length === 0) return {};
  return { until: Math.min(...after.map(({ lod }) => lod)) };
}

/** Member `multiplies` of a level: 1 + the LOD from which an earlier one of a product is in use. */
function multipliesFrom({ combine, levels }: Grid, number: number): number {
  if (combine !== "product" || number === 0) return 0;
  return 1 + Math.min(...levels.slice(0, number).map(({ lod }) => lod));
}

/** A level's map of three coordinates; rows that are not there are zero. */
function transformRows({ transform }: Level, dims: number): number[][] {
  return Array.from({ length: 3 }, (_, i) => {
    if (transform === null) return [0, 1, 2, 3].map((j) => (i === j && i < dims ? 1 : 0));
    const row = [...transform.subarray(i * (dims + 1), (i + 1) * (dims + 1))];
    if (row.length === 0) return [0, 0, 0, 0];
    return [row[0], row[1], dims === 3 ? row[2] : 0, row[dims]];
  });
}

function placeLevel(level: Level, room: Allocator): [Members, LevelParts] {
  const parts = new Map<Section | "sites", Part>();
  const layout = layoutType(level.layout).gpu;
  const code = codeType(level.form).gpu;
  const entry: Record<string, number | readonly number[]> = {
    lod: level.lod,
    features: level.features,
    ...layout.members(level.layout),
    ...code.members(level.form, level.features),
  };
  const blocks = layout.numBlocks(level.layout);
  if (blocks > 0) {
    const part = room.sites(blocks);
    parts.set("sites", part);
    entry["sites"] = part.offset;
  }
  for (const [name, length] of code.lengths(level.form, level.rows, level.features)) {
    const part = room.words(length);
    parts.set(name, part);
    entry[name] = part.offset;
    entry[`${name}_buffer`] = Number(part.buffer.slice("words".length));
  }
  return [entry, parts];
}

function planOccupancies(field: Field, room: Allocator): [OccupancyParts[], number[]] {
  if (field.kind === "sdf" || field.dims === 2) return [[], []];
  const parts: OccupancyParts[] = [];
  const ofLod: number[] = [];
  const side = 1 << CONSTANTS.BLOCK_SHIFT;
  for (let lod = 0; lod < field.lods; lod++) {
    const occupied = occupiedOf(field, lod);
    const level = occupied?.level?.position ?? -1;
    const shape = occupied?.shape ?? ([1, 1, 1] as const);
    let found = parts.findIndex((part) => part.level === level);
    if (found < 0) {
      const [x, y, z] = shape;
      const cells = room.words(Math.ceil((x * y * z) / 32));
      const count = Math.ceil(x / side) * Math.ceil(y / side) * Math.ceil(z / side);
      const blocks = room.words(Math.ceil(count / 32));
      found = parts.push({ shape, level, cells, blocks }) - 1;
    }
    ofLod.push(found);
  }
  if (parts.some((p) => p.cells.buffer !== "words0" || p.blocks.buffer !== "words0")) {
    throw new NfcError("limit", "the field's occupancy does not fit into one GPU buffer");
  }
  return [parts, ofLod];
}
