/** What the address says: which file, from where it is seen and how. */

import type { View } from "./framing.js";
import type { Vec3 } from "./vector.js";

/** What a shared link restores; what is missing stays as it is. */
export interface Shared {
  view?: View;
  lod?: number;
  mode?: string;
  colormap?: string;
  range?: [number, number];
  level?: number;
  /** Display-referred red, green, blue. */
  background?: [number, number, number];
}

/** Numbers beyond this are taken for nonsense, as in the format's own bounds. */
const LARGEST = 1e30;

/** The part of an address behind `#` that {@link readHash} turns back into `shared`. */
export function writeHash(shared: Shared): string {
  const parts: string[] = [];
  if (shared.view !== undefined) {
    const { eye, target, up, verticalFov } = shared.view;
    parts.push(`camera=${[...eye, ...target, ...up, verticalFov].map(short).join(",")}`);
  }
  if (shared.lod !== undefined) parts.push(`lod=${shared.lod}`);
  if (shared.mode !== undefined) parts.push(`mode=${encodeURIComponent(shared.mode)}`);
  if (shared.colormap !== undefined) parts.push(`colormap=${encodeURIComponent(shared.colormap)}`);
  if (shared.range !== undefined) parts.push(`range=${shared.range.map(short).join(",")}`);
  if (shared.level !== undefined) parts.push(`level=${short(shared.level)}`);
  if (shared.background !== undefined) parts.push(`background=${hexOf(shared.background)}`);
  return parts.length > 0 ? `#${parts.join("&")}` : "";
}

/** The inverse of {@link writeHash}; what does not make sense is left out. */
export function readHash(hash: string): Shared {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const shared: Shared = {};
  const camera = numbers(given.get("camera"), 10);
  if (camera !== null) {
    const [eye, target, up] = [0, 3, 6].map((at) => camera.slice(at, at + 3) as unknown as Vec3);
    const verticalFov = camera[9]!;
    // Fields come in all units: what is apart is a matter of the coordinates' own size.
    const size = Math.max(Math.hypot(...eye!), Math.hypot(...target!));
    const apart = Math.hypot(...eye!.map((v, k) => v - target![k]!)) > 1e-9 * size;
    const sound = apart && Math.hypot(...up!) > 1e-9 && verticalFov > 1e-3 && verticalFov < 3;
    if (sound) shared.view = { eye: eye!, target: target!, up: up!, verticalFov };
  }
  const lod = numbers(given.get("lod"), 1);
  if (lod !== null && Number.isInteger(lod[0]) && lod[0]! >= 0) shared.lod = lod[0]!;
  const mode = given.get("mode");
  if (mode !== null) shared.mode = mode;
  const colormap = given.get("colormap");
  if (colormap !== null) shared.colormap = colormap;
  const range = numbers(given.get("range"), 2);
  if (range !== null && range[0]! < range[1]!) shared.range = range as [number, number];
  const level = numbers(given.get("level"), 1);
  if (level !== null) shared.level = level[0]!;
  const background = /^[0-9a-f]{6}$/i.exec(given.get("background") ?? "")?.[0];
  if (background !== undefined) {
    const part = (at: number) => parseInt(background.slice(at, at + 2), 16) / 255;
    shared.background = [part(0), part(2), part(4)];
  }
  return shared;
}

/** What has a meaning in addresses, and spaces that they lose. */
const MEANINGFUL = /[^\p{L}\p{N} _.~()+,=@!&;'$*-]|^ | $/gu;

/** The part of an address that makes the page show the file of this name beside it. */
export function queryOf(name: string): string {
  // What `?src=` holds is an address itself, so that these characters are encoded twice.
  return `?src=${encodeURIComponent(name.replace(MEANINGFUL, encodeURIComponent))}`;
}

/** Whether the page shows the image alone, as a part of another page. */
export function isEmbedded(page: URL): boolean {
  const said = page.searchParams.get("embed");
  return said !== null && said !== "0" && said !== "false";
}

/** The same page, not embedded. */
export function unembedded(page: URL): URL {
  const whole = new URL(page);
  whole.searchParams.delete("embed");
  return whole;
}

/**
 * The file that `?src=` names, as an address; `null` if it names none.
 *
 * @throws TypeError if it is no address of a file on a web server
 */
export function sourceOf(page: URL): URL | null {
  const named = page.searchParams.get("src");
  if (named === null || named === "") return null;
  const address = new URL(named, page);
  if (address.protocol !== "http:" && address.protocol !== "https:") {
    throw new TypeError(`"${named}" is not the address of a file on a web server`);
  }
  return address;
}

/** A file's name, without its folder, as people write it. */
export function nameOf(address: URL): string {
  const last = address.pathname.split("/").pop() ?? "";
  try {
    return decodeURIComponent(last) || address.host;
  } catch {
    return last;
  }
}

function numbers(text: string | null, count: number): number[] | null {
  if (text === null) return null;
  const parts = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return parts.length === count && parts.every((v) => Math.abs(v) <= LARGEST) ? parts : null;
}

/** A color as six hexadecimal digits. */
export function hexOf(color: readonly number[]): string {
  return color
    .map((part) =>
      Math.round(255 * part)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("");
}

function short(value: number): string {
  return String(Number(value.toPrecision(8)));
}
