import { damaged } from "../errors.js";
import { product } from "../product.js";
import { LIMITS, within } from "../limits.js";
import type { DenseLayout } from "../types.js";
import { tag } from "../shaders/tables.js";
import { LAYOUT_KEY, type LayoutType } from "./layout.js";

const PADDINGS = ["zeros", "border"] as const;

/** A full lattice of one to three dimensions. */
export const dense: LayoutType<DenseLayout> = {
  tag: 0,
  kind: "dense",

  readHeader(entries, dims) {
    const items = entries.array(LAYOUT_KEY);
    entries.fields(LAYOUT_KEY, items, 3 + dims);
    const alignCorners = items[1];
    if (typeof alignCorners !== "boolean") damaged(`${entries.where}: align_corners`);
    const padding = PADDINGS[entries.choiceAt(LAYOUT_KEY, 2, PADDINGS.length)];
    const shape = items.slice(3).map((_, i) => entries.item(LAYOUT_KEY, 3 + i, 1));
    for (const side of shape) within(side, LIMITS.side, "points along a side");
    return { layout: { kind: "dense", alignCorners, padding, shape }, rows: product(shape) };
  },
  read: () => undefined,
  memory: () => ({ held: 0, step: 0 }),
  empty: (layout) => layout,

  lattice({ shape }, rows) {
    const [nx, ny = 1, nz = 1] = [...shape].reverse();
    return { nz, ny, nx, sites: null, rows };
  },
  voxels: () => null,

  resolution: ({ shape, alignCorners }) =>
    [...shape].reverse().map((sites) => (alignCorners ? Math.max(sites - 1, 1) : sites)),
  cellsAlong: () => null,
  cells: () => [],

  gpu: {
    members({ shape, alignCorners, padding }) {
      const [x, y = 1, z = 1] = [...shape].reverse();
      return {
        layout_tag: tag("LAYOUT", "dense"),
        size_x: x,
        size_y: y,
        size_z: z,
        aligned: alignCorners ? 1 : 0,
        border: padding === "border" ? 1 : 0,
        corners: 1 << shape.length,
      };
    },
    numBlocks: () => 0,
    blocks: () => new Uint32Array(0),
  },
};
