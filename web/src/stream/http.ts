import { NfcError } from "../types.js";
import type { ByteSource } from "./source.js";

export interface HttpOptions {
  signal?: AbortSignal;
  /** Tries in a row that may fail without a new byte, once the server has answered; 6. */
  retries?: number;
  /** The same before its first answer; 2. */
  firstRetries?: number;
  /** The wait before the first retry in ms, doubled for each further one up to 8 s; 250. */
  backoff?: number;
  /** A connection that gives nothing for this many ms counts as cut; 30,000. */
  stall?: number;
}

/** Answers that are worth another try. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
const LONGEST_WAIT = 8000;

/** A connection that ended too early, or an answer that may be another one soon. */
class Interruption extends Error {
  readonly wait: number;

  constructor(message: string, wait = 0) {
    super(message);
    this.wait = wait;
  }
}

/** What tells one version of a file from another. */
interface Version {
  etag: string | null;
  modified: string | null;
  total: number | null;
}

/**
 * A file on a web server.
 *
 * It is asked for as a range from the first missing byte (RFC 9110, section 14). A server that has
 * ranges goes on there after a cut connection; of one that has none the bytes that are there
 * already are read again and dropped; so it is with one that sends the file compressed, whose ranges
 * are those of the compressed bytes. All answers must be of the same version of the file, as far
 * as `ETag`, `Last-Modified` and the length tell.
 */
export class HttpSource implements ByteSource {
  private readonly url: string;
  private readonly options: HttpOptions;
  private version: Version | null = null;
  private received = 0;
  /** Whether the last answer was compressed: what its server counts are not the file's bytes. */
  private compressed = false;

  constructor(url: string, options: HttpOptions = {}) {
    this.url = url;
    this.options = options;
  }

  get total(): number | null {
    return this.version?.total ?? null;
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    const { signal, retries = 6, firstRetries = 2, backoff = 250 } = this.options;
    let failures = 0;
    for (;;) {
      const before = this.received;
      try {
        yield* this.answer();
        if (this.total === null || this.received >= this.total) return;
        if (this.received === before) throw new Interruption("the server sends nothing");
        failures = 0;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof NfcError) throw error;
        if (this.received > before) failures = 0;
        failures += 1;
        const reason = error instanceof Error ? error.message : String(error);
        // A cut may take bytes with it that were under way: an answer without any is still one.
        if (failures > (this.version !== null ? retries : firstRetries)) throw this.givenUp(reason);
        const wait =
          Math.min(backoff * 2 ** (failures - 1), LONGEST_WAIT) * (0.75 + Math.random() / 2);
        await pause(Math.max(wait, error instanceof Interruption ? error.wait : 0), signal);
      }
    }
  }

  private givenUp(reason: string): NfcError {
    if (this.version === null) return this.failure(`the server could not be reached (${reason})`);
    const of = this.total === null ? "" : ` of ${this.total}`;
    return this.failure(`the connection was lost after ${this.received}${of} bytes (${reason})`);
  }

  private failure(what: string): NfcError {
    return new NfcError("network", `${what}: ${this.url}`);
  }

  /** One request, for all that is missing. */
  private async *answer(): AsyncGenerator<Uint8Array, void, undefined> {
    const { signal, stall = 30_000 } = this.options;
    const attempt = new AbortController();
    const abort = (): void => attempt.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        attempt.abort(new Interruption(`nothing came for ${stall / 1000} seconds`));
      }, stall);
    };
    try {
      alive();
      const from = this.compressed ? 0 : this.received;
      const response = await fetch(this.url, {
        headers: { range: `bytes=${from}-` },
        signal: attempt.signal,
      });
      let skip = this.received - this.check(response, from);
      const reader = response.body?.getReader();
      if (reader === undefined) return;
      for (;;) {
        alive();
        const { done, value } = await reader.read();
        if (done) return;
        const fresh = value.subarray(Math.min(skip, value.length));
        skip -= value.length - fresh.length;
        if (fresh.length === 0) continue;
        this.received += fresh.length;
        // The reader of these bytes may take its time, which is no stall of the connection.
        clearTimeout(timer);
        yield fresh;
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      attempt.abort();
    }
  }

  /**
   * Whether this answer, to a request for all `from` a byte on, is of use. Returns where in the file
   * its body begins.
   */
  private check(response: Response, from: number): number {
    const { status, statusText, headers } = response;
    const said = `${status} ${statusText}`.trim();
    if (PASSING.has(status)) {
      const seconds = Number(headers.get("retry-after") ?? 0);
      const wait = Number.isFinite(seconds) ? Math.min(1000 * seconds, LONGEST_WAIT) : 0;
      throw new Interruption(`the server answered ${said}`, wait);
    }
    if (status === 416) {
      if (this.received > 0) throw this.changed();
      throw new NfcError("damaged", `the file is empty: ${this.url}`);
    }
    if (status === 404 || status === 410) throw this.failure(`there is no such file (${said})`);
    if (status === 401 || status === 403) throw this.failure(`the server denies access (${said})`);
    if (status !== 200 && status !== 206) throw this.failure(`the server answered ${said}`);

    const [start, counted] = status === 206 ? this.range(response, from) : [0, sizeOf(response, 0)];
    this.compressed = (headers.get("content-encoding") ?? "identity") !== "identity";
    const total = this.compressed ? null : counted;
    this.compare({ etag: headers.get("etag"), modified: headers.get("last-modified"), total });
    return start;
  }

  /** The start of the range in a 206, and the size of the file. */
  private range(response: Response, from: number): [number, number | null] {
    const range = response.headers.get("content-range");
    if (range === null) {
      // A server elsewhere may keep this header from us; the chunks' checksums then have to do.
      if (response.type === "cors") return [from, sizeOf(response, from)];
      throw this.failure("the server answered with a part of the file but not which (206)");
    }
    const found = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(range.trim());
    const [start, last] = [Number(found?.[1]), Number(found?.[2])];
    const total = found === null || found[3] === "*" ? null : Number(found[3]);
    const wrong = start !== from || last < start || (total !== null && last >= total);
    if (found === null || wrong) {
      throw this.failure(
        `the server was asked for the bytes from ${from} on ` +
          `and answered with others (206, "${range}")`,
      );
    }
    return [start, total];
  }

  private compare(version: Version): void {
    const before = this.version;
    this.version ??= version;
    if (before === null) return;
    before.total ??= version.total;
    for (const key of ["etag", "modified", "total"] as const) {
      if (before[key] !== null && version[key] !== null && before[key] !== version[key]) {
        throw this.changed();
      }
    }
  }

  private changed(): NfcError {
    return this.failure("the file was changed on the server while it was being read");
  }
}

/** The size of the file if the answer's body goes from `start` to its end; `null` if not said. */
function sizeOf({ headers }: Response, start: number): number | null {
  const length = headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? start + Number(length) : null;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
