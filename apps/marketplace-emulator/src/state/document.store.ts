import type { Journal } from './journal';

export interface Document {
  id: string;
}

/**
 * All state of the emulator: documents in memory, by kind, written through to a journal. A document that was read is never changed in place; a changed copy is
 * put. What happens inside `atomically` is there as a whole or not at all, in memory as well as in the file.
 */
export class DocumentStore {
  private readonly undo: (() => void)[] = [];
  private depth = 0;

  constructor(private readonly journal: Journal) {}

  collection<T extends Document>(kind: string): Collection<T> {
    return new Collection<T>(kind, this.journal, (step) => {
      if (this.depth > 0) this.undo.push(step);
    });
  }

  atomically<R>(work: () => R): R {
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

  close(): void {
    this.journal.close();
  }
}

/** The documents of one kind, in the order in which they came. */
export class Collection<T extends Document> {
  private readonly documents: Map<string, T>;

  constructor(
    private readonly kind: string,
    private readonly journal: Journal,
    private readonly onUndo: (step: () => void) => void,
  ) {
    this.documents = new Map((journal.load(kind) as T[]).map((document) => [document.id, document]));
  }

  get size(): number {
    return this.documents.size;
  }

  get(id: string): T | undefined {
    return this.documents.get(id);
  }

  has(id: string): boolean {
    return this.documents.has(id);
  }

  values(): IterableIterator<T> {
    return this.documents.values();
  }

  put(document: T): T {
    const before = this.documents.get(document.id);
    this.onUndo(() => (before ? this.documents.set(before.id, before) : this.documents.delete(document.id)));
    this.documents.set(document.id, document);
    this.journal.put(this.kind, document);
    return document;
  }

  delete(id: string): void {
    const before = this.documents.get(id);
    if (!before) return;
    this.onUndo(() => this.documents.set(id, before));
    this.documents.delete(id);
    this.journal.delete(this.kind, id);
  }

  clear(): void {
    for (const id of [...this.documents.keys()]) this.delete(id);
  }
}
