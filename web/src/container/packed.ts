/** `packed(n, b)` of the specification: n integers of b bits (1..16), low bits first. */

/** The least b >= 1 with `2^b >= n`. */
export function ceilLog2(n: number): number {
  return n <= 2 ? 1 : 32 - Math.clz32(n - 1);
}

/** Number of u32 words that hold n integers of `bits` bits. */
export function packedWords(n: number, bits: number): number {
  return Math.ceil((n * bits) / 32);
}

/** The n integers in `words`. */
export function unpack(words: Uint32Array, n: number, bits: number): Uint16Array {
  const values = new Uint16Array(n);
  const mask = (1 << bits) - 1;
  let word = 0;
  let shift = 0;
  for (let i = 0; i < n; i++) {
    let value = words[word] >>> shift;
    shift += bits;
    if (shift >= 32) {
      shift -= 32;
      word++;
      if (shift > 0) value |= words[word] << (bits - shift);
    }
    values[i] = value & mask;
  }
  return values;
}

/** `values`, all below `2^bits`, as words. */
export function pack(values: Uint16Array, bits: number): Uint32Array {
  const words = new Uint32Array(packedWords(values.length, bits));
  let word = 0;
  let shift = 0;
  let filling = 0;
  for (let i = 0; i < values.length; i++) {
    filling |= values[i] << shift;
    shift += bits;
    if (shift >= 32) {
      words[word++] = filling;
      shift -= 32;
      filling = shift > 0 ? values[i] >>> (bits - shift) : 0;
    }
  }
  if (shift > 0) words[word] = filling;
  return words;
}
