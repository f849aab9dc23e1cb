import type { Document } from './document';
import type { Journal } from './journal';

/** What a collection needs from the store that it is in. */
interface Owner {
  /** How to take a change back, if the transaction that it belongs to fails. */
  undoBy(step: () => void): void;
  whenReplaced(index: () => void): void;
}

/** The documents of one kind, in the order in which they came. */
export class Collection<T extends Document> {
  private documents: Map<string, T>;

  constructor(
    private readonly kind: string,
    private readonly journal: Journal,
    private readonly owner: Owner,
  ) {
    this.documents = byId(journal.load(kind) as T[]);
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

  /**
   * Runs now, and whenever a reset or a snapshot has put other documents in the place of these: here the owner builds what it keeps beside
   * them in memory, from them alone, and puts what has to be there always. Owners are served in the order in which they asked.
   */
  whenLoaded(index: () => void): void {
    this.owner.whenReplaced(index);
    index();
  }

  put(document: T): T {
    const before = this.documents.get(document.id);
    this.owner.undoBy(() => (before ? this.documents.set(before.id, before) : this.documents.delete(document.id)));
    this.documents.set(document.id, document);
    this.journal.put(this.kind, document);
    return document;
  }

  delete(id: string): void {
    const before = this.documents.get(id);
    if (!before) return;
    this.owner.undoBy(() => this.documents.set(id, before));
    this.documents.delete(id);
    this.journal.delete(this.kind, id);
  }

  clear(): void {
    this.replace([]);
  }

  /** Other documents in the place of all. Indexes beside them are not built anew; `DocumentStore.replace` does that. */
  replace(documents: readonly T[]): void {
    const before = this.documents;
    this.owner.undoBy(() => (this.documents = before));
    this.documents = byId(documents);
    this.journal.clear(this.kind);
    for (const document of documents) this.journal.put(this.kind, document);
  }
}

function byId<T extends Document>(documents: readonly T[]): Map<string, T> {
  return new Map(documents.map((document) => [document.id, document]));
}
