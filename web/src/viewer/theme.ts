/** Light or dark: as the system says, until the user says otherwise. */

const KEY = "nfcodec-theme";
const system = (): MediaQueryList => window.matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now. */
export function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === undefined ? system().matches : chosen === "dark";
}

/** Take up what was chosen before; `changed` is called at every change from now on. */
export function setUpTheme(changed: () => void): void {
  const kept = read();
  if (kept === "light" || kept === "dark") document.documentElement.dataset["theme"] = kept;
  system().addEventListener("change", changed);
}

/** Change over; the choice is kept in this browser. */
export function toggleTheme(): void {
  const chosen = isDark() ? "light" : "dark";
  document.documentElement.dataset["theme"] = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Storage is off: the choice holds until the page is closed.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
