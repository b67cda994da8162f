import type { Field, Level } from "../types.js";

/** All levels of all grids, in storage order. */
export function levelsOf(field: Field): Level[] {
  return field.grids.flatMap((grid) => grid.levels);
}
