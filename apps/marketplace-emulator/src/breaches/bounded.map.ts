import { limits } from '../limits';

/** A map that keeps its newest keys. The oldest fall out, so a rule must report nothing about a key that it does not find. */
export class BoundedMap<V> {
  private readonly entries = new Map<string, V>();

  constructor(private readonly capacity: number = limits.rememberedPerRule) {}

  get(key: string): V | undefined {
    return this.entries.get(key);
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Makes the key the newest one. @returns what falls out for it */
  set(key: string, value: V): V | undefined {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.capacity) return undefined;
    const [oldest, lost] = this.entries.entries().next().value as [string, V];
    this.entries.delete(oldest);
    return lost;
  }

  delete(key: string): boolean {
    return this.entries.delete(key);
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<[string, V]> {
    return this.entries.entries();
  }

  get size(): number {
    return this.entries.size;
  }
}
