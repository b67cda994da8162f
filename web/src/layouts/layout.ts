import type { Entries } from "../container/entries.js";
import type { Lattice } from "../entropy/lattice.js";
import type { Payload } from "../container/payload.js";
import type { Layout } from "../types.js";
import type { Work } from "../container/work.js";
import type { Members } from "../shaders/tables.js";

/** A cell of a box. */
export type Cell = readonly [x: number, y: number, z: number];

/** The key of a level's layout in the header. */
export const LAYOUT_KEY = 1;

/** Bytes: of what stays, and while a level is read. */
export interface Memory {
  readonly held: number;
  readonly step: number;
}

/** What a layout's section may look at. */
export interface ReadContext {
  /** Number of the level's vectors, by the header. */
  readonly rows: number;
  /** Names the level in messages. */
  readonly where: string;
  readonly work: Work;
  /** The layout of an earlier level, by position; `null` if it has not been read. */
  earlier(position: number): Layout | null;
}

/** What a layout answers for itself. Nobody else asks which layout a level has. */
export interface LayoutType<L extends { readonly kind: string }> {
  /** The frozen id in the header. */
  readonly tag: number;
  readonly kind: L["kind"];

  /** The layout as far as the header says, and the number of vectors. */
  readHeader(entries: Entries, dims: number): { layout: L; rows: number };
  /** Reads what a level's chunk says of it; most layouts say nothing there. */
  read(payload: Payload, layout: L, context: ReadContext): void;
  /** Bytes that it takes, by the estimate of the specification. */
  memory(layout: L, rows: number): Memory;
  /** As the header says it, without what has been read since. */
  empty(layout: L): L;

  /** Where a level's vectors sit, for a coder that looks at neighbors. */
  lattice(layout: L, rows: number): Lattice;
  /** Morton codes of the voxels between the sites; `null` if all are there. */
  voxels(layout: L): Uint32Array | null;

  /** Voxels along x, y and, if it has one, z, per side of the box that the level spans. */
  resolution(layout: L): readonly number[];
  /** Cells along x, y, z of those outside which a level is empty; `null` if it does not say. */
  cellsAlong(layout: L): Cell | null;
  /** The cells that are not empty, once the level has arrived. */
  cells(layout: L): Iterable<Cell>;

  /** How GPU programs see it; the same as in `nfcodec/render/gpu/layouts.py`. */
  readonly gpu: {
    /** What the table says of it (`struct Level` of `tables.json`). */
    members(layout: L): Members;
    /** Blocks of its corner index, 0 if it has none. */
    numBlocks(layout: L): number;
    /** Its corner index: for each block the corners before it, and a bit for each site. */
    blocks(layout: L): Uint32Array<ArrayBuffer>;
  };
}
