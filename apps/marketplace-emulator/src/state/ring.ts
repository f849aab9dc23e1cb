/** Keeps the newest entries and lets the oldest fall off. */
export class Ring<T> {
  private entries: T[] = [];

  constructor(private readonly capacity: number) {}

  add(entry: T): void {
    this.entries.push(entry);
    if (this.entries.length >= 2 * this.capacity) this.entries = this.entries.slice(-this.capacity); // seldom, so that adding stays cheap
  }

  /** The newest `count` entries that fit, oldest first. */
  newest(count: number, fits: (entry: T) => boolean = () => true): T[] {
    return this.kept().filter(fits).slice(-count);
  }

  find(fits: (entry: T) => boolean): T | undefined {
    return this.kept().find(fits);
  }

  clear(): void {
    this.entries = [];
  }

  private kept(): T[] {
    return this.entries.slice(-this.capacity);
  }
}
