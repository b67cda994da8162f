import { CborFloat, type CborValue } from "./cbor.js";
import { damaged, unsupported } from "../errors.js";

/**
 * A map with unsigned keys, of which only `known` ones may be there.
 * Everything read from it is checked, and names the place if it is wrong.
 */
export function entriesOf(value: CborValue, where: string, known: number[]): Entries {
  if (!(value instanceof Map)) damaged(`${where} is not a map`);
  for (const key of value.keys()) {
    if (typeof key === "string") damaged(`${where} has the text ${JSON.stringify(key)} for a key`);
    if (!known.includes(key as number)) unsupported(`${where} has an entry ${key}`);
  }
  return new Entries(value as Map<number, CborValue>, where);
}

export class Entries {
  readonly where: string;
  private readonly map: Map<number, CborValue>;

  constructor(map: Map<number, CborValue>, where: string) {
    this.map = map;
    this.where = where;
  }

  has(key: number): boolean {
    return this.map.has(key);
  }

  private get(key: number): CborValue {
    const value = this.map.get(key);
    if (value === undefined) return damaged(`${this.where} has no entry ${key}`);
    return value;
  }

  private asInteger(value: CborValue | undefined, what: string, least: number): number {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (typeof number !== "number") return damaged(`${this.where}: ${what} is not an integer`);
    if (number < least) damaged(`${this.where}: ${what} is ${number}, below ${least}`);
    return number;
  }

  /** An integer of at least `least`. Beyond 2^53 it is rounded, and still too large for anything. */
  integer(key: number, least = 0): number {
    return this.asInteger(this.get(key), `entry ${key}`, least);
  }

  /** A number standing for one of `names`; one that is not listed is unsupported. */
  name<T>(key: number, names: readonly T[]): T {
    return names[this.oneOf(this.get(key), names.length, `entry ${key}`)];
  }

  bytes(key: number): Uint8Array {
    const value = this.get(key);
    if (value instanceof Uint8Array) return value;
    return damaged(`${this.where}: entry ${key} is not a byte string`);
  }

  text(key: number): string {
    const value = this.get(key);
    if (typeof value === "string") return value;
    return damaged(`${this.where}: entry ${key} is not a text`);
  }

  boolean(key: number): boolean {
    const value = this.get(key);
    if (typeof value === "boolean") return value;
    return damaged(`${this.where}: entry ${key} is neither true nor false`);
  }

  /** A float of at most 1e30 in size. */
  float(key: number): number {
    return this.asFloat(this.get(key), `entry ${key}`);
  }

  private asFloat(value: CborValue | undefined, what: string): number {
    if (!(value instanceof CborFloat) || Math.abs(value.value) > 1e30) {
      return damaged(`${this.where}: ${what} is not a float of at most 1e30`);
    }
    return value.value;
  }

  array(key: number): CborValue[] {
    const value = this.get(key);
    if (Array.isArray(value)) return value;
    return damaged(`${this.where}: entry ${key} is not an array`);
  }

  /** Item `index` of the array at `key`, an integer of at least `least`. */
  item(key: number, index: number, least: number): number {
    return this.asInteger(this.array(key)[index], `item ${index} of entry ${key}`, least);
  }

  /** The same, a float of at most 1e30 in size. */
  floatItem(key: number, index: number): number {
    return this.asFloat(this.array(key)[index], `item ${index} of entry ${key}`);
  }

  /** The first item of an array: which of `count` forms it has. */
  choice(key: number, array: CborValue[], count: number): number {
    if (array.length === 0) damaged(`${this.where}: entry ${key} is empty`);
    return this.choiceAt(key, 0, count);
  }

  /** The first item of the array at `key`: the frozen id of what it describes. */
  id(key: number): number {
    const array = this.array(key);
    if (array.length === 0) damaged(`${this.where}: entry ${key} is empty`);
    return this.asInteger(array[0], `item 0 of entry ${key}`, 0);
  }

  /** Names {@link id} in messages. */
  whereId(key: number): string {
    return `${this.where}: item 0 of entry ${key}`;
  }

  /** Item `index` of the array at `key`: which of `count` numbered things. */
  choiceAt(key: number, index: number, count: number): number {
    return this.oneOf(this.array(key)[index], count, `item ${index} of entry ${key}`);
  }

  private oneOf(value: CborValue | undefined, count: number, what: string): number {
    const number = this.asInteger(value, what, 0);
    if (number >= count) unsupported(`${this.where}: ${what} is ${number}`);
    return number;
  }

  /** The array at `key` has exactly this many items. */
  fields(key: number, array: CborValue[], count: number): void {
    if (array.length !== count) {
      damaged(`${this.where}: entry ${key} has ${array.length} items instead of ${count}`);
    }
  }
}
