/** The numbers at the bottom: what has arrived, what is on screen, how fast. */

import { bytes } from "./messages.js";
import { byId } from "./page.js";
import type { Shown } from "./stage.js";

export class Readout {
  #stillTimer = 0;

  /**
   * So many bytes have arrived.
   *
   * @param total `null` if the server does not say and the file's front is not there yet
   * @param ends how many bytes each LOD needs, for the marks on the bar
   */
  progress(received: number, total: number | null, ends: readonly number[]): void {
    byId("readout").hidden = false;
    const share = total === null || total === 0 ? 0 : Math.min(1, received / total);
    byId("fill").style.transform = `scaleX(${share})`;
    byId("bar").setAttribute("aria-valuenow", String(Math.round(100 * share)));
    byId("received").textContent =
      total === null ? bytes(received) : `${bytes(received)} / ${bytes(total)}`;
    const ticks = byId("ticks");
    const marks = total === null ? [] : ends.slice(0, -1);
    if (ticks.childElementCount === marks.length) return;
    ticks.replaceChildren(
      ...marks.map((end) => {
        const mark = document.createElement("i");
        mark.style.left = `${(100 * end) / total!}%`;
        return mark;
      }),
    );
  }

  shown(state: Shown): void {
    byId("level-shown").textContent = `${state.lod} of 0–${state.lods - 1}`;
    byId("pixels").textContent =
      `${state.width} × ${state.height}` +
      (state.share < 1 ? ` (${Math.round(100 * state.share)} %)` : "");
    byId("memory").textContent = bytes(state.gpuBytes);
    this.#rate(state.framesPerSecond);
  }

  #rate(framesPerSecond: number | null): void {
    const line = byId("frames");
    clearTimeout(this.#stillTimer);
    if (framesPerSecond === null) {
      line.textContent = "still";
      return;
    }
    line.textContent = `${framesPerSecond.toFixed(framesPerSecond < 10 ? 1 : 0)} / s`;
    this.#stillTimer = window.setTimeout(() => (line.textContent = "still"), 1200);
  }
}
