/** The product of sides, such as the number of cells in a box. */
export function product(sides: readonly number[]): number {
  return sides.reduce((before, side) => before * side, 1);
}
