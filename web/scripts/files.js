import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The files in `folder`, not below it, whose names end in `ending`, sorted. */
export function globSync(folder, ending) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}
