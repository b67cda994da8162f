import { AnsDecoder } from "./ans.js";
import { unsupported } from "../errors.js";
import { stepToHalf } from "../container/half.js";
import type { Lattice } from "./lattice.js";
import { NEIGHBORS, neighborsWork, readForest, readNeighbors } from "./neighbors.js";
import type { Payload } from "../container/payload.js";
import { makeTable } from "./table.js";
import { CONSTANTS, type Work } from "../container/work.js";

/** Where a symbol section's symbols lie. */
export interface Surroundings {
  lattice: Lattice;
  /** Morton codes of the voxels between the sites; `null` where all are there. */
  voxels: Uint32Array | null;
  /** What decoding the file comes to so far. */
  work: Work;
}

/** A symbol section (specification, section 7) of n symbols below `numSymbols`. */
export function readSymbols(
  payload: Payload,
  n: number,
  numSymbols: number,
  surroundings: Surroundings | null,
): Uint16Array {
  const form = payload.peek();
  if (form === NEIGHBORS) {
    if (surroundings === null) return payload.reject("symbols beside neighbors without sites");
    const { lattice, voxels, work } = surroundings;
    const forest = readForest(payload, 1, numSymbols, lattice);
    work.add(neighborsWork(forest, lattice), payload.where);
    return readNeighbors(payload, forest, null, lattice, voxels);
  }
  payload.u8();
  const width = payload.u8();
  const x = payload.u16();
  if (form > NEIGHBORS) unsupported(`${payload.where}: symbol section of form ${form}`);
  if (form === 2 ? width < 1 || width > 6 : width !== 0) {
    payload.reject(`a symbol section of form ${form} with width ${width}`);
  }
  if (form !== 0 && x !== 0) {
    payload.reject(`a symbol section of form ${form} with ${x} where 0 belongs`);
  }
  surroundings?.work.add(form === 0 ? Math.floor(n / CONSTANTS) : n, payload.where);
  if (form === 0) {
    if (x >= numSymbols) payload.reject(`symbol ${x} is not below ${numSymbols}`);
    return new Uint16Array(n).fill(x);
  }
  if (form === 1) return payload.below(n, numSymbols, "symbol");
  const table = makeTable(payload.integers(numSymbols, width, 64, "level"));
  if (table === null) return payload.reject("the weights of the table");
  const ans = new AnsDecoder(payload);
  const symbols = new Uint16Array(n);
  ans.decode(table, symbols);
  ans.finish();
  return symbols;
}

/** A float16 section (specification, section 6) of n values, as bits. */
export function readHalves(payload: Payload, n: number, work: Work): Uint16Array {
  const form = payload.u32();
  if (form === 0) return payload.halves(n);
  if (form === 2) {
    // Steps may take no bytes at all, where other forms take one for each value.
    work.add(n, payload.where);
    return readSteps(payload, n);
  }
  if (form !== 1) unsupported(`${payload.where}: float16 section of form ${form}`);
  const bits = readSymbols(payload, n, 256, null);
  const low = payload.byteArray(n);
  for (let i = 0; i < n; i++) {
    bits[i] = (bits[i] << 8) | low[i];
    if ((bits[i] & 0x7c00) === 0x7c00) payload.reject("a float16 value is not a finite number");
  }
  return bits;
}

/** The blocks of a float16 section of form 2: multiples of powers of two. */
function readSteps(payload: Payload, n: number): Uint16Array {
  const blocks = payload.u32();
  if (blocks < 1 || blocks > 4096) payload.reject(`${blocks} blocks of steps`);
  const values = new Uint16Array(n);
  let at = 0;
  for (let block = 0; block < blocks; block++) {
    const [size, numSymbols, origin] = [payload.u32(), payload.u16(), payload.u16()];
    const exponent = payload.byteArray(1)[0];
    const possible = numSymbols >= 1 && numSymbols <= origin + 2049 && origin <= 2048;
    if (!possible || size > n - at || exponent > 28) {
      const what = `of ${numSymbols}, origin ${origin}, exponent ${exponent}`;
      payload.reject(`an impossible block of ${size} steps (${what})`);
    }
    const symbols = readSymbols(payload, size, numSymbols, null);
    for (const symbol of symbols) values[at++] = stepToHalf(symbol - origin, exponent);
  }
  if (at !== n) payload.reject(`${at} values in steps where ${n} belong`);
  return values;
}
