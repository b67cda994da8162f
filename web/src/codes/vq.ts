import { damaged } from "../errors.js";
import { LIMITS } from "../limits.js";
import {
  MAX_ALPHABET,
  neighborsWork,
  numContexts,
  readForest,
  readNeighbors,
} from "../entropy/neighbors.js";
import { ceilLog2, pack, unpack } from "../container/packed.js";
import { readHalves, readSymbols } from "../entropy/symbols.js";
import type { CodeForm, VQCode } from "../types.js";
import { tag } from "../shaders/tables.js";
import { CODE_KEY, halfWords, pairs, type CodeType } from "./code.js";

type Form = Extract<CodeForm, { kind: "vq" }>;

const EACH = LIMITS.memory;
/** Layers that the indices of a level may have, and bits that hold any index. */
const MAX_LAYERS = 8;
const MAX_BITS = 16;

/** Indices into a codebook, in one layer or several. */
export const vq: CodeType<Form, VQCode> = {
  tag: 1,
  kind: "vq",

  readForm(entries) {
    const items = entries.array(CODE_KEY);
    const layers = items.slice(1).map((_, r) => entries.item(CODE_KEY, 1 + r, 1));
    if (layers.length < 1 || layers.length > MAX_LAYERS) {
      damaged(`${entries.where}: ${layers.length} layers (1 to ${MAX_LAYERS} are allowed)`);
    }
    const numCodes = layers[layers.length - 1];
    if (numCodes > (layers.length > 1 ? MAX_ALPHABET : 2 ** MAX_BITS)) {
      damaged(`${entries.where}: ${numCodes} codes in ${layers.length} layers`);
    }
    if (layers.some((codes, r) => r > 0 && codes <= layers[r - 1])) {
      damaged(`${entries.where}: layers that do not grow: ${layers.join(", ")} codes`);
    }
    return { kind: "vq", bits: ceilLog2(numCodes), numCodes, layers };
  },

  read(payload, { bits, layers }, around) {
    const [numCodes] = layers;
    const codebook = readHalves(payload, numCodes * around.features, around.work);
    const symbols = readSymbols(payload, around.rows, numCodes, around);
    return { kind: "vq", bits, numCodes, codebook, packed: pack(symbols, bits) };
  },

  layers: ({ layers }) => layers.length,

  refine(payload, { bits, layers }, before, layer, { rows, features, lattice, voxels, work }) {
    const numCodes = layers[layer];
    const codebook = readHalves(payload, numCodes * features, work);
    const forest = readForest(payload, layers[layer - 1], numCodes, lattice);
    work.add(neighborsWork(forest, lattice), payload.where);
    const groups = unpack(before.packed, rows, bits);
    const found = readNeighbors(payload, forest, groups, lattice, voxels);
    return { kind: "vq", bits, numCodes, codebook, packed: pack(found, bits) };
  },

  memory({ numCodes, layers }, rows, features) {
    const values = numCodes * features;
    const held = EACH.index * rows + EACH.value * values;
    const step = EACH.readingIndex * rows + EACH.readingCode * values;
    if (layers.length === 1) return { held, step };
    return {
      held: held + EACH.index * rows, // the indices of two layers at once
      step: step + EACH.readingSlot * numCodes * numContexts(numCodes),
    };
  },

  gpu: {
    members: ({ bits }, features) => ({
      code_tag: tag("CODE", "vq"),
      bits,
      pitch: pairs(features),
    }),
    lengths({ bits, numCodes }, rows, features) {
      // An index that straddles two words is read with the next word: the last needs a spare one.
      const spare = 32 % bits !== 0 ? 1 : 0;
      return [
        ["codes", Math.ceil((rows * bits) / 32) + spare],
        ["vectors", numCodes * pairs(features)],
      ];
    },
    words: ({ packed, codebook }, features) => [
      ["codes", new Uint32Array(packed)],
      ["vectors", halfWords(codebook, features)],
    ],
  },
};
