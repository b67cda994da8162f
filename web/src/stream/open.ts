import { NfcError, type Field } from "../types.js";
import { HttpSource } from "./http.js";
import { applyUpdate, type OpenMessage, type WorkerMessage } from "./messages.js";
import { readField, type Progress, type ReadOptions } from "./read.js";
import { BlobSource } from "./source.js";

export type { Progress } from "./read.js";

export interface OpenOptions extends ReadOptions {
  onProgress?: (progress: Progress) => void;
  /**
   * A LOD has come, or a finer layer of it: called with the field as far as it has arrived, always
   * the same object, and the positions of the levels that are new or finer in it.
   */
  onLod?: (field: Field, changedLevels: number[]) => void;
  signal?: AbortSignal;
  /**
   * Makes the worker, by default from `worker.js` beside this module. With `null`, and where there
   * are no workers (Node), all is done here, and each LOD is decoded without a break.
   */
  worker?: (() => Worker) | null;
}

/**
 * Opens a `.nfc` file while it arrives: an address, or a file from disk.
 *
 * @returns the field with all its LODs. Of a file that is cut behind one, `lodsDecoded` is less
 *   than `lods`; of one that is cut behind a layer, the last levels' `layer` is not the last.
 * @throws NfcError `damaged`, `unsupported`, `limit` or `network`. What `onLod` gave before stays
 *   good.
 * @throws TypeError for an address that is none; the signal's reason if it was aborted
 */
export async function openField(
  source: URL | string | Blob,
  options: OpenOptions = {},
): Promise<Field> {
  const { onProgress, onLod, signal, worker, ...reading } = options;
  signal?.throwIfAborted();
  const target = source instanceof Blob ? source : absolute(source);
  const events: Events = {
    progress: (progress) => onProgress?.(progress),
    lod: (field, changed) => onLod?.(field, changed),
  };
  if (worker !== null && (worker !== undefined || typeof Worker !== "undefined")) {
    return inWorker(
      (worker ?? defaultWorker)(),
      { source: target, options: reading },
      events,
      signal,
    );
  }
  const bytes =
    typeof target === "string"
      ? new HttpSource(target, signal === undefined ? {} : { signal })
      : new BlobSource(target, signal);
  return readField(bytes, events, reading);
}

interface Events {
  progress(progress: Progress): void;
  lod(field: Field, changedLevels: number[]): void;
}

function absolute(source: URL | string): string {
  const base = typeof document === "undefined" ? globalThis.location?.href : document.baseURI;
  return new URL(source, base).href;
}

function defaultWorker(): Worker {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}

function inWorker(
  worker: Worker,
  message: OpenMessage,
  events: Events,
  signal: AbortSignal | undefined,
): Promise<Field> {
  let abort = (): void => undefined;
  return new Promise<Field>((resolve, reject) => {
    let field: Field | null = null;
    abort = () => reject(signal?.reason as Error);
    signal?.addEventListener("abort", abort, { once: true });
    worker.onerror = (event) => {
      event.preventDefault();
      const why = event.message ? ` (${event.message})` : "";
      reject(new NfcError("network", `the decoder could not be loaded or has failed${why}`));
    };
    worker.onmessageerror = () =>
      reject(new NfcError("limit", "there is not enough memory for what was decoded"));
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      if (signal?.aborted) return;
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
    // A signal may outlive many files, which it must not hold.
    signal?.removeEventListener("abort", abort);
    worker.terminate();
  });
}
