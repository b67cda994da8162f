import { damaged } from "../errors.js";
import { halvesAreFinite } from "./half.js";
import { ceilLog2, packedWords, unpack } from "./packed.js";

/**
 * The bytes of one chunk, read from first to last. Every array is followed by zeros up to a multiple
 * of 4 bytes; what is not there, or not zero, throws `NfcError`.
 */
export class Payload {
  /** Where in the file these bytes are, for messages. */
  readonly where: string;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.bytes = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    this.where = where;
  }

  /** Throws, naming the place. */
  reject(what: string): never {
    damaged(`${this.where}: ${what}`);
  }

  private take(size: number): number {
    if (size > this.bytes.length - this.at) {
      this.reject(`it ends too early (${size} more bytes needed at byte ${this.at})`);
    }
    const at = this.at;
    this.at += size;
    return at;
  }

  private align(): void {
    while (this.at % 4 !== 0) {
      if (this.bytes[this.take(1)] !== 0) this.reject(`padding is not zero at byte ${this.at - 1}`);
    }
  }

  /** The next byte, which stays; -1 at the end. */
  peek(): number {
    return this.at < this.bytes.length ? this.bytes[this.at] : -1;
  }

  u8(): number {
    return this.bytes[this.take(1)];
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** n bytes and their padding. */
  byteArray(n: number): Uint8Array {
    const at = this.take(n);
    this.align();
    return this.bytes.subarray(at, at + n);
  }

  /** n u32 words, as a view of the chunk. */
  words(n: number): Uint32Array {
    const at = this.take(4 * n);
    return new Uint32Array(this.bytes.buffer, this.bytes.byteOffset + at, n);
  }

  /** n float16 as bits, a copy, all of them finite. */
  halves(n: number): Uint16Array {
    const at = this.take(2 * n);
    this.align();
    const bits = new Uint16Array(this.bytes.buffer, this.bytes.byteOffset + at, n).slice();
    if (!halvesAreFinite(bits)) this.reject("a float16 value is not a finite number");
    return bits;
  }

  /** `packed(n, bits)`, each below `limit`; `what` they are, for the message. */
  integers(n: number, bits: number, limit: number, what: string): Uint16Array {
    const values = unpack(this.words(packedWords(n, bits)), n, bits);
    if (limit < 2 ** bits) {
      for (let i = 0; i < n; i++) {
        if (values[i] >= limit) this.reject(`${what} ${values[i]} is not below ${limit}`);
      }
    }
    return values;
  }

  /** n integers below `limit`, in as many bits as that needs. */
  below(n: number, limit: number, what: string): Uint16Array {
    return this.integers(n, ceilLog2(limit), limit, what);
  }

  /** All has been read. */
  finish(): void {
    const left = this.bytes.length - this.at;
    if (left > 0) this.reject(`${left} bytes are left over behind its contents`);
  }
}
