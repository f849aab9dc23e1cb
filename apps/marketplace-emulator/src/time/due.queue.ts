interface Entry {
  id: string;
  dueAtMs: number;
}

/** A binary heap of ids by due time. An id may be in it more than once: whoever takes it asks whether that due time is still meant. */
export class DueQueue {
  private readonly entries: Entry[] = [];

  firstDueAtMs(): number | undefined {
    return this.entries[0]?.dueAtMs;
  }

  add(id: string, dueAtMs: number): void {
    this.entries.push({ id, dueAtMs });
    this.rise(this.entries.length - 1);
  }

  /** Takes the id that has been due for longest, if one is due. */
  takeDue(nowMs: number): string | undefined {
    const first = this.entries[0];
    if (!first || first.dueAtMs > nowMs) return undefined;
    const last = this.entries.pop() as Entry;
    if (this.entries.length > 0) {
      this.entries[0] = last;
      this.sink();
    }
    return first.id;
  }

  private rise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.dueAt(parent) <= this.dueAt(index)) return;
      this.swap(parent, index);
      index = parent;
    }
  }

  private sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.dueAt(left + 1) < this.dueAt(left) ? left + 1 : left;
      if (this.dueAt(child) >= this.dueAt(index)) return;
      this.swap(child, index);
      index = child;
    }
  }

  private dueAt(index: number): number {
    return this.entries[index]?.dueAtMs ?? Infinity;
  }

  private swap(one: number, other: number): void {
    const entry = this.entries[one] as Entry;
    this.entries[one] = this.entries[other] as Entry;
    this.entries[other] = entry;
  }
}
