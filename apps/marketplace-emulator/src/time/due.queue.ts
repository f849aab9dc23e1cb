export interface DueEntry {
  id: string;
  dueAtMs: number;
}

interface Placed extends DueEntry {
  /** What came first goes first among those that are due at the same time. */
  place: number;
}

/**
 * A binary heap of ids by due time. An id may be in it more than once: the one who takes it has to check that this due time is still valid.
 */
export class DueQueue {
  private entries: Placed[] = [];
  private places = 0;

  get size(): number {
    return this.entries.length;
  }

  first(): DueEntry | undefined {
    return this.entries[0];
  }

  add(id: string, dueAtMs: number): void {
    this.entries.push({ id, dueAtMs, place: this.places++ });
    this.rise(this.entries.length - 1);
  }

  /** Takes the entry that has been due for longest, if one is due. */
  takeDue(nowMs: number): DueEntry | undefined {
    const first = this.entries[0];
    if (!first || first.dueAtMs > nowMs) return undefined;
    const last = this.entries.pop() as Placed;
    if (this.entries.length > 0) {
      this.entries[0] = last;
      this.sink(0);
    }
    return first;
  }

  /** Keeps the entries that are wanted and drops the rest. */
  keep(isWanted: (entry: DueEntry) => boolean): void {
    this.entries = this.entries.filter(isWanted);
    for (let index = (this.entries.length >> 1) - 1; index >= 0; index--) this.sink(index);
  }

  private rise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.goesBefore(index, parent)) return;
      this.swap(parent, index);
      index = parent;
    }
  }

  private sink(index: number): void {
    for (;;) {
      const left = 2 * index + 1;
      const child = this.goesBefore(left + 1, left) ? left + 1 : left;
      if (!this.goesBefore(child, index)) return;
      this.swap(child, index);
      index = child;
    }
  }

  private goesBefore(index: number, otherIndex: number): boolean {
    const [entry, other] = [this.entries[index], this.entries[otherIndex]];
    if (!entry || !other) return entry !== undefined;
    return entry.dueAtMs < other.dueAtMs || (entry.dueAtMs === other.dueAtMs && entry.place < other.place);
  }

  private swap(one: number, other: number): void {
    const entry = this.entries[one] as Placed;
    this.entries[one] = this.entries[other] as Placed;
    this.entries[other] = entry;
  }
}
