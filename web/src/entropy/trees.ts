/** A node of a Huffman tree: a symbol, or inner node j as the number of symbols plus j. */
export interface Node {
  weight: number;
  node: number;
  /** The most decisions from here to a symbol. */
  depth: number;
}

/**
 * Makes a tree of `nodes`, at least one (specification, section 8).
 *
 * @param children where those of its inner nodes are appended, for bit 0 and for bit 1
 * @returns the root
 */
export function grow(nodes: Node[], numSymbols: number, children: number[]): Node {
  // Takes the lightest out; of equal ones the lowest number.
  const take = (): Node => {
    let best = 0;
    for (let i = 1; i < nodes.length; i++) {
      const { weight, node } = nodes[i];
      const least = nodes[best];
      if (weight < least.weight || (weight === least.weight && node < least.node)) best = i;
    }
    const [taken] = nodes.splice(best, 1);
    return taken;
  };
  while (nodes.length > 1) {
    const one = take();
    const zero = take();
    nodes.push({
      weight: one.weight + zero.weight,
      node: numSymbols + children.length / 2,
      depth: Math.max(one.depth, zero.depth) + 1,
    });
    children.push(zero.node, one.node);
  }
  return nodes[0];
}
