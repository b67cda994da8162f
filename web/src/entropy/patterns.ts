import type { Lattice } from "./lattice.js";
import { unspread } from "./voxels.js";

/** Which of the eight voxels around each site are there, plane by plane of sites. */
export class Patterns {
  private readonly nx: number;
  /** For each voxel, by z: the site at its lower corner, in its plane. Where each z begins. */
  private readonly corners: Uint32Array | null;
  private readonly starts: Uint32Array;
  private here: Uint8Array;
  private above: Uint8Array;
  private z = 0;

  constructor({ nz, ny, nx }: Lattice, voxels: Uint32Array | null) {
    this.nx = nx;
    this.corners = voxels === null ? null : new Uint32Array(voxels.length);
    this.starts = new Uint32Array(nz + 1);
    this.here = new Uint8Array(voxels === null ? 0 : ny * nx);
    this.above = this.here.slice();
    if (voxels === null || this.corners === null) return;
    for (const code of voxels) this.starts[unspread(code >>> 2) + 1]++;
    for (let z = 0; z < nz; z++) this.starts[z + 1] += this.starts[z];
    const next = this.starts.slice();
    for (const code of voxels) {
      this.corners[next[unspread(code >>> 2)]++] = unspread(code >>> 1) * nx + unspread(code);
    }
  }

  /**
   * Of the sites of the next plane: bit k for the voxel around that is the upper one along the axes
   * of k's bits. `null` where all are there.
   *
   * Every corner of a voxel is a site: whoever goes through the sites leaves zeros behind, and no
   * plane is gone through as a whole.
   */
  next(): Uint8Array | null {
    const { corners, nx, starts, z } = this;
    if (corners === null) return null;
    const here = this.above;
    const above = this.here;
    for (let n = starts[z]; n < starts[z + 1]; n++) {
      const corner = corners[n];
      here[corner] |= 128;
      here[corner + 1] |= 64;
      here[corner + nx] |= 32;
      here[corner + nx + 1] |= 16;
      above[corner] |= 8;
      above[corner + 1] |= 4;
      above[corner + nx] |= 2;
      above[corner + nx + 1] |= 1;
    }
    this.here = here;
    this.above = above;
    this.z++;
    return here;
  }
}
