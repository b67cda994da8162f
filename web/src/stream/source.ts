import { NfcError } from "../types.js";

/** A file's bytes from first to last. */
export interface ByteSource {
  /** Its size in bytes, `null` as long as nobody has said. */
  readonly total: number | null;
  /** The bytes in pieces of any size; leaving the loop gives up the rest. */
  pieces(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Bytes of a blob that are read at once. */
const PIECE = 1 << 18;

/** A file from disk, or any blob. */
export class BlobSource implements ByteSource {
  readonly total: number;
  private readonly blob: Blob;
  private readonly signal: AbortSignal | undefined;

  /** @param signal ends the reading with its reason */
  constructor(blob: Blob, signal?: AbortSignal) {
    this.blob = blob;
    this.signal = signal;
    this.total = blob.size;
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < this.total; at += PIECE) {
      let buffer: ArrayBuffer;
      try {
        buffer = await this.blob.slice(at, at + PIECE).arrayBuffer();
      } catch {
        throw new NfcError(
          "network",
          "the file could not be read on; it may have been changed, moved or deleted",
        );
      }
      this.signal?.throwIfAborted();
      yield new Uint8Array(buffer);
    }
  }
}
