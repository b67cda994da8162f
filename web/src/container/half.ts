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
