import { PLANES } from "./work.js";

/** The lattice of sites on which a level's vectors lie. */
export interface Lattice {
  nz: number;
  ny: number;
  nx: number;
  /** The sites with a vector, numbered `(z * ny + y) * nx + x`, ascending; `null` if all have one. */
  sites: Uint32Array | null;
  /** Number of vectors. */
  rows: number;
}

/** What it takes to lay out the planes of sites that mixed counts look back at. */
export function planesWork({ ny, nx }: Lattice): number {
  return Math.floor((ny * nx) / PLANES);
}

export function siteCount(lattice: Lattice): number {
  return lattice.nz * lattice.ny * lattice.nx;
}
