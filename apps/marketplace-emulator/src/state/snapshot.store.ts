import type { Document } from './document';

/** Documents by kind: the state at one moment. */
export type Contents = ReadonlyMap<string, readonly Document[]>;

/** Keeps contents of the past beside those of the present. */
export interface SnapshotStore {
  /** Keeps contents under a key that was not used before. What was not finished when the process died is removed at the next start. */
  keep(key: string, contents: Contents): Promise<void>;
  load(key: string): Contents;
  remove(key: string): void;
  /** Removes all but the named. */
  sweep(keys: ReadonlySet<string>): void;
}

/** Documents are never changed in place, so that old contents cost little: what has not changed since is shared with the present. */
export class MemorySnapshotStore implements SnapshotStore {
  private readonly kept = new Map<string, Contents>();

  async keep(key: string, contents: Contents): Promise<void> {
    this.kept.set(key, contents);
  }

  load(key: string): Contents {
    return this.kept.get(key) ?? new Map<string, Document[]>();
  }

  remove(key: string): void {
    this.kept.delete(key);
  }

  sweep(keys: ReadonlySet<string>): void {
    for (const key of this.kept.keys()) if (!keys.has(key)) this.kept.delete(key);
  }
}
