import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type YAMLMap } from 'yaml';

/** What a fault is about. */
export interface Placed {
  readonly path: readonly PropertyKey[];
  /** Whether the member itself is at fault, and not its value. */
  readonly isAboutKey: boolean;
}

interface Entry {
  readonly key: unknown;
  readonly value: unknown;
}

/** Where in the text things stand, in characters from the beginning. */
export class Places {
  private readonly entries = new Map<YAMLMap, Map<string, Entry>>();

  constructor(private readonly document: Document) {}

  /**
   * The place of a value, or of its name where that is at fault or has no value. What is missing stands where the member is that lacks it.
   */
  of({ path, isAboutKey }: Placed): number {
    let node: unknown = this.document.contents;
    let place = startOf(node);
    for (const [index, part] of path.entries()) {
      const entry = this.entryOf(node, part);
      if (!entry) return place;
      const isLast = index === path.length - 1;
      if (isLast && !isAboutKey && !isEmpty(entry.value)) return startOf(entry.value);
      place = startOf(entry.key);
      node = isAlias(entry.value) ? entry.value.resolve(this.document) : entry.value;
    }
    return place;
  }

  private entryOf(node: unknown, part: PropertyKey): Entry | undefined {
    if (isMap(node)) return this.entriesOf(node).get(String(part));
    const item: unknown = isSeq(node) ? node.items[Number(part)] : undefined;
    return item === undefined ? undefined : { key: item, value: item };
  }

  private entriesOf(map: YAMLMap): Map<string, Entry> {
    let entries = this.entries.get(map);
    if (!entries) {
      entries = new Map(map.items.flatMap(({ key, value }) => (isScalar(key) ? [[String(key.value), { key, value }]] : [])));
      this.entries.set(map, entries);
    }
    return entries;
  }
}

const isEmpty = (value: unknown): boolean => value === null || (isScalar(value) && value.value === null);

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);
