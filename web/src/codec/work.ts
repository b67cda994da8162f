import { overLimit } from "./errors.js";

/** The most work that a file may ask for (specification, section 9). */
export const MAX_WORK = 2 ** 30;

/**
 * Counts what decoding a file comes to: symbols may cost almost no bits and levels may refer to
 * larger ones, so that a file's size says nothing about it.
 */
export class Work {
  #done = 0;

  /** What has been counted so far. */
  get done(): number {
    return this.#done;
  }

  /** What was counted since `done` came to nothing. */
  takeBackTo(done: number): void {
    this.#done = done;
  }

  /**
   * `amount` more is about to be done.
   *
   * @throws NfcError `limit` if that is too much, taken together
   */
  add(amount: number, where: string): void {
    this.#done += amount;
    if (this.#done > MAX_WORK) {
      overLimit(`${where}: the work of decoding so far is ${this.#done}, the limit is ${MAX_WORK}`);
    }
  }
}
