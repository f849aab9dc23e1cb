import { Collection } from './collection';
import type { Document } from './document';
import type { Journal } from './journal';
import { MemorySnapshotStore, type Contents, type SnapshotStore } from './snapshot.store';
import { StoreClosed } from './store.closed';

export type { Collection, Document };

interface CollectionOptions {
  /**
   * Neither a reset nor a snapshot touches it: keys and secrets, which are who the installation is and not what has happened, and the list
   * of snapshots.
   */
  isLasting?: boolean;
}

/**
 * All state of the emulator: documents in memory, by kind, written through to a journal. A document that was read is never changed in
 * place; a changed copy is put. What happens inside `atomically` is there as a whole or not at all, in memory as well as in the file.
 */
export class DocumentStore {
  private readonly collections = new Map<string, { collection: Collection<Document>; isLasting: boolean }>();
  private readonly indexes: (() => void)[] = [];
  private readonly undo: (() => void)[] = [];
  private depth = 0;
  private closed = false;

  /** Where snapshots are kept, which is where the documents are. */
  readonly snapshotStore: SnapshotStore;

  constructor(private readonly journal: Journal) {
    this.snapshotStore = journal.snapshotStore ?? new MemorySnapshotStore();
  }

  /** Kinds of which the state consists. */
  get kinds(): string[] {
    return this.state().map(([kind]) => kind);
  }

  /** The documents of one kind. A collection belongs to one owner, who keeps its indexes. */
  collection<T extends Document>(kind: string, { isLasting = false }: CollectionOptions = {}): Collection<T> {
    if (this.collections.has(kind)) throw new Error(`The collection '${kind}' has an owner already.`);
    const collection = new Collection<T>(kind, this.journal, {
      undoBy: (step) => {
        if (this.depth > 0) this.undo.push(step);
      },
      whenReplaced: (index) => this.indexes.push(index),
    });
    this.collections.set(kind, { collection, isLasting });
    return collection;
  }

  /** @throws StoreClosed after the end, so that long work which goes on by turns ends too */
  atomically<R>(work: () => R): R {
    if (this.closed) throw new StoreClosed();
    if (this.depth > 0) return work();
    this.depth++;
    this.journal.begin();
    try {
      const result = work();
      this.journal.commit();
      return result;
    } catch (error) {
      this.journal.rollback();
      for (const step of this.undo.reverse()) step();
      throw error;
    } finally {
      this.undo.length = 0;
      this.depth--;
    }
  }

  /** Everything but what is lasting, as it is now: later changes do not show in it. */
  contents(): Contents {
    return new Map(this.state().map(([kind, collection]) => [kind, [...collection.values()]]));
  }

  /**
   * Puts other contents in the place of everything but what is lasting, and lets the owners of the collections build their indexes anew; a
   * kind that is left out is empty afterwards. As a whole or not at all. Not to be called inside `atomically`.
   */
  replace(contents: Contents): void {
    try {
      this.atomically(() => {
        for (const [kind, collection] of this.state()) collection.replace(contents.get(kind) ?? []);
        this.index();
      });
    } catch (error) {
      this.index(); // of what was there before
      throw error;
    }
  }

  close(): void {
    this.closed = true;
    this.journal.close();
  }

  private state(): [string, Collection<Document>][] {
    return [...this.collections].filter(([, { isLasting }]) => !isLasting).map(([kind, { collection }]) => [kind, collection]);
  }

  private index(): void {
    for (const index of this.indexes) index();
  }
}
