import { plainBytes, type Bytes } from "../coding/front.js";
import { NfcError, type Field } from "../types.js";
import { fileSource, isFile } from "./file.js";
import { HttpSource } from "./http.js";
import { applyUpdate, type OpenMessage, type WorkerMessage } from "./messages.js";
import type { Progress, ReadOptions } from "./read.js";
import { BlobSource, type ByteSource } from "./source.js";

export type { Progress } from "./read.js";

export interface OpenOptions extends ReadOptions {
  onProgress?: (progress: Progress) => void;
  /**
   * A LOD has come, or a finer layer of it: called with the field as far as it has arrived, always
   * the same object, and the positions of the levels that are new or finer in it. `openField` waits
   * for what it returns, and fails with it.
   */
  onLod?: (field: Field, changedLevels: number[]) => unknown;
  signal?: AbortSignal;
  /**
   * Makes the worker, by default from `worker.js` beside this module. With `null`, and where there
   * are no workers (Node) or they are forbidden, all is done here, and each LOD is decoded without
   * a break.
   */
  worker?: (() => Worker) | null;
}

/**
 * Opens a `.nfc` file while it arrives: an address, a file from disk (in Node also by its path), or
 * its bytes.
 *
 * @returns the field with all its LODs. Of a file that is cut after one, `lodsDecoded` is less
 *   than `lods`; of one that is cut after a layer, the last levels' `layer` is not the last.
 * @throws NfcError `damaged`, `unsupported`, `limit` or `network`. What `onLod` gave before stays
 *   good.
 * @throws TypeError for an address that is none; the signal's reason if it was aborted; what
 *   `onLod` throws
 */
export async function openField(
  source: URL | string | Blob | Bytes,
  options: OpenOptions = {},
): Promise<Field> {
  const { onProgress, onLod, signal, worker, ...reading } = options;
  signal?.throwIfAborted();
  /** Aborted by the caller's signal, and by a callback that fails. */
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const running: Promise<unknown>[] = [];
  const events: Events = {
    progress: (progress) => onProgress?.(progress),
    lod: (field, changed) => {
      const work = Promise.resolve(onLod?.(field, changed));
      work.catch((error: unknown) => stop.abort(error));
      running.push(work);
    },
  };
  try {
    const field = await read(source, worker, reading, events, stop.signal);
    await Promise.all(running);
    return field;
  } finally {
    // A signal may outlive many files, which it must not hold.
    signal?.removeEventListener("abort", abort);
  }
}

interface Events {
  progress(progress: Progress): void;
  lod(field: Field, changedLevels: number[]): void;
}

async function read(
  source: URL | string | Blob | Bytes,
  worker: OpenOptions["worker"],
  options: ReadOptions,
  events: Events,
  signal: AbortSignal,
): Promise<Field> {
  if (isFile(source)) return readHere(await fileSource(source, signal), events, options);
  const target =
    typeof source === "string" || source instanceof URL ? absolute(source) : blobOf(source);
  if (worker !== null && (worker !== undefined || typeof Worker !== "undefined")) {
    const message = { source: target, options };
    try {
      return await inWorker((worker ?? defaultWorker)(), message, events, signal);
    } catch (error) {
      // A page may forbid workers, or the host of this module may.
      if (worker !== undefined || !(error instanceof NotStarted)) throw error;
    }
  }
  const bytes =
    typeof target === "string"
      ? new HttpSource(target, { signal })
      : new BlobSource(target, signal);
  return readHere(bytes, events, options);
}

/** Decode in this thread. The decoder is loaded only then, so that pages do not hold it twice. */
async function readHere(bytes: ByteSource, events: Events, options: ReadOptions): Promise<Field> {
  const { readField } = await import("./read.js");
  return readField(bytes, events, options);
}

function absolute(source: URL | string): string {
  const base = typeof document === "undefined" ? globalThis.location?.href : document.baseURI;
  return new URL(source, base).href;
}

function blobOf(source: Blob | Bytes): Blob {
  return source instanceof Blob
    ? source
    : new Blob([plainBytes(source) as Uint8Array<ArrayBuffer>]);
}

const WORKER = "./worker.js";

function defaultWorker(): Worker {
  try {
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch {
    // This module comes from another host, a CDN: workers have to begin on the page's own.
    const code = `import ${JSON.stringify(new URL(WORKER, import.meta.url).href)};`;
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    return new Worker(address, { type: "module" });
  }
}

/** A worker that ended before it had said anything. */
class NotStarted extends NfcError {}

function inWorker(
  worker: Worker,
  message: OpenMessage,
  events: Events,
  signal: AbortSignal,
): Promise<Field> {
  let abort = (): void => undefined;
  return new Promise<Field>((resolve, reject) => {
    let field: Field | null = null;
    let started = false;
    abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    worker.onerror = (event) => {
      event.preventDefault();
      const why = event.message ? ` (${event.message})` : "";
      const text = `the decoder could not be loaded or has failed${why}`;
      reject(started ? new NfcError("network", text) : new NotStarted("network", text));
    };
    worker.onmessageerror = () =>
      reject(new NfcError("limit", "there is not enough memory for what was decoded"));
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      started = true;
      if (signal.aborted) return;
      try {
        if (data.type === "progress") {
          events.progress(data.progress);
        } else if (data.type === "lod") {
          field = applyUpdate(field, data.update);
          events.lod(
            field,
            data.update.changed.map(({ position }) => position),
          );
        } else if (data.type === "done") {
          const done = field as Field;
          done.metadata = data.metadata;
          resolve(done);
        } else {
          const { code, message: text } = data;
          reject(code === null ? new Error(text) : new NfcError(code, text));
        }
      } catch (error) {
        // From a callback of the caller.
        reject(error as Error);
      }
    };
    worker.postMessage(message);
  }).finally(() => {
    signal.removeEventListener("abort", abort);
    worker.terminate();
  });
}
