/**
 * From a field's skeleton to GPU programs and the layout of their buffers: the same as
 * `nfcodec/render/gpu/plan.py`, and described in `docs/renderer.md`.
 *
 * Everything here follows from what a file's header says, so that a field that is still arriving
 * has its buffers and programs before its levels.
 */

import { NfcError, type Field, type Layer, type Level } from "../codec/types.js";
import { checkProgramSize, describe } from "./describe.js";
import { expand, type Values } from "./template.js";

/** What every WebGPU adapter can do (WebGPU, "Limits"). */
export const MAX_STORAGE_BYTES = 1 << 27;
const MAX_UNIFORM_BYTES = 1 << 16;
const WORD_BUFFERS = 3;
const UNIFORM_BUFFERS = 8;
/** Sites in a block of an octree's corner index, and words of that block. */
export const SITES_PER_BLOCK = 96;
export const BLOCK_WORDS = 4;
/** Blocks of the coarse occupancy bitmap have `2^COARSER` cells a side. */
export const COARSER = 3;

const SITES_BINDING = 4;
const WORDS_BINDING = 5;
const WEIGHTS_BINDING = 8;
const UNIFORM_BINDING = 9;

export type BufferKind = "words" | "sites" | "weights" | "uniform";
export type Program = "points" | "radiance" | "surface" | "volume" | "plane" | "slope" | "range";

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

/**
 * Where one level is: the octree's `sites`, packed `codes`, and `vectors` (float16 vectors, a
 * codebook or low-rank coefficients, with `basis`: the mean, then the basis).
 */
export interface LevelParts {
  readonly vectors: Part;
  readonly sites: Part | null;
  readonly codes: Part | null;
  readonly basis: Part | null;
}

/**
 * A bitmap of occupied cells and one of blocks of cells. `level`: the octree whose voxels these
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
  /** `layers[n][i]` is layer i of network n. */
  readonly layers: readonly (readonly Part[])[];
  readonly occupancies: readonly OccupancyParts[];
  /** The number of each LOD's occupancy; empty where no program needs cells. */
  readonly occupancyOfLod: readonly number[];
  readonly programs: readonly Program[];
  readonly description: Values;
  /** Bytes of all buffers. */
  readonly bytes: number;
}

/** All levels of all grids, in storage order. */
export function levelsOf(field: Field): Level[] {
  return field.grids.flatMap((grid) => grid.levels);
}

/**
 * Plan the GPU memory and the programs of a field.
 *
 * @param maxStorage the adapter's greatest storage binding in bytes
 * @throws NfcError `limit` for a field that does not fit or whose programs would be too large to
 * compile, `unsupported` for networks wider than a shader can hold and for factors beyond float32
 */
export function makePlan(field: Field, maxStorage = MAX_STORAGE_BYTES): Plan {
  checkProgramSize(field);
  const room = new Room(maxStorage);
  const [occupancies, occupancyOfLod] = planOccupancies(field, room);
  const levels = levelsOf(field).map((level) => placeLevel(level, room));
  const layers = field.networks.map((network) =>
    network.layers.map((layer) => room.weights(weightElements(layer))),
  );
  const buffers = room.buffers();
  return {
    buffers,
    levels,
    layers,
    occupancies,
    occupancyOfLod,
    programs: programsOf(field),
    description: describe(field, levels, layers, buffers),
    bytes: buffers.reduce((sum, buffer) => sum + buffer.bytes, 0),
  };
}

/** The WGSL text of one of a plan's programs; `files` are the shader files by name. */
export function programText(
  plan: Plan,
  program: Program,
  files: Readonly<Record<string, string>>,
): string {
  const walks = program === "radiance" || program === "volume" || program === "points";
  const cells = walks && plan.occupancies.length > 0 ? plan.occupancies[0].cells.buffer : "";
  const values = {
    ...plan.description,
    reads_points: program === "points",
    reads_table: program === "volume" || program === "plane",
    cells,
  };
  return expand(`${program}.wgsl`, values, files);
}

function programsOf(field: Field): Program[] {
  if (field.kind === "nerf") return ["points", "radiance"];
  if (field.kind === "sdf") return field.dims === 3 ? ["points", "surface", "slope"] : ["points"];
  if (field.dims === 2) return ["points", "plane", "range"];
  return ["points", "volume", "surface", "slope", "range"];
}

function weightElements(layer: Layer): number {
  return Math.ceil(layer.outputs / 4) * (layer.inputs + 1);
}

/** Hands out parts of buffers, in the order in which they are asked for. */
class Room {
  readonly #used = new Map<string, number>();

  constructor(readonly maxStorage: number) {}

  words(length: number): Part {
    const names = Array.from({ length: WORD_BUFFERS }, (_, i) => `words${i}`);
    return this.#firstFit(names, length, Math.floor(this.maxStorage / 4));
  }

  sites(length: number): Part {
    return this.#firstFit(["sites"], length, Math.floor(this.maxStorage / 16));
  }

  /**
   * Uniform buffers are read fastest where all threads read the same; what is too large for them
   * is put into a storage buffer.
   */
  weights(length: number): Part {
    for (let i = 0; i < UNIFORM_BUFFERS; i++) {
      const name = `uniform${i}`;
      if ((this.#used.get(name) ?? 0) + length <= MAX_UNIFORM_BYTES / 16) {
        return this.#take(name, length);
      }
    }
    return this.#firstFit(["weights"], length, Math.floor(this.maxStorage / 16));
  }

  #firstFit(names: readonly string[], length: number, limit: number): Part {
    for (const name of names) {
      if ((this.#used.get(name) ?? 0) + length <= limit) return this.#take(name, length);
    }
    throw new NfcError(
      "limit",
      `the field does not fit into GPU buffers of ${this.maxStorage} bytes, which is what this ` +
        "adapter offers",
    );
  }

  #take(buffer: string, length: number): Part {
    const offset = this.#used.get(buffer) ?? 0;
    this.#used.set(buffer, offset + length);
    return { buffer, offset, length };
  }

  buffers(): FieldBuffer[] {
    const order: [string, BufferKind, number][] = [["sites", "sites", SITES_BINDING]];
    for (let i = 0; i < WORD_BUFFERS; i++) order.push([`words${i}`, "words", WORDS_BINDING + i]);
    order.push(["weights", "weights", WEIGHTS_BINDING]);
    for (let i = 0; i < UNIFORM_BUFFERS; i++) {
      order.push([`uniform${i}`, "uniform", UNIFORM_BINDING + i]);
    }
    return order
      .filter(([name]) => this.#used.has(name))
      .map(([name, kind, binding]) => {
        const length = Math.max(this.#used.get(name)!, 1);
        const elementBytes = kind === "words" ? 4 : 16;
        const bytes = Math.max(16, Math.ceil((length * elementBytes) / 16) * 16);
        return { name, kind, binding, length, elementBytes, bytes };
      });
  }
}

function planOccupancies(field: Field, room: Room): [OccupancyParts[], number[]] {
  if (field.kind === "sdf" || field.dims === 2) return [[], []];
  const parts: OccupancyParts[] = [];
  const ofLod: number[] = [];
  const side = 1 << COARSER;
  for (let lod = 0; lod < field.lods; lod++) {
    const [level, shape] = cellsOfLod(field, lod);
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

/** Whose voxels are a field's occupied cells at `lod`, and how many along x, y, z. */
function cellsOfLod(field: Field, lod: number): [number, [number, number, number]] {
  let deepest = -1;
  let depth = -1;
  levelsOf(field).forEach((level, index) => {
    const tree = level.layout;
    if (tree.kind === "octree" && level.lod <= lod && tree.depth > depth) {
      deepest = index;
      depth = tree.depth;
    }
  });
  if (deepest >= 0) return [deepest, [1 << depth, 1 << depth, 1 << depth]];
  if (field.occupancy === null) return [-1, [1, 1, 1]];
  const [z, y, x] = field.occupancy.shape;
  return [-1, [x, y, z]];
}

function placeLevel(level: Level, room: Room): LevelParts {
  let sites: Part | null = null;
  if (level.layout.kind === "octree") {
    const side = 2 ** level.layout.depth + 1;
    sites = room.sites(Math.ceil(side ** 3 / SITES_PER_BLOCK));
  }
  const pairs = Math.ceil(level.features / 2);
  const form = level.form;
  if (form.kind === "float16") {
    return { vectors: room.words(level.rows * pairs), sites, codes: null, basis: null };
  }
  if (form.kind === "vq") {
    const straddles = 32 % form.bits !== 0 ? 1 : 0;
    const codes = room.words(Math.ceil((level.rows * form.bits) / 32) + straddles);
    return { vectors: room.words(form.numCodes * pairs), sites, codes, basis: null };
  }
  const vectors = room.words(level.rows * Math.ceil(form.rank / 2));
  return { vectors, sites, codes: null, basis: room.words((1 + form.rank) * pairs) };
}
