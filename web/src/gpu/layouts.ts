/**
 * Layouts on a GPU: what the table says of one, and an octree's corner index. The same as
 * `nfcodec/render/gpu/layouts.py`; a layout has a case in `layouts.wgsl` as well.
 */

import type { DenseLayout, Layout, OctreeLayout } from "../codec/types.js";
import { unspread } from "../codec/voxels.js";
import { CONSTANTS, tag, type Members } from "./tables.js";

type Words = Uint32Array<ArrayBuffer>;
export type Cell = readonly [x: number, y: number, z: number];

/** Words of a block of the corner index: a count, then a bit for each site. */
const BLOCK_WORDS = 4;

/** How programs see a layout. */
interface LayoutPart<L> {
  /** What the table says of it (`struct Level` of `tables.json`). */
  members(layout: L): Members;
  /** Voxels along x, y and, if it has one, z, per side of the box that the level spans. */
  resolution(layout: L): readonly number[];
  /** Blocks of its corner index, 0 if it has none. */
  numBlocks(layout: L): number;
  /** Its corner index: for each block the corners before it, and a bit for each site. */
  blocks(layout: L): Words;
  /** Cells along x, y, z of those outside which a level is empty; null if it does not say. */
  cellsAlong(layout: L): Cell | null;
  /** The cells that are not empty. */
  cells(layout: L): Iterable<Cell>;
}

const dense: LayoutPart<DenseLayout> = {
  members({ shape, alignCorners, padding }) {
    const [x, y, z] = [...shape].reverse();
    return {
      layout_tag: tag("LAYOUT", "dense"),
      size_x: x,
      size_y: y ?? 1,
      size_z: z ?? 1,
      aligned: alignCorners ? 1 : 0,
      border: padding === "border" ? 1 : 0,
      corners: 1 << shape.length,
    };
  },
  resolution: ({ shape, alignCorners }) =>
    [...shape].reverse().map((sites) => (alignCorners ? Math.max(sites - 1, 1) : sites)),
  numBlocks: () => 0,
  blocks: () => new Uint32Array(0),
  cellsAlong: () => null,
  cells: () => [],
};

const octree: LayoutPart<OctreeLayout> = {
  members({ depth }) {
    const side = 2 ** depth + 1;
    return { layout_tag: tag("LAYOUT", "octree"), size_x: side, size_y: side, size_z: side, corners: 8 };
  },
  resolution: ({ depth }) => [2 ** depth, 2 ** depth, 2 ** depth],
  numBlocks: ({ depth }) => Math.ceil((2 ** depth + 1) ** 3 / CONSTANTS.SITES_PER_BLOCK),
  blocks(layout) {
    const count = octree.numBlocks(layout);
    const blocks = new Uint32Array(count * BLOCK_WORDS);
    const { corners } = layout;
    let filled = 0;
    for (let i = 0; i < corners.length; i++) {
      const site = corners[i];
      const block = Math.floor(site / CONSTANTS.SITES_PER_BLOCK);
      while (filled < block) blocks[++filled * BLOCK_WORDS] = i;
      const inner = site - block * CONSTANTS.SITES_PER_BLOCK;
      blocks[block * BLOCK_WORDS + 1 + (inner >> 5)] |= 1 << (inner & 31);
    }
    while (filled < count - 1) blocks[++filled * BLOCK_WORDS] = corners.length;
    return blocks;
  },
  cellsAlong: ({ depth }) => [1 << depth, 1 << depth, 1 << depth],
  *cells({ voxels }) {
    for (const code of voxels) {
      yield [unspread(code), unspread(code >>> 1), unspread(code >>> 2)];
    }
  },
};

const PARTS: { readonly [K in Layout["kind"]]: LayoutPart<Extract<Layout, { kind: K }>> } = {
  dense,
  octree,
};

/** How programs see a layout. */
export function layoutPart<L extends Layout>(layout: L): LayoutPart<L> {
  return PARTS[layout.kind] as unknown as LayoutPart<L>;
}
