import { randomUUID } from 'node:crypto';
import { limits } from '../limits';
import type { Collection, DocumentStore } from '../state/document.store';
import type { Contents } from '../state/snapshot.store';
import { clockAt, clockKind, type Clock } from '../time/clock';
import { countsOf, totalOf, type SnapshotSummary, type StoredSnapshot } from './snapshot';

/** Why a snapshot cannot be kept, and what would make space for it. */
export interface SnapshotRefusal {
  refused: string;
}

/** Whole states of the emulator by name, to be restored later: everything but keys, secrets and the snapshots themselves. */
export class SnapshotRepository {
  private readonly snapshots: Collection<StoredSnapshot>;

  /** @param replace puts contents in the place of the present ones */
  constructor(
    private readonly store: DocumentStore,
    private readonly clock: Pick<Clock, 'now' | 'realNow'>,
    private readonly replace: (contents: Contents) => void,
  ) {
    this.snapshots = store.collection<StoredSnapshot>('snapshot', { isLasting: true });
    store.snapshotStore.sweep(new Set([...this.snapshots.values()].map(({ key }) => key)));
  }

  all(): SnapshotSummary[] {
    return [...this.snapshots.values()].map(summaryOf);
  }

  get(name: string): SnapshotSummary | undefined {
    const snapshot = this.snapshots.get(name);
    return snapshot && summaryOf(snapshot);
  }

  /** Keeps what is there at this very moment; writing it may take longer. One of the same name is replaced. */
  take(name: string): Promise<SnapshotSummary | SnapshotRefusal> {
    return this.keep(name, new Date(this.clock.now()).toISOString(), this.store.contents());
  }

  /** Keeps contents that were taken elsewhere or earlier. One of the same name is replaced. */
  async keep(name: string, takenAt: string, contents: Contents): Promise<SnapshotSummary | SnapshotRefusal> {
    const documents = countsOf(contents);
    const refusal = this.refusalOf(name, totalOf(documents));
    if (refusal) return refusal;
    const snapshot: StoredSnapshot = { id: name, name, takenAt, documents, key: randomUUID() };
    await this.store.snapshotStore.keep(snapshot.key, contents);
    this.store.atomically(() => {
      this.delete(name);
      this.snapshots.put(snapshot);
    });
    return summaryOf(snapshot);
  }

  contentsOf(name: string): Contents | undefined {
    const snapshot = this.snapshots.get(name);
    return snapshot && this.store.snapshotStore.load(snapshot.key);
  }

  /**
   * The state of a snapshot instead of the present one. Business time goes on from where it stood: terms and deadlines do not run out
   * because the snapshot was stored for long.
   * @returns undefined when there is no such snapshot
   */
  restore(name: string): SnapshotSummary | undefined {
    const [summary, contents] = [this.get(name), this.contentsOf(name)];
    if (!summary || !contents) return undefined;
    this.replace(new Map([...contents, [clockKind, [clockAt(Date.parse(summary.takenAt), this.clock.realNow())]]]));
    return summary;
  }

  /** @returns whether there was one */
  delete(name: string): boolean {
    const snapshot = this.snapshots.get(name);
    if (!snapshot) return false;
    this.store.atomically(() => {
      this.snapshots.delete(name);
      this.store.snapshotStore.remove(snapshot.key);
    });
    return true;
  }

  private refusalOf(name: string, documents: number): SnapshotRefusal | undefined {
    const others = this.all().filter((snapshot) => snapshot.name !== name);
    if (others.length >= limits.snapshots)
      return { refused: `There are ${limits.snapshots} snapshots already, which is as many as are kept; delete one first.` };
    const total = others.reduce((sum, snapshot) => sum + totalOf(snapshot.documents), documents);
    if (total <= limits.snapshotDocuments) return undefined;
    return {
      refused: `All snapshots together may hold ${limits.snapshotDocuments} documents, and with this one it would be ${total}; delete another first.`,
    };
  }
}

function summaryOf({ name, takenAt, documents }: StoredSnapshot): SnapshotSummary {
  return { name, takenAt, documents };
}
