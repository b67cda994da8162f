import type { Payload } from "../container/payload.js";
import type { Table } from "./table.js";

/**
 * The range ANS decoder of the specification, section 7. Its 64-bit state is two u32 halves.
 */
export class AnsDecoder {
  private readonly payload: Payload;
  private readonly words: Uint32Array;
  private next = 0;
  private high = 0;
  private low = 0;

  /** Starts at a `u32 W` and its W words in `payload`. */
  constructor(payload: Payload) {
    this.payload = payload;
    this.words = payload.words(payload.u32());
    if (this.words.length > 0) {
      if (this.words[0] === 0) payload.reject("the first ANS word is 0");
      this.low = this.words[this.next++];
    }
    if (this.words.length > 1) {
      this.high = this.low;
      this.low = this.words[this.next++];
    }
  }

  /** Fills `out` with symbols of `table`. */
  decode(table: Table, out: Uint16Array): void {
    const { starts, symbols, lookup, shift } = table;
    const words = this.words;
    const end = words.length;
    let next = this.next;
    let high = this.high;
    let low = this.low;
    for (let i = 0; i < out.length; i++) {
      const q = low & 0xffffff;
      let k = lookup[q >>> shift];
      while (starts[k + 1] <= q) k++;
      const start = starts[k];
      const frequency = starts[k + 1] - start;
      // state // 2^24 is top * 2^32 + rest. frequency * rest is below 2^56: its low half is what
      // imul gives, and its high half is exact because a double's error is far below 2^32.
      const top = high >>> 24;
      const rest = ((high << 8) | (low >>> 24)) >>> 0;
      let product = Math.imul(frequency, rest) >>> 0;
      high = ((frequency * rest - product) * 2 ** -32 + 0.5 + frequency * top) >>> 0;
      product += q - start;
      if (product >= 4294967296) high = (high + 1) >>> 0;
      low = product >>> 0;
      if (high === 0 && next < end) {
        high = low;
        low = words[next++];
      }
      out[i] = symbols[k];
    }
    this.next = next;
    this.high = high;
    this.low = low;
  }

  /** Nothing is left of the state or of the words. */
  finish(): void {
    if (this.high !== 0 || this.low !== 0 || this.next !== this.words.length) {
      this.payload.reject("its ANS words do not end where its symbols do");
    }
  }
}
