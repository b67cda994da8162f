import { crc32c } from "../src/container/crc32c.js";

/** A copy of a file with all checksums made right, if its front can be made out. */
export function repaired(file: Uint8Array): Uint8Array {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  const count = view.getUint16(10, true);
  const table = 20 + 12 * count;
  let offset = Math.ceil((table + view.getUint32(12, true)) / 4) * 4;
  if (offset > bytes.length) return bytes;
  const front = offset;
  for (let i = 0; i < count; i++) {
    const at = 20 + 12 * i;
    const length = view.getUint32(at + 4, true);
    if (offset + length > bytes.length) break;
    view.setUint32(at + 8, crc32c(bytes.subarray(offset, offset + length)), true);
    offset += length;
  }
  const crc = crc32c(bytes.subarray(20, front), crc32c(bytes.subarray(0, 16)));
  view.setUint32(16, crc, true);
  return bytes;
}

/** Numbers in [0, 1) that are the same on every run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
