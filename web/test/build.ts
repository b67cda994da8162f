/** Writes `.nfc` files of all kinds, sound or not, for tests and benchmarks. */

import { crc32c } from "../src/container/crc32c.js";
import { pack } from "../src/container/packed.js";
import { makeTable } from "../src/entropy/table.js";
import { random } from "./repair.js";

/** A number that CBOR is to hold as a float. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type Item =
  | number
  | bigint
  | Float
  | string
  | boolean
  | null
  | Uint8Array
  | Item[]
  | Map<string | number, Item>;

export type Header = Map<number, Item>;

/** Core deterministic CBOR. Keys are sorted; floats are as short as they can be. */
export function cbor(item: Item): Uint8Array {
  if (item === false || item === true) return Uint8Array.of(item ? 0xf5 : 0xf4);
  if (item === null) return Uint8Array.of(0xf6);
  if (typeof item === "number" || typeof item === "bigint") {
    return item < 0 ? head(1, -1n - BigInt(item)) : head(0, BigInt(item));
  }
  if (item instanceof Float) return float(item.value);
  if (item instanceof Uint8Array) return join([head(2, item.length), item]);
  if (typeof item === "string") {
    const bytes = new TextEncoder().encode(item);
    return join([head(3, bytes.length), bytes]);
  }
  if (Array.isArray(item)) return join([head(4, item.length), ...item.map(cbor)]);
  const entries = [...item].map(([key, value]) => [cbor(key), cbor(value)] as const);
  entries.sort(([a], [b]) => Buffer.compare(a, b));
  return join([head(5, item.size), ...entries.flat()]);
}

function head(major: number, argument: number | bigint): Uint8Array {
  const value = BigInt(argument);
  if (value < 24n) return Uint8Array.of((major << 5) | Number(value));
  const log = value < 2n ** 8n ? 0 : value < 2n ** 16n ? 1 : value < 2n ** 32n ? 2 : 3;
  const bytes = new Uint8Array(1 + 2 ** log);
  bytes[0] = (major << 5) | (24 + log);
  for (let i = 0; i < 2 ** log; i++)
    bytes[bytes.length - 1 - i] = Number((value >> BigInt(8 * i)) & 255n);
  return bytes;
}

function float(value: number): Uint8Array {
  // Enough for tests: halves of small integers, then float32, then float64.
  const half = halfBits(value);
  if (half !== null) return Uint8Array.of(0xf9, half >> 8, half & 255);
  const single = Math.fround(value) === value;
  const view = new DataView(new ArrayBuffer(single ? 5 : 9));
  view.setUint8(0, single ? 0xfa : 0xfb);
  if (single) view.setFloat32(1, value);
  else view.setFloat64(1, value);
  return new Uint8Array(view.buffer);
}

/** Float16 bits of a value that has them, among the normal numbers and zero. */
export function halfBits(value: number): number | null {
  if (value === 0) return Object.is(value, -0) ? 0x8000 : 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const mantissa = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  if (exponent < -14 || exponent > 15 || !Number.isInteger(mantissa)) return null;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | mantissa;
}

export function join(parts: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...parts]));
}

export function u32(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** Zeros up to a multiple of 4. */
export function aligned(bytes: Uint8Array): Uint8Array {
  return join([bytes, new Uint8Array(-bytes.length & 3)]);
}

export function doubles(...values: number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

export type Chunk = [type: string, bytes: Uint8Array];

/** A file with its checksums. `raw` stands for the header's bytes. */
export function nfc(
  header: Header | { raw: Uint8Array },
  chunks: Chunk[],
): Uint8Array<ArrayBuffer> {
  const head = header instanceof Map ? cbor(header) : header.raw;
  const table = chunks.map(([type, bytes]) =>
    join([new TextEncoder().encode(type), u32(bytes.length, crc32c(bytes))]),
  );
  const start = join([
    Uint8Array.of(0x89, 0x4e, 0x46, 0x43, 0x0d, 0x0a, 0x1a, 0x0a, 1, 0),
    Uint8Array.of(chunks.length & 255, chunks.length >> 8),
    u32(head.length),
  ]);
  const rest = aligned(join([...table, head]));
  const crc = crc32c(rest, crc32c(start));
  return join([
    start,
    u32(crc),
    rest,
    ...chunks.map(([, bytes]) => bytes),
  ]) as Uint8Array<ArrayBuffer>;
}

/** `packed(n, bits)`. */
export function packed(values: ArrayLike<number>, bits: number): Uint8Array {
  return new Uint8Array(pack(Uint16Array.from(values), bits).buffer);
}

/** `u32 W` and W words from which symbols come in this order, each with the table of `levels`. */
export function ans(symbols: ArrayLike<number>, levels: number[]): Uint8Array {
  const table = makeTable(Uint16Array.from(levels));
  if (table === null) throw new Error("a table without weights");
  const place = new Map(Array.from(table.symbols, (symbol, k) => [symbol, k]));
  const words: number[] = [];
  let state = 0n;
  for (let i = symbols.length - 1; i >= 0; i--) {
    const k = place.get(symbols[i])!;
    const start = BigInt(table.starts[k]);
    const frequency = BigInt(table.starts[k + 1]) - start;
    if (state >= frequency << 40n) {
      words.push(Number(state & 0xffffffffn));
      state >>= 32n;
    }
    state = ((state / frequency) << 24n) + (state % frequency) + start;
  }
  for (; state > 0n; state >>= 32n) words.push(Number(state & 0xffffffffn));
  return join([u32(words.length), new Uint8Array(Uint32Array.from(words.reverse()).buffer)]);
}

/** A header of one scalar field on one grid, to be changed by tests. */
export function scalarHeader(levels: Item[], features = 1): Header {
  return new Map<number, Item>([
    [0, 2],
    [1, doubles(-1, -1, -1, 1, 1, 1)],
    [
      2,
      [
        new Map<number, Item>([
          [0, 0],
          [1, levels],
        ]),
      ],
    ],
    [3, [network("values", [input("features")], [layer(1, features)])]],
  ]);
}

export function network(name: string, inputs: Item[], layers: Item[]): Map<number, Item> {
  return new Map<number, Item>([
    [0, name],
    [1, inputs],
    [2, layers],
  ]);
}

export function input(source: string, encoding: Item = [0]): Map<number, Item> {
  return new Map<number, Item>([
    [0, source],
    [1, encoding],
  ]);
}

/** A layer without bias. */
export function layer(outputs: number, inputs: number): Map<number, Item> {
  return new Map<number, Item>([
    [0, outputs],
    [1, inputs],
    [2, 0],
    [3, false],
    [4, new Float(1)],
  ]);
}

export function level(lod: number, layout: Item, code: Item): Map<number, Item> {
  return new Map<number, Item>([
    [0, lod],
    [1, layout],
    [2, 1],
    [3, code],
  ]);
}

/** A float16 section of n zeros. */
export function zeros(n: number): Uint8Array {
  return join([u32(0), aligned(new Uint8Array(2 * n))]);
}

/**
 * Dense levels of the shape and of its doublings, each with indices below 16, coded with one table.
 */
export function madeUpField(shape: [number, number, number], levels = 2): Uint8Array<ArrayBuffer> {
  const next = random(1);
  const headers: Item[] = [];
  const chunks: Chunk[] = [["NETW", zeros(1)]];
  for (let lod = 0; lod < levels; lod++) {
    const sides = shape.map((side) => side << lod);
    const rows = sides.reduce((a, b) => a * b);
    headers.push(level(lod, [0, true, 1, ...sides], [1, 16]));
    const symbols = Uint8Array.from({ length: rows }, () => Math.floor(next() * next() * 16));
    const shares = Array.from({ length: 16 }, (_, i) => 60 - 3 * i);
    const section = join([Uint8Array.of(2, 6, 0, 0), packed(shares, 6), ans(symbols, shares)]);
    chunks.push(["LEVL", join([zeros(16), section])]);
  }
  return nfc(scalarHeader(headers), chunks);
}
