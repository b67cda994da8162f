import { AnsDecoder } from "./ans.js";
import { siteCount, type Lattice } from "./lattice.js";
import { orderByPass, neighborSums, parentClasses } from "./neighbors.js";
import type { Payload } from "./payload.js";
import { makeTable, type Table } from "./table.js";

/** Lattices of more sites than this have no contexts (specification, section 8). */
export const MAX_CONTEXT_SITES = 2 ** 28;

/** The level of coarser vectors whose classes are context. */
export interface Coarser {
  lattice: Lattice;
  numClasses: number;
  /** The class of each vector. */
  classes(): Uint8Array;
}

export interface ContextSymbols {
  symbols: Uint16Array;
  numClasses: number;
  /** The class of each symbol, or `null` if each is its own. */
  classOf: Uint16Array | null;
}

/** The model's parameters, as they stand in front of the ANS words. */
interface Model {
  numClasses: number;
  classOf: Uint16Array | null;
  axes: number;
  places: Uint16Array;
  coarsePlaces: Uint16Array | null;
  /** 32 bins for each axis. */
  bins: Uint16Array;
  numContexts: number;
  /** The table of each context, the last for "no neighbors". */
  tableOf: Uint16Array;
  tables: Table[];
  symbolLevels: Uint16Array | null;
}

/**
 * The symbols of form 3: one below `numSymbols` for each vector of `lattice`.
 * `coarser` is `null` if the section names none.
 */
export function readContextSymbols(
  payload: Payload,
  lattice: Lattice,
  numSymbols: number,
  width: number,
  coarser: Coarser | null,
): ContextSymbols {
  if (siteCount(lattice) > MAX_CONTEXT_SITES) {
    payload.reject("a lattice of more than 2^28 sites has contexts");
  }
  const model = readModel(payload, numSymbols, width, coarser);
  const { numClasses, classOf } = model;
  const symbolTables = classOf === null ? null : classTables(payload, model, numSymbols);

  const ans = new AnsDecoder(payload);
  const classes = decodeClasses(ans, model, lattice, coarser);
  let symbols = classes;
  if (symbolTables !== null) {
    symbols = new Uint16Array(lattice.rows);
    const byClass = sortByKey(classes, numClasses, lattice.rows);
    for (let c = 0; c < numClasses; c++) {
      const from = byClass.starts[c];
      const to = byClass.starts[c + 1];
      if (from === to) continue;
      const table = symbolTables[c];
      if (table === null) return payload.reject(`class ${c} is used but has no symbols`);
      ans.decode(table, symbols, byClass.order, from, to);
    }
  }
  ans.finish();
  return { symbols, numClasses, classOf };
}

function readModel(
  payload: Payload,
  numSymbols: number,
  width: number,
  coarser: Coarser | null,
): Model {
  const axes = payload.u8();
  const numClasses = payload.u8();
  const numTables = payload.u16();
  if (axes < 1 || axes > 3) payload.reject(`contexts on ${axes} axes (1 to 3 are allowed)`);
  if (numClasses < 2 || numClasses > 64 || numClasses > numSymbols) {
    payload.reject(`${numClasses} classes for ${numSymbols} symbols`);
  }
  if (numTables < 1 || numTables > 256) payload.reject(`${numTables} context tables`);

  const own = numClasses === numSymbols;
  const classOf = own ? null : payload.below(numSymbols, numClasses, "class");
  const places = payload.integers(numClasses * axes, 5, 32, "place");
  const coarsePlaces =
    coarser === null ? null : payload.integers(coarser.numClasses * axes, 5, 32, "place");
  const bins = payload.integers(32 * axes, 4, 16, "bin");
  let product = 1;
  for (let e = 0; e < axes; e++) product *= Math.max(...bins.subarray(32 * e, 32 * e + 32)) + 1;
  const numContexts = product + 1;
  if (numContexts > 1024) payload.reject(`${numContexts} contexts (1024 at most)`);

  const tableOf =
    numTables > 1
      ? payload.below(numContexts, numTables, "context table")
      : new Uint16Array(numContexts);
  const levels = payload.integers(numTables * numClasses, width, 64, "level");
  const tables: Table[] = [];
  for (let t = 0; t < numTables; t++) {
    const table = makeTable(levels, t * numClasses, (t + 1) * numClasses);
    if (table === null) return payload.reject(`the weights of context table ${t}`);
    tables.push(table);
  }
  const symbolLevels = own ? null : payload.integers(numSymbols, width, 64, "level");
  return {
    numClasses,
    classOf,
    axes,
    places,
    coarsePlaces,
    bins,
    numContexts,
    tableOf,
    tables,
    symbolLevels,
  };
}

/** For each class the table of its symbols, or `null` if none of them occurs. */
function classTables(payload: Payload, model: Model, numSymbols: number): (Table | null)[] {
  const { numClasses } = model;
  const classOf = model.classOf as Uint16Array;
  const symbolLevels = model.symbolLevels as Uint16Array;
  const { order, starts } = sortByKey(classOf, numClasses, numSymbols);
  const levels = Uint16Array.from(order, (symbol) => symbolLevels[symbol]);
  return Array.from({ length: numClasses }, (_, c) => {
    const of = levels.subarray(starts[c], starts[c + 1]);
    if (of.every((level) => level === 0)) return null;
    const table = makeTable(levels, starts[c], starts[c + 1], order);
    return table ?? payload.reject(`the weights of the symbols of class ${c}`);
  });
}

/** Indices `0..n - 1` in order of key and, within it, of index; `starts[k]` is where key k begins. */
export function sortByKey(
  keys: Uint16Array,
  numKeys: number,
  n: number,
): { order: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(numKeys + 1);
  for (let i = 0; i < n; i++) starts[keys[i] + 1]++;
  for (let k = 0; k < numKeys; k++) starts[k + 1] += starts[k];
  const next = starts.slice();
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[next[keys[i]]++] = i;
  return { order, starts };
}

/** The class of each vector, in the order of vectors. */
function decodeClasses(
  ans: AnsDecoder,
  model: Model,
  lattice: Lattice,
  coarser: Coarser | null,
): Uint16Array {
  const { axes, numClasses, tables } = model;
  const passes = orderByPass(lattice);
  const parents = coarser === null ? null : parentClasses(lattice, coarser);
  const ownSums = placeSums(model.places, axes, numClasses);
  const coarseSums =
    model.coarsePlaces === null || coarser === null
      ? null
      : placeSums(model.coarsePlaces, axes, coarser.numClasses);
  const tablesOf = tableFinder(model);

  const classes = new Uint16Array(lattice.rows);
  for (let pass = 0; pass < 8; pass++) {
    const members = passes.members(pass);
    const count = members.length;
    const sums = new Uint32Array(count);
    if (parents !== null && coarseSums !== null) {
      for (let i = 0; i < count; i++) sums[i] = coarseSums[parents[members[i]]];
    }
    neighborSums(passes, pass, classes, ownSums, sums);
    const { order, starts } = sortByKey(tablesOf(sums), tables.length, count);
    for (let i = 0; i < count; i++) order[i] = members[order[i]];
    for (let t = 0; t < tables.length; t++) {
      ans.decode(tables[t], classes, order, starts[t], starts[t + 1]);
    }
  }
  return classes;
}

/**
 * For each class one number to be summed over neighbors: the places on three axes in 8 bits each
 * (7 neighbors of places up to 31 fit), and 1 in the bits above. The last, for "none", is 0.
 */
function placeSums(places: Uint16Array, axes: number, numClasses: number): Uint32Array {
  const sums = new Uint32Array(numClasses + 1);
  for (let c = 0; c < numClasses; c++) {
    for (let e = 0; e < axes; e++) sums[c] += places[c * axes + e] << (8 * e);
    sums[c] += 1 << 24;
  }
  return sums;
}

/** What makes of such sums the numbers of the contexts' tables. */
function tableFinder(model: Model): (sums: Uint32Array) => Uint16Array {
  const { axes, bins, tableOf, numContexts } = model;
  // parts[e][m * 256 + t]: what axis e adds to the context with m neighbors and sum t.
  const parts = [new Uint16Array(2048), new Uint16Array(2048), new Uint16Array(2048)];
  let stride = 1;
  for (let e = 0; e < axes; e++) {
    const own = bins.subarray(32 * e, 32 * e + 32);
    for (let m = 1; m < 8; m++) {
      for (let t = 0; t < 256; t++) {
        const mean = Math.min(Math.floor((2 * t + m) / (2 * m)), 31);
        parts[e][m * 256 + t] = own[mean] * stride;
      }
    }
    stride *= Math.max(...own) + 1;
  }
  const [first, second, third] = parts;
  const alone = numContexts - 1;
  return (sums) => {
    const tables = new Uint16Array(sums.length);
    for (let i = 0; i < sums.length; i++) {
      const sum = sums[i];
      const m = (sum >>> 24) << 8;
      const context =
        m === 0
          ? alone
          : first[m | (sum & 255)] +
            second[m | ((sum >>> 8) & 255)] +
            third[m | ((sum >>> 16) & 255)];
      tables[i] = tableOf[context];
    }
    return tables;
  };
}
