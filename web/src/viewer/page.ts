/** The parts of the page, which `index.html` has. */

/** The element with this id, of this type. */
export function byId<T extends HTMLElement = HTMLElement>(
  id: string,
  type: new () => T = HTMLElement as new () => T,
): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} "${id}"`);
  return found;
}

let toastTimer = 0;

/** Say something for a moment, without taking the focus. */
export function toast(text: string): void {
  const line = byId("toast");
  line.textContent = text;
  line.classList.add("seen");
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => line.classList.remove("seen"), 2500);
}
