/**
 * The small image stored in a file, for browsers that cannot draw the field itself.
 * Specification: section 2 (the chunk table) and section 4, `prev`.
 */

import { NfcError } from "../types.js";

const SIGNATURE = [0x89, 0x4e, 0x46, 0x43, 0x0d, 0x0a, 0x1a, 0x0a];
const PREAMBLE = 20;
const ENTRY = 12;
/** Enough for the chunk table of any file but those of very many LODs. */
const FRONT = 4096;
/** A preview is some kilobytes; one beyond this is left alone. */
const LARGEST = 1 << 20;
/** HTTP's status where nothing of a range is there. */
const RANGE_BEHIND_THE_END = 416;

/**
 * The image in the file, `null` if it has none.
 *
 * @throws NfcError if this is no `.nfc` file or its bytes cannot be had
 */
export async function previewOf(source: URL | Blob, signal: AbortSignal): Promise<Blob | null> {
  let front = await read(source, 0, FRONT, signal);
  if (front.length < PREAMBLE || SIGNATURE.some((byte, i) => front[i] !== byte)) {
    throw new NfcError("damaged", "this is not a .nfc file (no signature at its start)");
  }
  const view = new DataView(front.buffer, front.byteOffset);
  const count = view.getUint16(10, true);
  const table = PREAMBLE + ENTRY * count;
  const first = Math.ceil((table + view.getUint32(12, true)) / 4) * 4;
  if (front.length < table) front = await read(source, 0, table, signal);
  if (front.length < table) return null;
  const entries = new DataView(front.buffer, front.byteOffset);
  let offset = first;
  for (let at = PREAMBLE; at < table; at += ENTRY) {
    const type = String.fromCharCode(...front.subarray(at, at + 4));
    const length = entries.getUint32(at + 4, true);
    if (type === "prev") {
      if (length < 4 || length > LARGEST) return null;
      return image(await read(source, offset, length, signal), length);
    }
    offset += length;
  }
  return null;
}

function image(chunk: Uint8Array<ArrayBuffer>, length: number): Blob | null {
  if (chunk.length < length) return null;
  const size = new DataView(chunk.buffer, chunk.byteOffset).getUint32(0, true);
  return size > length - 4 ? null : new Blob([chunk.subarray(4, 4 + size)]);
}

/** The bytes from `offset`, at most `length` of them: by range, or from a whole that is left there. */
async function read(
  source: URL | Blob,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Blob) {
    return new Uint8Array(await source.slice(offset, offset + length).arrayBuffer());
  }
  try {
    const range = `bytes=${offset}-${offset + length - 1}`;
    const response = await fetch(source, { headers: { range }, signal });
    if (response.status === RANGE_BEHIND_THE_END) return new Uint8Array(0); // the file is cut
    if (!response.ok) {
      const said = `${response.status} ${response.statusText}`.trim();
      throw new NfcError("network", `the server answered ${said}`);
    }
    return await part(response, response.status === 206 ? 0 : offset, length);
  } catch (error) {
    if (signal.aborted || error instanceof NfcError) throw error;
    throw new NfcError("network", "the server could not be reached, or the connection was lost");
  }
}

/** The bytes of an answer from `offset`, at most `length` of them. What is behind is not read. */
async function part(
  { body }: Response,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const reader = body?.getReader();
  let skip = offset;
  let filled = 0;
  while (reader !== undefined && filled < length) {
    const { done, value } = await reader.read();
    if (done) break;
    const fresh = value.subarray(Math.min(skip, value.length));
    skip -= value.length - fresh.length;
    const wanted = fresh.subarray(0, length - filled);
    bytes.set(wanted, filled);
    filled += wanted.length;
  }
  await reader?.cancel();
  return bytes.slice(0, filled);
}
