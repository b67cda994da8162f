import type { Around } from "../codes/code.js";
import { codeType } from "../codes/registry.js";
import { layoutType } from "../layouts/registry.js";
import { decodeCbor, toPlain } from "../container/cbor.js";
import { crc32c } from "../container/crc32c.js";
import { damaged } from "../errors.js";
import {
  parseFront,
  plainBytes,
  type Bytes,
  type ChunkEntry,
  type DecoderOptions,
  type Front,
} from "./front.js";
import { halvesToFloats } from "../container/half.js";
import type { Header } from "./header.js";
import { ceilLog2 } from "../container/packed.js";
import { Payload } from "../container/payload.js";
import { product } from "../product.js";
import { readHalves } from "../entropy/symbols.js";
import { readTopology } from "../layouts/topology.js";
import type { Code, Field, Level } from "../types.js";
import { Work } from "../container/work.js";

export {
  parseFront,
  type Bytes,
  type ChunkEntry,
  type DecoderOptions,
  type Front,
} from "./front.js";

/**
 * Decodes a file chunk by chunk.
 *
 * Chunks that are `known` go in by their number, in ascending order; `meta` may go in at any time.
 * The arrays of `field` are its own: copy them before detaching their buffers.
 */
export class FieldDecoder {
  readonly front: Front;
  /** The field as far as it has arrived. It is filled in, never replaced. */
  readonly field: Field;
  private readonly header: Header;
  /** Positions of the levels that are there: later ones may start from their octrees. */
  private readonly decoded = new Set<number>();
  private readonly added = new Set<number>();
  private readonly counted = new Work();
  /** Of the metadata so far. */
  private readonly items = { count: 0 };
  private next = 0;

  constructor(front: Front) {
    this.front = front;
    this.header = structuredClone(front.header);
    this.field = this.header.field;
    // Without a prototype: its keys are the file's alone.
    this.field.metadata = Object.create(null) as Record<string, unknown>;
  }

  get lodsDecoded(): number {
    return this.field.lodsDecoded;
  }

  /** The work of what has been decoded, in the units of the specification's section 9. */
  get work(): number {
    return this.counted.done;
  }

  /**
   * Takes in chunk `index`, all its bytes.
   *
   * @returns the positions of the levels that it brings, or of which it brings a finer layer
   * @throws NfcError if it is damaged; what was there before stays as it is
   * @throws RangeError if it is not its turn
   */
  addChunk(index: number, given: Bytes): number[] {
    const bytes = plainBytes(given);
    const chunk = this.front.chunks[index];
    if (chunk === undefined) throw new RangeError(`there is no chunk ${index}`);
    if (this.added.has(index)) throw new RangeError(`chunk ${index} is there already`);
    if (!chunk.known) return [];
    const where = `chunk ${index} (${chunk.type}, from byte ${chunk.offset})`;
    if (bytes.length !== chunk.length) {
      throw new RangeError(`${where} has ${chunk.length} bytes, not ${bytes.length}`);
    }
    const critical = chunk.type !== "meta";
    if (critical && index !== this.nextCritical()) {
      throw new RangeError(`${where}: chunk ${this.nextCritical()} has to go in before it`);
    }
    if (crc32c(bytes) !== chunk.crc) damaged(`${where} fails its checksum`);
    if (critical) this.counted.reach(this.bytesUpTo(index));

    const changed = this.read(chunk, bytes, where);
    this.added.add(index);
    if (critical) this.next = index + 1;
    return changed;
  }

  /** The critical chunk that goes in next; -1 if all are there. */
  private nextCritical(): number {
    return this.front.chunks.findIndex(
      ({ type, known }, i) => i >= this.next && known && type !== "meta",
    );
  }

  /** Bytes of critical chunks up to and with this one: they allow the work of decoding. */
  private bytesUpTo(index: number): number {
    return this.front.chunks
      .slice(0, index + 1)
      .reduce((sum, { type, known, length }) => sum + (known && type !== "meta" ? length : 0), 0);
  }

  private read({ type, lod, layer }: ChunkEntry, bytes: Uint8Array, where: string): number[] {
    if (type === "meta") {
      this.addMetadata(bytes, where);
      return [];
    }
    const payload = new Payload(bytes, where);
    if (type === "NETW") this.readNetworks(payload);
    else if (type === "OCCU") this.readOccupancy(payload);
    else if (type === "LEVL") return this.readLod(payload, lod as number);
    else return this.refineLod(payload, lod as number, layer);
    return [];
  }

  private addMetadata(bytes: Uint8Array, where: string): void {
    const items = { ...this.items };
    const item = decodeCbor(bytes, where, items);
    if (!(item instanceof Map)) return damaged(`${where}: metadata is not a map`);
    const found = toPlain(item, where) as Record<string, unknown>;
    for (const key of Object.keys(found)) {
      if (key in this.field.metadata) {
        damaged(`${where}: the key ${JSON.stringify(key)} is in two metadata chunks`);
      }
    }
    Object.assign(this.field.metadata, found);
    Object.assign(this.items, items);
  }

  private readNetworks(payload: Payload): void {
    const layers = this.field.networks.flatMap((network) => network.layers);
    let size = 0;
    for (const { outputs, inputs, bias } of layers) {
      size += outputs * (inputs + (bias === null ? 0 : 1));
    }
    const values = halvesToFloats(readHalves(payload, size, this.counted));
    payload.finish();
    let at = 0;
    for (const layer of layers) {
      layer.weight = values.slice(at, (at += layer.outputs * layer.inputs));
      if (layer.bias !== null) layer.bias = values.slice(at, (at += layer.outputs));
    }
  }

  private readOccupancy(payload: Payload): void {
    const shape = this.header.occupancy as number[];
    const sides = [...shape].reverse();
    const depth = Math.max(...shape.map(ceilLog2));
    const count = product(shape);
    const found = readTopology(payload, {
      depth,
      places: 0,
      work: (amount) => this.counted.add(amount, payload.where),
      maxVoxels: Infinity,
      base: () => payload.reject("occupancy starts from a level"),
    });
    if ("same" in found) return;
    payload.finish();
    const [nx, ny = 1, nz = 1] = sides;
    const cells = new Uint8Array(4 * Math.ceil(count / 32));
    for (let i = 0; i < found.count; i++) {
      const x = found.x[i];
      const y = found.y[i];
      const z = found.z[i];
      if (x >= nx || y >= ny || z >= nz) payload.reject("an occupied voxel outside the cells");
      const cell = (z * ny + y) * nx + x;
      cells[Math.floor(cell / 8)] |= 1 << (cell & 7);
    }
    this.field.occupancy = { shape, cells };
  }

  private readLod(payload: Payload, lod: number): number[] {
    const levels = this.header.levels.filter((level) => level.lod === lod);
    const before = levels.map(({ layout }) => ({ ...layout }));
    const { done } = this.counted;
    try {
      for (const level of levels) this.readLevel(payload, level);
      payload.finish();
    } catch (error) {
      // A LOD's first layer arrives as a whole or not at all.
      this.counted.takeBackTo(done);
      levels.forEach((level, i) => {
        level.code = null;
        level.layout = before[i];
        this.decoded.delete(level.position);
      });
      throw error;
    }
    this.field.lodsDecoded = lod + 1;
    return levels.map(({ position }) => position);
  }

  /** The next layer of the levels of an LOD. */
  private refineLod(payload: Payload, lod: number, layer: number): number[] {
    const levels = this.header.levels.filter(
      ({ lod: own, form }) => own === lod && codeType(form).layers(form) > layer,
    );
    const { done } = this.counted;
    let refined: Code[];
    try {
      refined = levels.map((level) => this.refine(payload, level, layer));
      payload.finish();
    } catch (error) {
      this.counted.takeBackTo(done);
      throw error;
    }
    levels.forEach((level, i) => Object.assign(level, { code: refined[i], layer }));
    return levels.map(({ position }) => position);
  }

  private refine(payload: Payload, level: Level, layer: number): Code {
    const type = codeType(level.form);
    return type.refine(payload, level.form, level.code!, layer, this.around(level));
  }

  private readLevel(payload: Payload, level: Level): void {
    const { layout, rows, position, form } = level;
    layoutType(layout).read(payload, layout, {
      rows,
      where: `${payload.where}, level ${position}`,
      work: this.counted,
      earlier: (at) => (this.decoded.has(at) ? this.header.levels[at].layout : null),
    });
    level.code = codeType(form).read(payload, form, this.around(level));
    this.decoded.add(position);
  }

  /** What a coder may look at beside a level's own vectors. */
  private around({ layout, rows, features, position }: Level): Around {
    const type = layoutType(layout);
    const [lattice, voxels] = [type.lattice(layout, rows), type.voxels(layout)];
    const before = this.decoded.has(position - 1) ? this.header.levels[position - 1].code : null;
    return { rows, features, lattice, voxels, work: this.counted, before };
  }
}

/**
 * Decodes a whole file, or as much of one as `bytes` has: a file may be cut behind any LOD, or
 * behind any layer of one.
 *
 * @throws NfcError if it is not sound as far as it goes, or without its first LOD
 */
export function decode(given: Bytes, options: DecoderOptions = {}): Field {
  const bytes = plainBytes(given);
  const front = parseFront(bytes, options);
  if ("need" in front) {
    return damaged(
      `the file ends after ${bytes.length} bytes, in front of its first level of detail`,
    );
  }
  if (bytes.length > front.totalBytes) {
    damaged(`${bytes.length - front.totalBytes} bytes follow the last chunk`);
  }
  const decoder = new FieldDecoder(front);
  front.chunks.forEach(({ offset, length, known }, i) => {
    if (known && offset + length <= bytes.length) {
      decoder.addChunk(i, bytes.subarray(offset, offset + length));
    }
  });
  if (decoder.lodsDecoded === 0) {
    damaged(`the file ends after ${bytes.length} bytes, in front of its first level of detail`);
  }
  return decoder.field;
}
