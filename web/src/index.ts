export {
  decode,
  FieldDecoder,
  parseFront,
  type Bytes,
  type ChunkEntry,
  type DecoderOptions,
  type Front,
} from "./coding/decoder.js";
export { halfToNumber, halvesToFloats } from "./container/half.js";
export { pack, unpack } from "./container/packed.js";
export * from "./types.js";
export { openField, type OpenOptions, type Progress } from "./stream/open.js";
