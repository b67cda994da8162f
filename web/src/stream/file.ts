/** Files by their path, where there is a file system: in Node. */

import { NfcError } from "../types.js";
import type { ByteSource } from "./source.js";

/** Bytes of a file that are read at once. */
const PIECE = 1 << 18;
/** A scheme of two letters or more: a single one is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

interface NodeFile {
  stat(): Promise<{ size: number }>;
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    at: number,
  ): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}
interface NodeFiles {
  promises: { open(path: string | URL): Promise<NodeFile> };
}

/** Node's module of files; null where there is none. */
function nodeFiles(): NodeFiles | null {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  // Not by `import`, at which bundlers for browsers would fail.
  return (process?.getBuiltinModule?.("node:fs") as NodeFiles | undefined) ?? null;
}

/** Whether a source is the path, or the `file:` address, of a file that can be read from here. */
export function isFile(source: unknown): source is string | URL {
  const text = source instanceof URL ? source.href : source;
  if (typeof text !== "string" || nodeFiles() === null) return false;
  return text.toLowerCase().startsWith("file:") || !SCHEME.test(text);
}

/**
 * A file from Node's file system.
 *
 * @throws NfcError `network` if it cannot be opened
 */
export async function fileSource(place: string | URL, signal: AbortSignal): Promise<ByteSource> {
  const named = typeof place === "string" && SCHEME.test(place) ? new URL(place) : place;
  try {
    const file = await nodeFiles()!.promises.open(named);
    return { total: (await file.stat()).size, pieces: () => pieces(file, place, signal) };
  } catch (error) {
    throw unreadable(place, error);
  }
}

async function* pieces(
  file: NodeFile,
  place: string | URL,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  try {
    for (let at = 0; ; ) {
      const piece = new Uint8Array(PIECE);
      const { bytesRead } = await file.read(piece, 0, PIECE, at).catch((error: unknown) => {
        throw unreadable(place, error);
      });
      signal.throwIfAborted();
      if (bytesRead === 0) return;
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function unreadable(place: string | URL, error: unknown): NfcError {
  const why = error instanceof Error ? error.message : String(error);
  return new NfcError("network", `${place} could not be read (${why})`);
}
