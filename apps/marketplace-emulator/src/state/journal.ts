import type { Document } from './document';
import type { SnapshotStore } from './snapshot.store';

/** Where documents outlive the process. */
export interface Journal {
  /** All documents of a kind, in the order in which they were first put. */
  load(kind: string): Document[];
  put(kind: string, document: Document): void;
  delete(kind: string, id: string): void;
  /** Removes all documents of a kind. */
  clear(kind: string): void;
  begin(): void;
  commit(): void;
  rollback(): void;
  close(): void;
  /** Where old contents are kept beside these documents; without it they are kept in memory. */
  readonly snapshotStore?: SnapshotStore;
}

/** For an emulator without a data directory: nothing outlives the process. */
export const noJournal: Journal = {
  load: () => [],
  put: () => {},
  delete: () => {},
  clear: () => {},
  begin: () => {},
  commit: () => {},
  rollback: () => {},
  close: () => {},
};
