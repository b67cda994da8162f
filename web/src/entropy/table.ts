/** Frequencies sum to 2^24. */
const TOTAL = 1 << 24;

/** A frequency table made ready for decoding. Symbols that do not occur are not in it. */
export interface Table {
  /** Sum of the frequencies before each occurring symbol, and 2^24 at the end. */
  starts: Uint32Array;
  symbols: Uint16Array;
  /** For q, an entry at or before the one it belongs to: `lookup[q >>> shift]`. */
  lookup: Uint16Array;
  shift: number;
}

/** The weight of a table level (0..63), specification section 7. */
export function levelWeight(level: number): number {
  return level < 8 ? level : (4 + (level & 3)) << ((level >> 2) - 1);
}

/** The weights of all table levels that the format has. */
const WEIGHTS = Uint32Array.from({ length: 64 }, (_, level) => levelWeight(level));

/** The table of symbols with these `levels`; `null` if weights sum to 0 or to more than 2^24. */
export function makeTable(levels: Uint16Array): Table | null {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < levels.length; i++) {
    sum += WEIGHTS[levels[i]];
    if (levels[i] > 0) count++;
  }
  if (sum === 0 || sum > TOTAL) return null;

  const starts = new Uint32Array(count + 1);
  const occurring = new Uint16Array(count);
  let entry = 0;
  let greatest = 0;
  let level = 0;
  let start = 0;
  for (let i = 0; i < levels.length; i++) {
    if (levels[i] === 0) continue;
    occurring[entry] = i;
    if (levels[i] > level) {
      level = levels[i];
      greatest = entry;
    }
    // Quotients stay below 2^24 and divisors below 2^25, so that the division cannot round up.
    start += Math.floor((WEIGHTS[levels[i]] * TOTAL) / sum);
    starts[++entry] = start;
  }
  for (let i = greatest + 1; i <= count; i++) starts[i] += TOTAL - start;

  const bits = Math.min(Math.max(34 - Math.clz32(count), 4), 12);
  const shift = 24 - bits;
  const lookup = new Uint16Array(1 << bits);
  let k = 0;
  for (let cell = 0; cell < lookup.length; cell++) {
    while (starts[k + 1] <= cell << shift) k++;
    lookup[cell] = k;
  }
  return { starts, symbols: occurring, lookup, shift };
}
