import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ending } from '../process/guarded-process';

/** What Java does with an archive of the broker's classes: take them from it, or write it when it ends. */
export type ClassArchive = { read: string } | { write: string };

/** Runs a broker on new data until it has been ready once, and ends it. Undefined where it was not ready in time. */
export type RunOnce = (archive: ClassArchive, dataDir: string) => Promise<Ending | undefined>;

export function archiveFlags(archive: ClassArchive): string[] {
  return 'read' in archive ? [`-XX:SharedArchiveFile=${archive.read}`] : [`-XX:ArchiveClassesAtExit=${archive.write}`];
}

/**
 * The broker's classes as Java has read and checked them, kept beside the jars: a start with them takes a third of the CPU time. Made once per version of the
 * jars, by a broker that runs for nothing else. Undefined where this Java writes none; one that another Java wrote is not used by Java. The broker starts as well without.
 */
export async function classArchive(libraries: string, runOnce: RunOnce): Promise<ClassArchive | undefined> {
  const file = `${libraries}.jsa`;
  if (!existsSync(file)) await makeArchive(file, runOnce);
  return existsSync(file) && statSync(file).size > 0 ? { read: file } : undefined;
}

/** In a folder of its own first, so that a part of it is never taken for the whole. */
async function makeArchive(file: string, runOnce: RunOnce): Promise<void> {
  const draft = `${file}.${process.pid}`;
  const written = join(draft, 'classes.jsa');
  mkdirSync(draft, { recursive: true });
  try {
    const ending = await runOnce({ write: written }, join(draft, 'kafka'));
    if (!ending || ending.signal === 'SIGKILL') return; // it was too slow: the next start tries again
    if (existsSync(written)) renameSync(written, file);
    else writeFileSync(file, ''); // this Java cannot
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
