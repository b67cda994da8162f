import { crc32c } from "../container/crc32c.js";
import { damaged, overLimit, unsupported } from "../errors.js";
import { decodedBytes } from "./estimate.js";
import { readHeader, type Header } from "./header.js";
import { refinements } from "./layers.js";
import { DEFAULT_MEMORY, LIMITS, within } from "../limits.js";
import { NfcError } from "../types.js";

const SIGNATURE = [0x89, 0x4e, 0x46, 0x43, 0x0d, 0x0a, 0x1a, 0x0a];
/** Bytes in front of the chunk table. */
const FIXED = 20;
const ENTRY = 12;

/** One chunk's place in the file. */
export interface ChunkEntry {
  /** Four letters. */
  type: string;
  offset: number;
  length: number;
  crc: number;
  /** Whether this decoder reads it; others are ancillary and may be left out. */
  known: boolean;
  /** The LOD whose levels it holds or refines, or `null`. */
  lod: number | null;
  /** Which layer of these levels, from 0. */
  layer: number;
}

/** All that stands in front of the chunks. */
export interface Front {
  version: [major: number, minor: number];
  chunks: ChunkEntry[];
  header: Header;
  /** Where the first chunk begins. */
  length: number;
  /** Bytes of the whole file. */
  totalBytes: number;
  /** For each LOD, the bytes from the front of the file that it needs with all its layers. */
  lodEnds: number[];
}

export interface DecoderOptions {
  /** The most memory, in bytes, that the decoded field and its decoding may need; 4 GiB. */
  memory?: number;
}

/** Bytes as callers hold them: `Buffer` of Node, typed arrays, `DataView`, `ArrayBuffer`. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** A view of `bytes` as a plain array: `slice` of Node's `Buffer` makes another view, no copy. */
export function plainBytes(bytes: Bytes): Uint8Array {
  if (!ArrayBuffer.isView(bytes)) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads what stands in front of the chunks from the first bytes of a file.
 *
 * @returns the front, or how many bytes are needed to go on, counted from the start of the file
 * @throws NfcError `damaged`, `unsupported` or `limit`
 */
export function parseFront(bytes: Bytes, options: DecoderOptions = {}): Front | { need: number } {
  const prefix = plainBytes(bytes);
  checkSignature(prefix);
  if (prefix.length < FIXED) return { need: FIXED };
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
  const major = prefix[8];
  const minor = prefix[9];
  if (major === 0) damaged("major version 0 in byte 8");
  if (major > 1) unsupported(`the file is of format version ${major}.${minor}`);
  const count = view.getUint16(10, true);
  const headerLength = view.getUint32(12, true);
  within(count, LIMITS.chunks, "chunks");
  within(headerLength, LIMITS.headerBytes, "bytes of header");

  const table = FIXED + ENTRY * count;
  const length = Math.ceil((table + headerLength) / 4) * 4;
  if (prefix.length < length) return { need: length };
  const crc = crc32c(prefix.subarray(FIXED, length), crc32c(prefix.subarray(0, 16)));
  if (crc !== view.getUint32(16, true)) damaged("the front of the file fails its checksum");
  if (prefix.subarray(table + headerLength, length).some((byte) => byte !== 0)) {
    damaged("the padding of the header is not zero");
  }

  const chunks = readTable(view, count, length);
  const header = readHeader(prefix.subarray(table, table + headerLength));
  const lodEnds = checkChunks(chunks, header);
  const need = decodedBytes(header);
  const memory = options.memory ?? DEFAULT_MEMORY;
  if (need > memory) {
    overLimit(
      `decoding may take ${mebibytes(need)} MiB of memory, above the limit of ` +
        `${mebibytes(memory)} MiB`,
    );
  }
  const last = chunks[chunks.length - 1];
  const totalBytes = last.offset + last.length;
  return { version: [major, minor], chunks, header, length, totalBytes, lodEnds };
}

function checkSignature(prefix: Uint8Array): void {
  const length = Math.min(prefix.length, SIGNATURE.length);
  for (let i = 0; i < length; i++) {
    if (prefix[i] === SIGNATURE[i]) continue;
    const start = String.fromCharCode(...prefix.subarray(0, 200)).trimStart();
    const found = start.startsWith("<") ? " but an HTML or XML page" : "";
    damaged(`this is not a .nfc file${found} (its first bytes are not the signature)`);
  }
}

function readTable(view: DataView, count: number, start: number): ChunkEntry[] {
  const chunks: ChunkEntry[] = [];
  let offset = start;
  let lods = 0;
  let layer = 0;
  for (let i = 0; i < count; i++) {
    const at = FIXED + ENTRY * i;
    const letters = [0, 1, 2, 3].map((j) => view.getUint8(at + j));
    const type = String.fromCharCode(...letters);
    if (!/^[A-Za-z]{4}$/.test(type)) damaged(`the type of chunk ${i} is not four letters`);
    const length = view.getUint32(at + 4, true);
    if (length % 4 !== 0) damaged(`the length of chunk ${i} (${type}) is not a multiple of 4`);
    const known = ["NETW", "OCCU", "LEVL", "REFN", "meta"].includes(type);
    if (type === "PICT") {
      throw new NfcError(
        "unsupported",
        "this is a vq-nerf field, whose images come from networks that are not run here; " +
          "`nfcodec render` draws it",
      );
    }
    if (!known && /^[A-Z]/.test(type)) unsupported(`chunk ${i} is a critical chunk ${type}`);
    if (type === "meta") within(length, LIMITS.metadataBytes, "bytes of metadata in a chunk");
    if (type === "LEVL") lods++;
    if (type === "LEVL") layer = 0;
    if (type === "REFN") layer++;
    const ofLevels = type === "LEVL" || type === "REFN";
    const place = ofLevels ? { lod: lods - 1, layer } : { lod: null, layer: 0 };
    chunks.push({ type, offset, length, crc: view.getUint32(at + 8, true), known, ...place });
    offset += length;
  }
  if (chunks.filter(({ type }) => type === "prev").length > 1) damaged("there are two prev chunks");
  return chunks;
}

/** Numbers and order of the critical chunks. Returns where each LOD ends. */
function checkChunks(chunks: ChunkEntry[], header: Header): number[] {
  const order = chunks.filter(({ type }) => type !== "meta" && /^[A-Z]/.test(type));
  const first = order.findIndex(({ lod }) => lod !== null);
  const before = order.slice(0, first < 0 ? order.length : first).map(({ type }) => type);
  const levels = first < 0 ? [] : order.slice(first);
  const wanted = header.occupancy === null ? ["NETW"] : ["NETW", "OCCU"];
  if (before.sort().join() !== wanted.join() || levels.some(({ lod }) => lod === null)) {
    damaged(`${wanted.join(" and ")} are not there once each, in front of the levels`);
  }
  const { lods } = header.field;
  const count = levels.filter(({ type }) => type === "LEVL").length;
  if (count !== lods) damaged(`there are ${count} LEVL chunks for ${lods} LODs`);
  const lodEnds: number[] = [];
  for (let lod = 0, at = 0; lod < lods; lod++) {
    const layers = refinements(header.levels, lod) + 1;
    const own = levels.slice(at, (at += layers));
    const rest = levels.length - at;
    if (
      own.some((chunk, layer) => chunk.lod !== lod || chunk.layer !== layer) ||
      own.length < layers
    ) {
      damaged(`LOD ${lod} has other REFN chunks than the ${layers - 1} that its levels ask for`);
    }
    if (lod === lods - 1 && rest > 0) damaged(`${rest} REFN chunks too many`);
    const { offset, length } = own[layers - 1];
    lodEnds.push(offset + length);
  }
  return lodEnds;
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
