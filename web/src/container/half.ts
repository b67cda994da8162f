/** The float16 of these bits as a number. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** Whether all of these float16 bits are finite numbers. */
export function halvesAreFinite(bits: Uint16Array): boolean {
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i] & 0x7c00) === 0x7c00) return false;
  }
  return true;
}

/** Float16 bits as float32 values. */
export function halvesToFloats(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) floats[i] = halfToNumber(bits[i]);
  return floats;
}

/** The float16 bits of `multiple * 2^(exponent - 24)`; |multiple| <= 2048, exponent 0..28. */
export function stepToHalf(multiple: number, exponent: number): number {
  if (multiple === 0) return 0;
  const sign = multiple < 0 ? 0x8000 : 0;
  const size = Math.abs(multiple);
  // The place of the highest bit: below 2^10 steps of 2^-24 the value is subnormal.
  const top = 31 - Math.clz32(size) + exponent;
  if (top < 10) return sign | (size * 2 ** exponent);
  const mantissa = size * 2 ** (exponent - top + 10);
  return sign | (((top - 9) << 10) + mantissa - 1024);
}

/** The nearest float16 bits of float32 values, ties to even; those beyond its range at its ends. */
export function floatsToHalves(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = (words[i] >>> 16) & 0x8000;
    const size = words[i] & 0x7fffffff;
    if (size < 0x38800000) {
      // Below 2^-14: a multiple of 2^-24, which Math.round would round up when tied.
      const steps = Math.abs(values[i]) * 2 ** 24;
      const low = Math.floor(steps);
      const more = steps - low > 0.5 || (steps - low === 0.5 && low % 2 === 1);
      bits[i] = sign | (low + (more ? 1 : 0));
    } else {
      const rounded = (size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13;
      bits[i] = sign | Math.min(rounded, 0x7bff);
    }
  }
  return bits;
}
