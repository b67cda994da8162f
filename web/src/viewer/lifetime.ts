/** Something that may end at any moment, and work on it that would then never be done. */
export class Lifetime {
  readonly #waiting = new Set<(reason: Error) => void>();
  #ended: Error | null = null;

  /** @param end resolves to the reason once it has ended */
  constructor(end: Promise<Error>) {
    void end.then((reason) => {
      this.#ended = reason;
      for (const stop of this.#waiting) stop(reason);
    });
  }

  /**
   * What comes of `work`; rejects with the reason if the end comes first.
   *
   * No race against a promise of the end: that would hold what came of all work until then.
   */
  async during<T>(work: Promise<T>): Promise<T> {
    let stop: (reason: Error) => void = () => undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        stop = reject;
        this.#waiting.add(stop);
        if (this.#ended !== null) reject(this.#ended);
        work.then(resolve, reject);
      });
    } finally {
      this.#waiting.delete(stop);
    }
  }
}
