/** The voxels of an octree at one depth, in order of Morton code. */
export interface Voxels {
  count: number;
  x: Uint16Array;
  y: Uint16Array;
  z: Uint16Array;
}

const BIT_COUNTS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (let rest = byte; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
});

/** Depth 0: the one voxel. */
export const ROOT: Voxels = {
  count: 1,
  x: new Uint16Array(1),
  y: new Uint16Array(1),
  z: new Uint16Array(1),
};

/**
 * One depth further. `children` has bit k set for child k of each voxel. `counted` is called with the
 * number of the new voxels before they are made.
 */
export function childVoxels(
  parents: Voxels,
  children: Uint8Array,
  counted: (count: number) => void,
): Voxels {
  let count = 0;
  for (let i = 0; i < parents.count; i++) count += BIT_COUNTS[children[i]];
  counted(count);
  const x = new Uint16Array(count);
  const y = new Uint16Array(count);
  const z = new Uint16Array(count);
  let made = 0;
  for (let i = 0; i < parents.count; i++) {
    for (let k = 0; k < 8; k++) {
      if (((children[i] >> k) & 1) === 0) continue;
      x[made] = 2 * parents.x[i] + (k & 1);
      y[made] = 2 * parents.y[i] + ((k >> 1) & 1);
      z[made] = 2 * parents.z[i] + (k >> 2);
      made++;
    }
  }
  return { count, x, y, z };
}

/** The voxels with these Morton codes, for depths up to 10. */
export function fromMorton(codes: Uint32Array): Voxels {
  return {
    count: codes.length,
    x: Uint16Array.from(codes, (code) => unspread(code)),
    y: Uint16Array.from(codes, (code) => unspread(code >>> 1)),
    z: Uint16Array.from(codes, (code) => unspread(code >>> 2)),
  };
}

/** Bits 0..9 of `v` at the places 0, 3, 6, ... */
function spread(v: number): number {
  v = (v | (v << 16)) & 0x030000ff;
  v = (v | (v << 8)) & 0x0300f00f;
  v = (v | (v << 4)) & 0x030c30c3;
  return (v | (v << 2)) & 0x09249249;
}

/** The bits 0, 3, 6, ... of a Morton code for depths up to 10, side by side. */
export function unspread(code: number): number {
  let v = code & 0x09249249;
  v = (v | (v >>> 2)) & 0x030c30c3;
  v = (v | (v >>> 4)) & 0x0300f00f;
  v = (v | (v >>> 8)) & 0x030000ff;
  return (v | (v >>> 16)) & 0x3ff;
}

/** Morton codes, for depths up to 10. */
export function toMorton({ count, x, y, z }: Voxels): Uint32Array<ArrayBuffer> {
  const codes = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    codes[i] = spread(x[i]) | (spread(y[i]) << 1) | (spread(z[i]) << 2);
  }
  return codes;
}

/** With fewer voxels than one to so many rows of sites, rows are not gone through. */
const SPARSE = 32;

/** {@link cornersOf}, by sorting. */
function fewCorners({ count, x, y, z }: Voxels, n: number): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(8 * count);
  for (let i = 0; i < count; i++) {
    const site = (z[i] * n + y[i]) * n + x[i];
    for (let k = 0; k < 8; k++)
      all[8 * i + k] = site + (k & 1) + ((k >> 1) & 1) * n + (k >> 2) * n * n;
  }
  all.sort();
  return all.filter((site, i) => i === 0 || site !== all[i - 1]);
}

/**
 * The sites of the lattice of `2^depth + 1` points per side that are a corner of a voxel, numbered
 * `(z * n + y) * n + x`, ascending.
 */
export function cornersOf(voxels: Voxels, depth: number): Uint32Array<ArrayBuffer> {
  const n = 2 ** depth + 1;
  if (SPARSE * voxels.count < n * n) return fewCorners(voxels, n);
  const rowWords = Math.ceil(n / 32);
  // Bits only for rows that have corners. slots: 1 + the number of a row's bits, or 0.
  const slots = new Uint32Array(n * n);
  let rows = 0;
  for (let i = 0; i < voxels.count; i++) {
    const row = voxels.z[i] * n + voxels.y[i];
    if (slots[row] === 0) slots[row] = ++rows;
    if (slots[row + 1] === 0) slots[row + 1] = ++rows;
    if (slots[row + n] === 0) slots[row + n] = ++rows;
    if (slots[row + n + 1] === 0) slots[row + n + 1] = ++rows;
  }
  const bits = new Uint32Array((rows + 1) * rowWords);
  const mark = (row: number, x: number): void => {
    const at = slots[row] * rowWords + (x >>> 5);
    bits[at] |= 3 << (x & 31);
    if ((x & 31) === 31) bits[at + 1] |= 1;
  };
  for (let i = 0; i < voxels.count; i++) {
    const row = voxels.z[i] * n + voxels.y[i];
    mark(row, voxels.x[i]);
    mark(row + 1, voxels.x[i]);
    mark(row + n, voxels.x[i]);
    mark(row + n + 1, voxels.x[i]);
  }
  let count = 0;
  for (let i = 0; i < bits.length; i++) count += bitCount32(bits[i]);
  const corners = new Uint32Array(count);
  let made = 0;
  for (let row = 0; row < slots.length; row++) {
    if (slots[row] === 0) continue;
    for (let w = 0; w < rowWords; w++) {
      let word = bits[slots[row] * rowWords + w];
      const start = row * n + 32 * w;
      while (word !== 0) {
        corners[made++] = start + 31 - Math.clz32(word & -word);
        word &= word - 1;
      }
    }
  }
  return corners;
}

function bitCount32(word: number): number {
  return (
    BIT_COUNTS[word & 255] +
    BIT_COUNTS[(word >>> 8) & 255] +
    BIT_COUNTS[(word >>> 16) & 255] +
    BIT_COUNTS[word >>> 24]
  );
}
