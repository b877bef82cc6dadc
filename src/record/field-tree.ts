/** Fields as objects hold them: a key with a field, or with an object's own nodes. */
export type FieldNode<Leaf> =
  | { readonly key: string; readonly leaf: Leaf; readonly nodes?: undefined }
  | { readonly key: string; readonly leaf?: undefined; readonly nodes: FieldTree<Leaf> };

export type FieldTree<Leaf> = readonly FieldNode<Leaf>[];

/**
 * The tree that dotted paths describe, its nodes in the order in which their keys come first. What has no path is left out.
 */
export function treeOf<Leaf>(
  leaves: readonly Leaf[],
  pathOf: (leaf: Leaf) => string | undefined,
): FieldTree<Leaf> {
  return treeAt(
    leaves.flatMap((leaf) => {
      const path = pathOf(leaf)?.split('.');
      return path === undefined ? [] : [{ leaf, path }];
    }),
    0,
  );
}

interface Placed<Leaf> {
  readonly leaf: Leaf;
  readonly path: readonly string[];
}

function treeAt<Leaf>(placed: readonly Placed<Leaf>[], depth: number): FieldTree<Leaf> {
  const groups = new Map<string, Placed<Leaf>[]>();
  for (const each of placed) {
    const key = each.path[depth] ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups].map(([key, group]) => {
    const [first] = group;
    return first !== undefined && first.path.length === depth + 1
      ? { key, leaf: first.leaf }
      : { key, nodes: treeAt(group, depth + 1) };
  });
}
