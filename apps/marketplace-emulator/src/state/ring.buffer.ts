interface Capacity {
  entries: number;
  /** Where entries differ in size: all of them together. */
  bytes?: number;
}

/** Keeps the newest entries and lets the oldest fall off. */
export class RingBuffer<T> {
  private entries: T[] = [];
  private sizes: number[] = [];
  /** Place of the oldest that is kept. Those before it are cut off seldom, so that adding stays cheap. */
  private first = 0;
  private bytes = 0;
  private readonly capacity: Required<Capacity>;

  constructor(capacity: number | Capacity) {
    this.capacity = typeof capacity === 'number' ? { entries: capacity, bytes: Infinity } : { bytes: Infinity, ...capacity };
  }

  /** `bytes` is about what the entry takes; it counts where the ring has a capacity in bytes. */
  add(entry: T, bytes = 0): void {
    this.entries.push(entry);
    this.sizes.push(bytes);
    this.bytes += bytes;
    while (this.entries.length - this.first > this.capacity.entries || this.bytes > this.capacity.bytes) this.dropOldest();
    if (this.first >= this.capacity.entries) this.cutOff();
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
    this.sizes = [];
    this.first = 0;
    this.bytes = 0;
  }

  private kept(): T[] {
    return this.entries.slice(this.first);
  }

  private dropOldest(): void {
    this.bytes -= this.sizes[this.first] ?? 0;
    this.first++;
  }

  private cutOff(): void {
    this.entries = this.entries.slice(this.first);
    this.sizes = this.sizes.slice(this.first);
    this.first = 0;
  }
}
