import { isAlias, isMap, isNode, isScalar, isSeq, type Document } from 'yaml';

/** What a fault is about. */
export interface Placed {
  readonly path: readonly PropertyKey[];
  /** Whether the member itself is at fault, and not its value. */
  readonly isAboutKey: boolean;
}

/**
 * Where in the text something stands: its value, or its name where that is at fault or has no value. What is missing stands where the
 * member is that lacks it.
 */
export function placeOf(document: Document, { path, isAboutKey }: Placed): number {
  let node: unknown = document.contents;
  let parent = startOf(node);
  for (const [index, part] of path.entries()) {
    const entry = entryOf(node, part);
    if (!entry) return parent;
    const isLast = index === path.length - 1;
    if (isLast && !isAboutKey && !isEmpty(entry.value)) return startOf(entry.value);
    parent = startOf(entry.key);
    node = isAlias(entry.value) ? entry.value.resolve(document) : entry.value;
  }
  return parent;
}

function entryOf(node: unknown, part: PropertyKey): { key: unknown; value: unknown } | undefined {
  if (isSeq(node)) return Number(part) in node.items ? { key: node.items[Number(part)], value: node.items[Number(part)] } : undefined;
  return isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part)) : undefined;
}

const isEmpty = (value: unknown): boolean => value === null || (isScalar(value) && value.value === null);

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);
