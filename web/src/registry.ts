import { unsupported } from "./errors.js";

/** Things by `tag`, their frozen id in files, and by `kind`, their name in memory. */
export class Registry<T extends { readonly tag: number; readonly kind: string }> {
  readonly #what: string;
  readonly #byTag = new Map<number, T>();
  readonly #byKind = new Map<string, T>();

  /** @param what names a member in messages, such as "layout" */
  constructor(what: string, members: readonly T[]) {
    this.#what = what;
    for (const member of members) this.add(member);
  }

  /** @throws Error if its tag or its kind is taken */
  add(member: T): void {
    if (this.#byTag.has(member.tag) || this.#byKind.has(member.kind)) {
      throw new Error(`${this.#what} ${member.tag}, ${member.kind}, is registered already`);
    }
    this.#byTag.set(member.tag, member);
    this.#byKind.set(member.kind, member);
  }

  /** Undoes {@link add}. */
  remove(member: T): void {
    this.#byTag.delete(member.tag);
    this.#byKind.delete(member.kind);
  }

  /** @throws NfcError `unsupported`, which begins with `where`, for an id that is not known */
  tagged(tag: number, where: string): T {
    return this.#byTag.get(tag) ?? unsupported(`${where} is ${tag}`);
  }

  /** The member of something in memory. */
  of({ kind }: { readonly kind: string }): T {
    const found = this.#byKind.get(kind);
    if (found === undefined) throw new Error(`there is no ${this.#what} ${kind}`);
    return found;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#byTag.values();
  }
}
