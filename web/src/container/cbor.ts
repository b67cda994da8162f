import { damaged, overLimit } from "../errors.js";
import { halfToNumber } from "./half.js";
import { LIMITS } from "../limits.js";

/** The greatest depth of an item; the outermost is at depth 1. */
const MAX_DEPTH = 40;
/** A CBOR float, which the format tells from an integer. */
export class CborFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A map whose keys are texts, or one whose keys are unsigned integers. */
export type CborMap = Map<string | number | bigint, CborValue>;

export type CborValue =
  | number
  | bigint
  | CborFloat
  | string
  | boolean
  | null
  | Uint8Array
  | CborValue[]
  | CborMap;

/**
 * The one CBOR item in `bytes`, in the format's strict subset of RFC 8949 (specification, section
 * 1), with at most three zero bytes behind it. Integers beyond 2^53 are bigints.
 *
 * @param items how many there have been of what shares one limit: each takes a byte in the file
 *   and some two hundred in memory
 */
export function decodeCbor(
  bytes: Uint8Array,
  where: string,
  items: { count: number } = { count: 0 },
): CborValue {
  const reader = new Reader(bytes, where, items);
  const value = reader.item(1);
  const rest = bytes.subarray(reader.at);
  if (rest.length > 3 || rest.some((byte) => byte !== 0)) reader.reject("more follows the item");
  return value;
}

/**
 * What was decoded as plain JavaScript values: floats as numbers, maps as objects. What JSON has no
 * form for (byte strings, keys other than texts) is damaged.
 */
export function toPlain(value: CborValue, where: string): unknown {
  if (value instanceof CborFloat) return value.value;
  if (value instanceof Uint8Array) return damaged(`${where}: a byte string`);
  if (Array.isArray(value)) return value.map((item) => toPlain(item, where));
  if (value instanceof Map) {
    // Without a prototype, so that the key "__proto__" is a key like any other.
    const object = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of value) {
      if (typeof key !== "string") damaged(`${where}: a number for a key`);
      object[key] = toPlain(item, where);
    }
    return object;
  }
  return value;
}

const texts = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Reader {
  at = 0;
  private readonly items: { count: number };
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly where: string;

  constructor(bytes: Uint8Array, where: string, items: { count: number }) {
    this.items = items;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.where = where;
  }

  reject(what: string): never {
    damaged(`${this.where}: CBOR at byte ${this.at}: ${what}`);
  }

  private take(size: number): number {
    if (size > this.bytes.length - this.at) this.reject("it ends too early");
    const at = this.at;
    this.at += size;
    return at;
  }

  /** The argument of an initial byte: a number, or a bigint if it is not a safe integer. */
  private argument(info: number): number | bigint {
    if (info < 24) return info;
    let value: number | bigint;
    let least: number;
    if (info === 24) {
      value = this.bytes[this.take(1)];
      least = 24;
    } else if (info === 25) {
      value = this.view.getUint16(this.take(2));
      least = 2 ** 8;
    } else if (info === 26) {
      value = this.view.getUint32(this.take(4));
      least = 2 ** 16;
    } else if (info === 27) {
      const wide = this.view.getBigUint64(this.take(8));
      value = wide <= Number.MAX_SAFE_INTEGER ? Number(wide) : wide;
      least = 2 ** 32;
    } else {
      return this.reject("an indefinite length or a reserved form");
    }
    if (value < least) this.reject("a number is not in its shortest form");
    return value;
  }

  /** An argument that counts bytes or items, each of which takes a byte at least. */
  private length(info: number): number {
    const length = this.argument(info);
    if (length > this.bytes.length - this.at) this.reject("it ends too early");
    return Number(length);
  }

  item(depth: number): CborValue {
    if (++this.items.count > LIMITS.items) {
      overLimit(`${this.where}: more than ${LIMITS.items} CBOR items`);
    }
    if (depth > MAX_DEPTH) this.reject(`it is nested deeper than ${MAX_DEPTH}`);
    const initial = this.bytes[this.take(1)];
    const major = initial >> 5;
    const info = initial & 31;
    switch (major) {
      case 0:
        return this.argument(info);
      case 1: {
        const value = -1n - BigInt(this.argument(info));
        return value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
      }
      case 2: {
        const length = this.length(info);
        const at = this.take(length);
        return this.bytes.slice(at, at + length);
      }
      case 3:
        return this.text(info);
      case 4: {
        const items: CborValue[] = [];
        for (let left = this.length(info); left > 0; left--) items.push(this.item(depth + 1));
        return items;
      }
      case 5:
        return this.map(info, depth);
      case 6:
        return this.reject("a tag");
      default:
        return this.simple(info);
    }
  }

  private text(info: number): string {
    const length = this.length(info);
    const at = this.take(length);
    try {
      return texts.decode(this.bytes.subarray(at, at + length));
    } catch {
      return this.reject("a text that is not UTF-8");
    }
  }

  private map(info: number, depth: number): CborMap {
    const map: CborMap = new Map();
    let before: Uint8Array | null = null;
    let kind: string | null = null;
    for (let left = this.length(info); left > 0; left--) {
      const start = this.at;
      const major = this.bytes[this.take(1)] >> 5;
      if (major !== 0 && major !== 3) this.reject("a key is neither a text nor unsigned");
      this.at = start;
      const key = this.item(depth + 1) as string | number | bigint;
      const encoded = this.bytes.subarray(start, this.at);
      const type = major === 3 ? "text" : "number";
      if (kind !== null && kind !== type) this.reject("a map has texts and numbers for keys");
      if (before !== null && compare(before, encoded) >= 0) {
        this.reject("the keys of a map are not in order, or equal");
      }
      kind = type;
      before = encoded;
      map.set(key, this.item(depth + 1));
    }
    return map;
  }

  private simple(info: number): CborValue {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    let value: number;
    let shorter = false;
    if (info === 25) {
      value = halfToNumber(this.view.getUint16(this.take(2)));
    } else if (info === 26) {
      value = this.view.getFloat32(this.take(4));
      shorter = isHalf(value);
    } else if (info === 27) {
      value = this.view.getFloat64(this.take(8));
      shorter = Math.fround(value) === value;
    } else {
      return this.reject("a simple value other than true, false and null");
    }
    if (!Number.isFinite(value)) this.reject("a float is not finite");
    if (shorter) this.reject("a float is not in its shortest form");
    return new CborFloat(value);
  }
}

/** Whether float16 has this finite value. */
function isHalf(value: number): boolean {
  const size = Math.abs(value);
  if (size > 65504) return false;
  const exponent = Math.max(Math.floor(Math.log2(size || 1)), -14);
  // log2 may be off by one next to a power of two; both neighbors' steps are tried.
  return [exponent - 1, exponent, exponent + 1].some((e) => {
    const steps = size / 2 ** (Math.max(e, -14) - 10);
    return Number.isInteger(steps) && steps < 2048;
  });
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}
