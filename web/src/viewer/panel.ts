/** The settings: detail, what to show, colors, background. */

import type { Field } from "../types.js";
import { COLORMAPS, rampOf } from "../gpu/colors.js";
import { hexOf } from "./link.js";
import { modesOf, statedBackground, statedRange, type Look } from "./look.js";
import { byId } from "./page.js";

type Color = [number, number, number];
const WHITE: Color = [1, 1, 1];
const DARK: Color = [0x14 / 255, 0x17 / 255, 0x1c / 255];
const BLACK: Color = [0, 0, 0];

export class Panel {
  readonly #changed: (look: Look) => void;
  readonly #dark: () => boolean;
  #field: Field | null = null;
  #mode = "shaded";
  #lod: number | null = null;
  #background = "page";
  /** A color that a link asks for and that is none of the others. */
  #linked: Color | null = null;
  /** The values that the colors cover if the user says nothing; `null` while unknown. */
  #found: [number, number] | null = null;
  /** Where the user put the surface, as a share of the range; `null` if nowhere yet. */
  #place: number | null = null;

  /**
   * @param changed called with the new look whenever the user, or a method here, changes it
   * @param dark whether the page is dark now
   */
  constructor(changed: (look: Look) => void, dark: () => boolean) {
    this.#changed = changed;
    this.#dark = dark;
    const select = byId("colormap", HTMLSelectElement);
    for (const name of Object.keys(COLORMAPS)) select.add(new Option(name, name));
    byId("panel", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
    byId("lod", HTMLInputElement).addEventListener("input", () => {
      this.#setLod(Number(byId("lod", HTMLInputElement).value));
    });
    byId("auto", HTMLInputElement).addEventListener("change", () => {
      const auto = byId("auto", HTMLInputElement).checked;
      this.#setLod(auto ? null : Number(byId("lod", HTMLInputElement).value));
    });
    select.addEventListener("change", () => this.#emit());
    for (const id of ["low", "high"]) {
      byId(id, HTMLInputElement).addEventListener("change", () => this.#emit());
    }
    byId("level", HTMLInputElement).addEventListener("input", () => {
      this.#place = Number(byId("level", HTMLInputElement).value) / 1000;
      this.#emit();
    });
  }

  get look(): Look {
    const range = this.#range();
    return {
      lod: this.#lod,
      mode: this.#mode,
      background: this.#colors()[this.#background]!,
      colormap: byId("colormap", HTMLSelectElement).value,
      range,
      isoLevel: this.#place === null ? null : this.#level(),
    };
  }

  /** Set up the controls for another field. */
  open(field: Field, wanted: Partial<Look>): void {
    this.#field = field;
    const modes = modesOf(field);
    const known = modes.some(([mode]) => mode === wanted.mode);
    this.#mode = known ? wanted.mode! : modes[0]![0];
    // A link may be older than the file and ask for more than there ever will be.
    this.#lod = wanted.lod == null ? null : Math.min(wanted.lod, field.lods - 1);
    segments("modes", modes, this.#mode, (mode) => {
      this.#mode = mode;
      this.#emit();
    });
    const stated = statedBackground(field);
    const choices: [string, string][] = [
      ["page", "Page’s"],
      ["white", "White"],
      ["black", "Black"],
    ];
    if (stated !== null) choices.unshift(["file", "File’s"]);
    this.#background = choices[0]![0];
    const asked = wanted.background;
    if (asked !== undefined) {
      const alike = choices.find(([name]) => hexOf(this.#colors()[name]!) === hexOf(asked));
      this.#linked = alike === undefined ? asked : null;
      if (alike === undefined) choices.push(["link", "Link’s"]);
      this.#background = alike?.[0] ?? "link";
    }
    segments("backgrounds", choices, this.#background, (choice) => {
      this.#background = choice;
      this.#emit();
    });
    const colormap = byId("colormap", HTMLSelectElement);
    colormap.value =
      wanted.colormap !== undefined && Object.hasOwn(COLORMAPS, wanted.colormap)
        ? wanted.colormap
        : "viridis";
    const range = wanted.range ?? statedRange(field);
    byId("low", HTMLInputElement).value = range === null ? "" : String(range[0]);
    byId("high", HTMLInputElement).value = range === null ? "" : String(range[1]);
    for (const id of ["low", "high"]) byId(id, HTMLInputElement).placeholder = "";
    this.#found = range;
    const [low, high] = range ?? [0, 1];
    this.#place = wanted.isoLevel == null ? null : (wanted.isoLevel - low) / (high - low);
    const place = Math.min(1, Math.max(0, this.#place ?? 0.5));
    byId("level", HTMLInputElement).value = String(Math.round(1000 * place));
    byId("lod", HTMLInputElement).max = String(field.lods - 1);
    byId("detail").hidden = field.lods < 2;
    this.#emit();
  }

  /** Another LOD of the same field has arrived. */
  arrived(field: Field): void {
    this.#field = field;
    this.#sync();
  }

  /** Whether the range of values is still to be measured on the field. */
  get lacksRange(): boolean {
    return this.#field?.kind === "scalar" && this.#found === null;
  }

  /** The range of values as measured, for a file that states none. */
  set measuredRange(range: [number, number]) {
    const level = this.#place === null ? null : this.#level();
    this.#found = range;
    byId("low", HTMLInputElement).placeholder = rounded(range[0]);
    byId("high", HTMLInputElement).placeholder = rounded(range[1]);
    if (level !== null) this.#place = (level - range[0]) / (range[1] - range[0]);
    this.#sync();
  }

  /** More or less detail by one LOD; automatic again above the newest. */
  step(by: number): void {
    if (this.#field === null) return;
    const newest = this.#field.lods - 1;
    const now = this.#lod ?? Math.max(0, this.#field.lodsDecoded - 1);
    const then = Math.max(0, now + by);
    this.#setLod(then > newest ? null : then);
  }

  automatic(): void {
    this.#setLod(null);
  }

  /** The next way to show the field. */
  nextMode(): void {
    if (this.#field === null) return;
    const modes = modesOf(this.#field).map(([mode]) => mode);
    this.#mode = modes[(modes.indexOf(this.#mode) + 1) % modes.length]!;
    const choice = document.querySelector<HTMLInputElement>(`#modes input[value="${this.#mode}"]`);
    if (choice !== null) choice.checked = true;
    this.#emit();
  }

  /** The page became light or dark. */
  themeChanged(): void {
    if (this.#field !== null) this.#emit();
  }

  #setLod(lod: number | null): void {
    this.#lod = lod;
    this.#emit();
  }

  #emit(): void {
    this.#sync();
    this.#changed(this.look);
  }

  /** Bring what the controls say in line with what is drawn. */
  #sync(): void {
    const field = this.#field;
    if (field === null) return;
    const newest = Math.max(0, field.lodsDecoded - 1);
    const shown = Math.min(newest, this.#lod ?? newest);
    byId("lod", HTMLInputElement).value = String(this.#lod ?? newest);
    byId("auto", HTMLInputElement).checked = this.#lod === null;
    const waiting = this.#lod !== null && this.#lod > newest ? ", waiting" : "";
    byId("lod-value").textContent = `${shown} of 0–${field.lods - 1}${waiting}`;
    const scalar = field.kind === "scalar";
    const iso = this.#mode === "iso";
    byId("colors").hidden = !scalar;
    byId("range").hidden = !scalar;
    byId("surface").hidden = !iso;
    byId("level-value").textContent = this.#found === null ? "" : rounded(this.#level());
    if (scalar) drawRamp(byId("colormap", HTMLSelectElement).value);
  }

  /** The value at the slider's place. */
  #level(): number {
    const [low, high] = this.#range() ?? this.#found ?? [0, 1];
    return low + (high - low) * (this.#place ?? 0.5);
  }

  #range(): [number, number] | null {
    const texts = [byId("low", HTMLInputElement).value, byId("high", HTMLInputElement).value];
    if (texts.every((text) => text === "")) return null;
    const [low, high] = texts.map((text, k) => (text === "" ? this.#found?.[k] : Number(text)));
    if (low === undefined || high === undefined) return null;
    return Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null;
  }

  #colors(): Record<string, Color> {
    const page = this.#dark() ? DARK : WHITE;
    const stated = this.#field === null ? null : statedBackground(this.#field);
    return { file: stated ?? page, page, white: WHITE, black: BLACK, link: this.#linked ?? page };
  }
}

/** A row of choices, one of which holds. */
function segments(
  id: string,
  choices: readonly (readonly [string, string])[],
  chosen: string,
  picked: (value: string) => void,
): void {
  const row = byId(id);
  row.replaceChildren(
    ...choices.map(([value, words]) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: id, value, checked: value === chosen });
      input.addEventListener("change", () => picked(value));
      label.append(input, words);
      return label;
    }),
  );
  row.closest("fieldset")!.hidden = choices.length < 2;
}

function drawRamp(colormap: string): void {
  const canvas = byId("ramp", HTMLCanvasElement);
  const image = new ImageData(rampOf(colormap), 256, 1);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}
