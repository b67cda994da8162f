import type { Mixer } from "./mixing.js";
import type { Voxels } from "./voxels.js";

// Where the slots of each input begin. A context is made of so many bits: 3 say which child it is, 3
// which children are there across its faces, 6 across edges, 7 further off; 6 which voxels are there
// across the faces of the parent, 12 across its edges, 7 on the child's side.
const FACES_EDGES = 1 << (3 + 3);
const FACES_EDGES_REST = FACES_EDGES + (1 << (3 + 6));
const PARENT_FACES = FACES_EDGES_REST + (1 << (3 + 6 + 7));
const PARENT_SIDE = PARENT_FACES + (1 << (3 + 3 + 6));
const PARENT_EDGES = PARENT_SIDE + (1 << (3 + 3 + 7));
/** Slots of all contexts of children (specification, section 5). */
export const MIXED_SLOTS = PARENT_EDGES + (1 << (3 + 12));

/**
 * For each voxel which children it has: bit k for child k.
 * `extent`: how many voxels fit along x, y and z.
 */
export function readMixedChildren(mixer: Mixer, voxels: Voxels, extent: number[]): Uint8Array {
  const [nx, ny, nz] = extent;
  const { count, x: vx, y: vy, z: vz } = voxels;
  const found = new Uint8Array(count);
  const byY = sorted(
    vy,
    ny,
    Uint32Array.from({ length: count }, (_, i) => i),
  ).order;
  const { order, starts } = sorted(vz, nz, byY);

  // Three planes each, of voxels and of children, with zeros around them.
  const width = nx + 2;
  const fineWidth = 2 * nx + 3;
  const coarse = Array.from({ length: 3 }, () => new Uint8Array(width * (ny + 2)));
  const fine = Array.from({ length: 3 }, () => new Uint8Array(fineWidth * (2 * ny + 3)));
  /** Writes 0 or 1 where a plane has voxels. */
  const mark = (plane: number, value: number): void => {
    for (let n = starts[plane]; n < starts[plane + 1]; n++) {
      const i = order[n];
      coarse[plane % 3][(vy[i] + 1) * width + vx[i] + 1] = value;
    }
  };
  const wipe = (level: number): void => {
    const plane = level >> 1;
    for (let n = starts[plane]; n < starts[plane + 1]; n++) {
      const at = (2 * vy[order[n]] + 2) * fineWidth + 2 * vx[order[n]] + 2;
      fine[level % 3].fill(0, at, at + 2).fill(0, at + fineWidth, at + fineWidth + 2);
    }
  };

  mark(0, 1);
  for (let z = 0; z < nz; z++) {
    if (z >= 2) mark(z - 2, 0);
    if (z + 1 < nz) mark(z + 1, 1);
    const same = coarse[z % 3];
    const down = coarse[(z + 2) % 3];
    const up = coarse[(z + 1) % 3];
    for (let oddZ = 0; oddZ < 2; oddZ++) {
      const level = 2 * z + oddZ;
      if (level >= 3) wipe(level - 3);
      const here = fine[level % 3];
      const last = fine[(level + 2) % 3];
      const before = fine[(level + 1) % 3];
      const beyond = oddZ === 1 ? up : down;
      for (let row = starts[z], end = row; row < starts[z + 1]; row = end) {
        while (end < starts[z + 1] && vy[order[end]] === vy[order[row]]) end++;
        for (let oddY = 0; oddY < 2; oddY++) {
          for (let n = row; n < end; n++) {
            const i = order[n];
            const c = (vy[i] + 1) * width + vx[i] + 1;
            const w = c + (oddY === 1 ? width : -width);
            const six =
              same[c - 1] |
              (same[c + 1] << 1) |
              (same[c - width] << 2) |
              (same[c + width] << 3) |
              (down[c] << 4) |
              (up[c] << 5);
            const twelve =
              same[c - width - 1] |
              (same[c - width + 1] << 1) |
              (same[c + width - 1] << 2) |
              (same[c + width + 1] << 3) |
              (down[c - 1] << 4) |
              (down[c + 1] << 5) |
              (down[c - width] << 6) |
              (down[c + width] << 7) |
              (up[c - 1] << 8) |
              (up[c + 1] << 9) |
              (up[c - width] << 10) |
              (up[c + width] << 11);
            for (let oddX = 0; oddX < 2; oddX++) {
              const f = (2 * vy[i] + 2 + oddY) * fineWidth + 2 * vx[i] + 2 + oddX;
              const t = oddX === 1 ? 1 : -1;
              const k = oddX | (oddY << 1) | (oddZ << 2);
              const faces = here[f - 1] | (here[f - fineWidth] << 1) | (last[f] << 2);
              const edges =
                here[f - fineWidth - 1] |
                (here[f - fineWidth + 1] << 1) |
                (last[f - 1] << 2) |
                (last[f + 1] << 3) |
                (last[f - fineWidth] << 4) |
                (last[f + fineWidth] << 5);
              const rest =
                last[f - fineWidth - 1] |
                (last[f - fineWidth + 1] << 1) |
                (last[f + fineWidth - 1] << 2) |
                (last[f + fineWidth + 1] << 3) |
                (here[f - 2] << 4) |
                (here[f - 2 * fineWidth] << 5) |
                (before[f] << 6);
              const seven =
                same[c + t] |
                (same[w] << 1) |
                (beyond[c] << 2) |
                (same[w + t] << 3) |
                (beyond[c + t] << 4) |
                (beyond[w] << 5) |
                (beyond[w + t] << 6);
              const bit = mixer.decide(
                (faces << 3) | k,
                FACES_EDGES + (faces | (edges << 3)),
                FACES_EDGES_REST + (faces | (edges << 3) | (rest << 9)),
                PARENT_FACES + ((six << 6) | (faces << 3) | k),
                PARENT_SIDE + ((seven << 6) | (faces << 3) | k),
                PARENT_EDGES + ((twelve << 3) | k),
                0,
                0,
              );
              here[f] = bit;
              found[i] |= bit << k;
            }
          }
        }
      }
    }
  }
  return found;
}

/** `order`, rearranged to ascend in `keys` below `bins` and stable; where each key begins. */
function sorted(
  keys: Uint16Array,
  bins: number,
  order: Uint32Array,
): { order: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(bins + 1);
  for (const i of order) starts[keys[i] + 1]++;
  for (let key = 0; key < bins; key++) starts[key + 1] += starts[key];
  const next = starts.slice();
  const arranged = new Uint32Array(order.length);
  for (const i of order) arranged[next[keys[i]]++] = i;
  return { order: arranged, starts };
}
