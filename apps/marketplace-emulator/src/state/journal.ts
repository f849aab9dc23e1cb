import type { Document } from './document.store';

/** Where documents outlive the process. */
export interface Journal {
  /** All documents of a kind, in the order in which they were first put. */
  load(kind: string): Document[];
  put(kind: string, document: Document): void;
  delete(kind: string, id: string): void;
  begin(): void;
  commit(): void;
  rollback(): void;
  close(): void;
}

/** Without a data directory nothing outlives the process. */
export const forgetful: Journal = {
  load: () => [],
  put: () => {},
  delete: () => {},
  begin: () => {},
  commit: () => {},
  rollback: () => {},
  close: () => {},
};
