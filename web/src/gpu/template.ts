/**
 * The substitution that turns the files of `nfcodec/render/shaders` into a program for one field:
 * the same as `nfcodec/render/gpu/template.py`.
 *
 * Lines that begin with `//#` direct it: `//#include file`, `//#for x in list` and `//#if value`
 * with `//#else`, each closed by `//#end`. In other lines `${a.b}` is replaced by that value.
 */

/** What templates are filled with. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };
export type Values = { readonly [key: string]: Value };

const VALUE = /\$\{([a-z0-9_.]+)\}/g;

/** The file `name` of `files` with its directives carried out. */
export function expand(
  name: string,
  values: Values,
  files: Readonly<Record<string, string>>,
): string {
  const out: string[] = [];
  expandLines(linesOf(name, files), values, files, out);
  return out.join("\n") + "\n";
}

function linesOf(name: string, files: Readonly<Record<string, string>>): string[] {
  const text = files[name];
  if (text === undefined) throw new Error(`there is no shader file ${name}`);
  return text.replace(/\n$/, "").split("\n");
}

function expandLines(
  lines: readonly string[],
  values: Values,
  files: Readonly<Record<string, string>>,
  out: string[],
): void {
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (!line.startsWith("//#")) {
      out.push(line.replace(VALUE, (_, path: string) => String(lookUp(path, values))));
      continue;
    }
    const [word, ...rest] = line.slice(3).trim().split(/\s+/);
    if (word === "include") {
      expandLines(linesOf(rest[0], files), values, files, out);
      continue;
    }
    const [other, end] = block(lines, i);
    const inner = lines.slice(i + 1, other);
    if (word === "for") {
      for (const item of lookUp(rest[2], values) as readonly Value[]) {
        expandLines(inner, { ...values, [rest[0]]: item }, files, out);
      }
    } else if (word === "if") {
      const chosen = holds(lookUp(rest[0], values)) ? inner : lines.slice(other + 1, end);
      expandLines(chosen, values, files, out);
    } else {
      throw new Error(`unknown directive ${line}`);
    }
    i = end;
  }
}

/** Where the `else` (or else the end) and the end of the block at `start` are. */
function block(lines: readonly string[], start: number): [number, number] {
  let depth = 0;
  let other = -1;
  for (let i = start; i < lines.length; i++) {
    if (lines[i].startsWith("//#for") || lines[i].startsWith("//#if")) {
      depth++;
    } else if (lines[i].startsWith("//#else") && depth === 1) {
      other = i;
    } else if (lines[i].startsWith("//#end") && --depth === 0) {
      return [other < 0 ? i : other, i];
    }
  }
  throw new Error(`no end of ${lines[start]}`);
}

function lookUp(path: string, values: Values): Value {
  let found: Value = values;
  for (const key of path.split(".")) {
    const next: Value | undefined = (found as Values)[key];
    if (next === undefined) throw new Error(`templates know no ${path}`);
    found = next;
  }
  return found;
}

function holds(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
