/** A field as text, typed arrays as what they are and hold. */
export function asJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    ArrayBuffer.isView(item) ? [item.constructor.name, ...Array.from(item as Uint8Array)] : item,
  );
}
