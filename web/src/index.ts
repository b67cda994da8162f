export {
  decode,
  FieldDecoder,
  parseFront,
  type ChunkEntry,
  type DecoderOptions,
  type Front,
} from "./codec/decoder.js";
export { halfToNumber, halvesToFloats } from "./codec/half.js";
export { pack, unpack } from "./codec/packed.js";
export * from "./codec/types.js";
export { openField, type OpenOptions, type Progress } from "./stream/open.js";
