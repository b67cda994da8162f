/**
 * A field's arrays as the words that GPU buffers hold (`docs/renderer.md`): the same as
 * `nfcodec/render/gpu/pack.py`.
 *
 * Codes stay as they are: packed indices word by word, float16 values two to a word. What is added
 * is the index of an octree's corners, for lookups from a lattice site.
 */

import type { Field, Level } from "../types.js";
import { codeType } from "../codes/registry.js";
import { layoutType } from "../layouts/registry.js";
import { levelsOf } from "./levels.js";
import { weightWords } from "./networks.js";
import { cellsOf } from "./occupied.js";
import type { LevelParts, OccupancyParts, Part, Plan } from "./plan.js";
import { CONSTANTS } from "../shaders/tables.js";

export type Words = Uint32Array<ArrayBuffer>;
/** What to write, and where. */
export type Content = readonly [Part, Words];

/** Where the vectors of a level that has arrived are. */
export function layoutContents(parts: LevelParts, level: Level): Content[] {
  const sites = parts.get("sites");
  return sites === undefined ? [] : [[sites, layoutType(level.layout).gpu.blocks(level.layout)]];
}

/** Its vectors, in the layer that has arrived. */
export function codeContents(parts: LevelParts, level: Level): Content[] {
  const code = level.code!;
  return codeType(level.form)
    .gpu.words(code, level.features)
    .map(([name, words]) => [parts.get(name)!, words]);
}

/** All weights of a field. */
export function networkContents(plan: Plan, field: Field): Content[] {
  return field.networks.flatMap((network, n) =>
    network.layers.map((layer, i): Content => {
      const { lanes, weights, length } = plan.networks.layers[n][i];
      return [{ buffer: "weights", offset: weights, length }, weightWords(layer, lanes)];
    }),
  );
}

/** The bitmaps of occupied cells and of blocks of cells. */
export function occupancyContents(parts: OccupancyParts, field: Field): Content[] {
  const [nx, ny] = parts.shape;
  const shift = CONSTANTS.BLOCK_SHIFT;
  const cells = new Uint32Array(parts.cells.length);
  const blocks = new Uint32Array(parts.blocks.length);
  const bx = Math.ceil(nx / (1 << shift));
  const by = Math.ceil(ny / (1 << shift));
  const mark = (x: number, y: number, z: number) => {
    const cell = (z * ny + y) * nx + x;
    cells[cell >>> 5] |= 1 << (cell & 31);
    const block = ((z >> shift) * by + (y >> shift)) * bx + (x >> shift);
    blocks[block >>> 5] |= 1 << (block & 31);
  };
  const level = parts.level >= 0 ? levelsOf(field)[parts.level] : null;
  if (level === null && field.occupancy === null) {
    mark(0, 0, 0);
  } else {
    for (const cell of cellsOf(field, { level, shape: parts.shape })) mark(...cell);
  }
  return [
    [parts.cells, cells],
    [parts.blocks, blocks],
  ];
}
