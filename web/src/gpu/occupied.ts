/** Where a field may hold something: the one place that says so. */

import type { Field, Level } from "../types.js";
import type { Cell } from "../layouts/layout.js";
import { layoutType } from "../layouts/registry.js";
import { levelsOf } from "./levels.js";

/** Cells outside which a field holds nothing. */
export interface Occupied {
  /** The level whose cells these are; `null` for the field's own occupancy grid. */
  readonly level: Level | null;
  /** Cells along x, y, z. */
  readonly shape: Cell;
}

/** Of the levels up to an LOD, the finest that says where it is empty; `null` if none does. */
export function finestOccupied(levels: readonly Level[], lod: number): Level | null {
  let finest: Level | null = null;
  let most = 0;
  for (const level of levels) {
    const [x, y, z] = layoutType(level.layout).cellsAlong(level.layout) ?? [0, 0, 0];
    // A level with a transform says nothing of the field's box.
    if (level.lod <= lod && level.transform === null && x * y * z > most) {
      finest = level;
      most = x * y * z;
    }
  }
  return finest;
}

/**
 * The finest level up to `lod` that says where it is empty, else the field's occupancy grid; `null`
 * if nothing says so, and for fields in the plane.
 *
 * @param shape of the occupancy grid `[nz, ny, nx]`, which the header has before its cells arrive
 */
export function occupiedOf(
  field: Field,
  lod: number,
  levels: readonly Level[] = levelsOf(field),
): Occupied | null {
  const level = finestOccupied(levels, lod);
  if (level !== null) return { level, shape: layoutType(level.layout).cellsAlong(level.layout)! };
  if (field.occupancy === null || field.occupancy.shape.length !== 3) return null;
  const [z, y, x] = field.occupancy.shape;
  return { level: null, shape: [x, y, z] };
}

/** The cells that are not empty, once what says so has arrived. */
export function* cellsOf(field: Field, { level, shape }: Occupied): Generator<Cell> {
  if (level !== null) {
    yield* layoutType(level.layout).cells(level.layout);
    return;
  }
  const { cells } = field.occupancy!;
  const [nx, ny, nz] = shape;
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        if ((cells[i >>> 3] >> (i & 7)) & 1) yield [x, y, z];
      }
    }
  }
}
