/**
 * A field's arrays as the words that GPU buffers hold (`docs/renderer.md`): the same as
 * `nfcodec/render/gpu/pack.py`.
 *
 * Codes stay as they are: packed indices word by word, float16 values two to a word. What is added
 * is the index of an octree's corners, for lookups from a lattice site.
 */

import type { Field, Layer, Level, OctreeLayout } from "../codec/types.js";
import { unspread } from "../codec/voxels.js";
import {
  BLOCK_WORDS,
  COARSER,
  levelsOf,
  SITES_PER_BLOCK,
  type LevelParts,
  type OccupancyParts,
  type Part,
} from "./plan.js";

export type Words = Uint32Array<ArrayBuffer>;
/** What to write, and where. */
export type Content = [Part, Words];

/** Where the vectors of a level that has arrived are. */
export function layoutContents(parts: LevelParts, level: Level): Content[] {
  return level.layout.kind === "octree" ? [[parts.sites!, siteBlocks(level.layout)]] : [];
}

/** Its vectors, in the layer that has arrived. */
export function codeContents(parts: LevelParts, level: Level): Content[] {
  const code = level.code!;
  const out: Content[] = [];
  if (code.kind === "float16") {
    out.push([parts.vectors, halfWords(code.values, level.features)]);
  } else if (code.kind === "vq") {
    const words = new Uint32Array(parts.codes!.length);
    words.set(code.packed);
    out.push([parts.codes!, words], [parts.vectors, halfWords(code.codebook, level.features)]);
  } else {
    const basis = new Uint16Array(code.mean.length + code.basis.length);
    basis.set(code.mean);
    basis.set(code.basis, code.mean.length);
    out.push(
      [parts.vectors, halfWords(code.coefficients, code.rank)],
      [parts.basis!, halfWords(basis, level.features)],
    );
  }
  return out;
}

/** Rows of `width` float16 as words of two, each row from a new word on. */
export function halfWords(rows: Uint16Array, width: number): Words {
  const pitch = width + (width & 1);
  const count = rows.length / width;
  const halves = new Uint16Array(count * pitch);
  if (pitch === width) {
    halves.set(rows);
  } else {
    for (let row = 0; row < count; row++) {
      halves.set(rows.subarray(row * width, (row + 1) * width), row * pitch);
    }
  }
  return new Uint32Array(halves.buffer);
}

/** The corner index: for every 96 lattice sites the number of corners before them, and 96 bits. */
export function siteBlocks(layout: OctreeLayout): Words {
  const side = 2 ** layout.depth + 1;
  const count = Math.ceil(side ** 3 / SITES_PER_BLOCK);
  const blocks = new Uint32Array(count * BLOCK_WORDS);
  const corners = layout.corners;
  let filled = 0;
  for (let i = 0; i < corners.length; i++) {
    const site = corners[i];
    const block = Math.floor(site / SITES_PER_BLOCK);
    while (filled < block) blocks[++filled * BLOCK_WORDS] = i;
    const inner = site - block * SITES_PER_BLOCK;
    blocks[block * BLOCK_WORDS + 1 + (inner >> 5)] |= 1 << (inner & 31);
  }
  while (filled < count - 1) blocks[++filled * BLOCK_WORDS] = corners.length;
  return blocks;
}

/** A layer in blocks of four outputs: their biases, then for each input their four weights. */
export function weightWords(layer: Layer): Words {
  const { inputs, outputs } = layer;
  const stride = 4 * (inputs + 1);
  const values = new Float32Array(Math.ceil(outputs / 4) * stride);
  for (let row = 0; row < outputs; row++) {
    const at = (row >> 2) * stride + (row & 3);
    if (layer.bias !== null) values[at] = layer.bias[row];
    for (let i = 0; i < inputs; i++) values[at + 4 * (i + 1)] = layer.weight[row * inputs + i];
  }
  return new Uint32Array(values.buffer);
}

/** The bitmaps of occupied cells and of blocks of cells. */
export function occupancyContents(parts: OccupancyParts, field: Field): Content[] {
  const [nx, ny, nz] = parts.shape;
  const cells = new Uint32Array(parts.cells.length);
  const blocks = new Uint32Array(parts.blocks.length);
  const bx = Math.ceil(nx / (1 << COARSER));
  const by = Math.ceil(ny / (1 << COARSER));
  const mark = (x: number, y: number, z: number) => {
    const cell = (z * ny + y) * nx + x;
    cells[cell >>> 5] |= 1 << (cell & 31);
    const block = ((z >> COARSER) * by + (y >> COARSER)) * bx + (x >> COARSER);
    blocks[block >>> 5] |= 1 << (block & 31);
  };
  if (parts.level >= 0) {
    const layout = levelsOf(field)[parts.level].layout as OctreeLayout;
    for (const code of layout.voxels) {
      mark(unspread(code), unspread(code >>> 1), unspread(code >>> 2));
    }
  } else if (field.occupancy !== null) {
    const stated = field.occupancy.cells;
    for (let z = 0, i = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++, i++) {
          if ((stated[i >>> 3] >> (i & 7)) & 1) mark(x, y, z);
        }
      }
    }
  } else {
    mark(0, 0, 0);
  }
  return [
    [parts.cells, cells],
    [parts.blocks, blocks],
  ];
}
