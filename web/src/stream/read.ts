import { FieldDecoder, parseFront, type DecoderOptions, type Front } from "../coding/decoder.js";
import { DEFAULT_MEMORY } from "../limits.js";
import { NfcError, type Field } from "../types.js";
import type { ByteSource } from "./source.js";

export interface Progress {
  /** Bytes that have arrived. */
  received: number;
  /** Bytes of the file, `null` while neither the server nor the file has said. */
  total: number | null;
  /** For each LOD the bytes from the front of the file that it needs; empty while unknown. */
  lodEnds: readonly number[];
}

export interface ReadOptions extends DecoderOptions {
  /** Read no further than this many LODs, with all their layers. */
  lods?: number;
}

export interface ReadEvents {
  progress(progress: Progress): void;
  /** A LOD has come, or a finer layer of it. `last` means that nothing more will be decoded. */
  lod(field: Field, changedLevels: number[], last: boolean): void;
}

/** Reports of progress are at least this many ms apart. */
const INTERVAL = 40;

/**
 * Reads a field while its bytes arrive.
 *
 * @returns the field; `lodsDecoded` is below `lods` if the file is cut, or if no more was asked for
 * @throws NfcError
 */
export async function readField(
  source: ByteSource,
  events: ReadEvents,
  options: ReadOptions = {},
): Promise<Field> {
  const reader = new FieldReader(source, events, options);
  try {
    for await (const piece of source.pieces()) {
      if (reader.take(piece)) break;
    }
    return reader.finish();
  } finally {
    reader.close();
  }
}

class FieldReader {
  private readonly source: ByteSource;
  private readonly events: ReadEvents;
  private readonly options: ReadOptions;
  private readonly wanted: number;
  private front: Front | null = null;
  private decoder: FieldDecoder | null = null;
  private received = 0;
  private reported = -Infinity;
  /** The report that is due if nothing more arrives. */
  private due: ReturnType<typeof setTimeout> | undefined;
  /** The pieces of what is being gathered. */
  private pieces: Uint8Array[] = [];
  private gathered = 0;
  private need = 8;
  private chunk = 0;

  constructor(source: ByteSource, events: ReadEvents, options: ReadOptions) {
    this.source = source;
    this.events = events;
    this.options = options;
    this.wanted = options.lods ?? Infinity;
  }

  /** Takes in the next bytes. Returns whether all that is wanted is there. */
  take(piece: Uint8Array): boolean {
    this.received += piece.length;
    this.report();
    let rest = piece;
    for (;;) {
      if (this.chunk === this.front?.chunks.length) {
        if (rest.length > 0) throw new NfcError("damaged", "bytes follow the last chunk");
        return false;
      }
      const part = rest.subarray(0, this.need - this.gathered);
      rest = rest.subarray(part.length);
      this.gathered += part.length;
      if (this.wants()) this.pieces.push(part);
      if (this.gathered < this.need) return false;
      if (this.advance()) return true;
    }
  }

  /** Whether what is being gathered is used at all. */
  private wants(): boolean {
    return this.front === null || this.front.chunks[this.chunk].known;
  }

  /** What was needed is there. Returns whether that is all. */
  private advance(): boolean {
    if (this.front === null) {
      this.readFront();
      return false;
    }
    const { known, lod, offset, length } = this.front.chunks[this.chunk];
    const decoder = this.decoder as FieldDecoder;
    if (known) {
      const changed = decode(decoder, this.chunk, this.join());
      const { field } = decoder;
      if (lod !== null) {
        const last = offset + length >= this.end(this.front);
        this.report(true);
        this.events.lod(field, changed, last);
        if (last && this.wanted <= field.lods) return true;
      }
    }
    this.chunk += 1;
    this.gatherChunk(this.front);
    return false;
  }

  /** How many bytes from the front of the file hold all that is wanted of its levels. */
  private end({ lodEnds }: Front): number {
    return lodEnds[Math.max(1, Math.min(this.wanted, lodEnds.length)) - 1];
  }

  private gatherChunk(front: Front): void {
    const chunk = front.chunks[this.chunk];
    this.pieces = [];
    this.gathered = 0;
    this.need = chunk?.length ?? 0;
    if (this.need > (this.options.memory ?? DEFAULT_MEMORY) / 2 && chunk.known) {
      throw new NfcError("limit", `chunk ${this.chunk} has ${this.need} bytes, which is too many`);
    }
  }

  private readFront(): void {
    const front = parseFront(this.join(), this.options);
    if ("need" in front) {
      this.need = front.need;
      return;
    }
    this.front = front;
    this.decoder = new FieldDecoder(front);
    const { total } = this.source;
    if (total !== null && total > front.totalBytes) {
      throw new NfcError("damaged", `${total - front.totalBytes} bytes follow the last chunk`);
    }
    this.gatherChunk(front);
  }

  private join(): Uint8Array {
    if (this.pieces.length === 1) return this.pieces[0];
    const joined = new Uint8Array(this.gathered);
    let at = 0;
    for (const piece of this.pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    this.pieces = [joined];
    return joined;
  }

  private report(now = false): void {
    const time = performance.now();
    if (!now && time - this.reported < INTERVAL) {
      this.due ??= setTimeout(() => this.report(true), INTERVAL);
      return;
    }
    this.close();
    this.reported = time;
    const total = this.source.total ?? this.front?.totalBytes ?? null;
    this.events.progress({
      received: this.received,
      total,
      lodEnds: this.front?.lodEnds ?? [],
    });
  }

  /** Nothing is reported any more. */
  close(): void {
    clearTimeout(this.due);
    this.due = undefined;
  }

  /** The bytes have ended. */
  finish(): Field {
    this.report(true);
    if (this.decoder === null || this.decoder.lodsDecoded === 0) {
      // Too short for the signature is no reason to take it for a file.
      if (this.front === null && this.gathered < 8) parseFront(this.join());
      throw new NfcError(
        "damaged",
        `the file ends after ${this.received} bytes, in front of its first level of detail`,
      );
    }
    return this.decoder.field;
  }
}

function decode(decoder: FieldDecoder, chunk: number, bytes: Uint8Array): number[] {
  try {
    return decoder.addChunk(chunk, bytes);
  } catch (error) {
    // What engines throw when an array cannot be had.
    if (error instanceof RangeError) {
      throw new NfcError("limit", `there is not enough memory to decode it (${error.message})`);
    }
    throw error;
  }
}
