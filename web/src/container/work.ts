import { overLimit } from "../errors.js";
import { LIMITS } from "../limits.js";

/** The most work that a file may ask for, however long it is (specification, section 9). */
export const MAX_WORK = LIMITS.work.most;

/** Symbols of one value that take as much work as one other symbol. */
export const CONSTANTS = 8;

/**
 * Counts what decoding a file comes to: symbols may cost almost no bits and levels may refer to
 * larger ones. What a file may ask for grows with its bytes.
 */
export class Work {
  #done = 0;
  #bytes = 0;

  /** What has been counted so far. */
  get done(): number {
    return this.#done;
  }

  /** What was counted since `done` came to nothing. */
  takeBackTo(done: number): void {
    this.#done = done;
  }

  /** The next steps are in a chunk that ends with so many bytes of chunks with work in them. */
  reach(bytes: number): void {
    this.#bytes = bytes;
  }

  /**
   * `amount` more is about to be done.
   *
   * @throws NfcError `limit` if that is too much, taken together
   */
  add(amount: number, where: string): void {
    this.#done += amount;
    const { free, perByte } = LIMITS.work;
    const most = Math.min(MAX_WORK, free + perByte * this.#bytes);
    if (this.#done > most) {
      const of = most === MAX_WORK ? "" : ` for a file of ${this.#bytes} bytes so far`;
      overLimit(
        `${where}: the work of decoding so far is ${this.#done}, the limit is ${most}${of}`,
      );
    }
  }
}
