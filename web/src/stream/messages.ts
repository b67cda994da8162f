import { layoutType } from "../layouts/registry.js";
import type { Code, Field, Layout, NfcErrorCode } from "../types.js";
import type { Progress, ReadOptions } from "./read.js";

/** To the worker. */
export interface OpenMessage {
  source: string | Blob;
  options: ReadOptions;
}

/** A level as it has come or changed; `layout` is `null` if only its code is finer now. */
export interface LevelUpdate {
  position: number;
  layout: Layout | null;
  code: Code | null;
  layer: number;
}

/** What a LOD, or a layer of one, adds to the field that the worker's client holds. */
export interface LodUpdate {
  /** The field without any level's arrays; only with the first update. */
  skeleton: Field | null;
  changed: LevelUpdate[];
  lodsDecoded: number;
  metadata: Record<string, unknown>;
}

/** From the worker. */
export type WorkerMessage =
  | { type: "progress"; progress: Progress }
  | { type: "lod"; update: LodUpdate }
  | { type: "done"; metadata: Record<string, unknown> }
  | { type: "error"; code: NfcErrorCode | null; message: string };

/**
 * The update for the levels at the positions `changed`, and the buffers to transfer with it.
 * The decoder goes on with its own arrays unless this is the `last` update.
 */
export function makeUpdate(
  field: Field,
  changed: number[],
  first: boolean,
  last: boolean,
): { update: LodUpdate; transfer: ArrayBuffer[] } {
  const positions = new Set(changed);
  const levels = field.grids.flatMap((grid) => grid.levels);
  const sent = levels
    .filter(({ position }) => positions.has(position))
    .map(({ position, layout, code, layer }) => ({
      position,
      layout: layer === 0 ? layout : null,
      code,
      layer,
    }));
  const buffers = new Set<ArrayBuffer>();
  const update: LodUpdate = {
    skeleton: first ? skeletonOf(field) : null,
    changed: last ? sent : sent.map(copy),
    lodsDecoded: field.lodsDecoded,
    metadata: field.metadata,
  };
  for (const { layout, code } of update.changed) {
    for (const value of [...Object.values(layout ?? {}), ...Object.values(code ?? {})]) {
      if (ArrayBuffer.isView(value)) buffers.add(value.buffer as ArrayBuffer);
    }
  }
  return { update, transfer: [...buffers] };
}

function copy(level: LevelUpdate): LevelUpdate {
  return structuredClone(level);
}

function skeletonOf(field: Field): Field {
  const grids = field.grids.map((grid) => ({
    ...grid,
    levels: grid.levels.map((level) => ({
      ...level,
      layout: layoutType(level.layout).empty(level.layout),
      code: null,
      layer: 0,
    })),
  }));
  return { ...field, grids };
}

/** Adds an update to the client's field, and returns it. */
export function applyUpdate(field: Field | null, update: LodUpdate): Field {
  const target = field ?? (update.skeleton as Field);
  const levels = target.grids.flatMap((grid) => grid.levels);
  for (const { position, layout, code, layer } of update.changed) {
    if (layout !== null) levels[position].layout = layout;
    levels[position].code = code;
    levels[position].layer = layer;
  }
  target.lodsDecoded = update.lodsDecoded;
  target.metadata = update.metadata;
  return target;
}
