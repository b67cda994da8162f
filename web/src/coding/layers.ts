import { codeType } from "../codes/registry.js";
import type { Level } from "../types.js";

/** How many chunks refine the levels of an LOD. */
export function refinements(levels: readonly Level[], lod: number): number {
  let most = 0;
  for (const { lod: own, form } of levels) {
    if (own === lod) most = Math.max(most, codeType(form).layers(form) - 1);
  }
  return most;
}

/** The layer, from 0, that the levels of an LOD have arrived in. */
export function layerOf(levels: readonly Level[], lod: number): number {
  return levels.reduce(
    (most, { lod: own, layer }) => (own === lod ? Math.max(most, layer) : most),
    0,
  );
}
