import type { Document } from '../state/document.store';
import type { Contents } from '../state/snapshot.store';

/** What is shown of a snapshot. */
export interface SnapshotSummary {
  name: string;
  /** When it was taken, on the emulator's clock. */
  takenAt: string;
  /** How many documents of each kind it holds. */
  documents: Record<string, number>;
}

/** A snapshot in the list of those that are kept. Its id is its name. */
export interface StoredSnapshot extends Document, SnapshotSummary {
  /** Where its contents are in the snapshot store: another key each time, so that one of the same name is whole until its successor is. */
  key: string;
}

/** A snapshot as a file, for a team's own repository. */
export interface SnapshotFile {
  format: typeof snapshotFormat;
  version: typeof snapshotVersion;
  takenAt: string;
  /** By kind. */
  documents: Record<string, Document[]>;
}

export const snapshotFormat = 'marketplace-emulator-snapshot';

/** Grows when documents of a kind that is there already change their meaning. A kind or a member more needs no new version. */
export const snapshotVersion = 1;

export function countsOf(contents: Contents): Record<string, number> {
  return Object.fromEntries([...contents].map(([kind, documents]) => [kind, documents.length]));
}

export function totalOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The file piece by piece, a document on each line, so that versions of it can be compared. */
export function* linesOf(takenAt: string, contents: Contents): Generator<string> {
  const head: Omit<SnapshotFile, 'documents'> = { format: snapshotFormat, version: snapshotVersion, takenAt };
  yield `${JSON.stringify(head).slice(0, -1)},"documents":{`;
  let isFirst = true;
  for (const [kind, documents] of contents) {
    yield `${isFirst ? '' : ','}\n${JSON.stringify(kind)}:[`;
    isFirst = false;
    for (const [index, document] of documents.entries()) yield `${index === 0 ? '' : ','}\n${JSON.stringify(document)}`;
    yield ']';
  }
  yield '}}\n';
}
