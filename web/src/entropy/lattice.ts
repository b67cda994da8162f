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

/** Sites of one plane, with a vector or without. */
export function planeSize({ ny, nx }: Lattice): number {
  return ny * nx;
}

export function siteCount(lattice: Lattice): number {
  return lattice.nz * lattice.ny * lattice.nx;
}
