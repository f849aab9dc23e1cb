import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf, type Documents } from './documents';

/** One file for each acceptance, from the root of the repository: they stay as the trace of what was broken, and why. */
export const acceptedDir = 'docs/reference/breaking-changes';

interface Accepted {
  readonly acceptedOn: string;
  readonly reason: string;
  readonly breaks: readonly string[];
}

/** Which of the breaks nobody has accepted since the documents of before. What was accepted earlier counts no more: the same thing broken again is asked about again. */
export function unaccepted(breaks: readonly string[], before: Documents, now: Documents): string[] {
  const accepted = new Set(
    [...now]
      .filter(([path]) => path.startsWith(`${acceptedDir}/`) && path.endsWith('.json') && !before.has(path))
      .flatMap(([, text]) => (JSON.parse(text) as Accepted).breaks),
  );
  return breaks.filter((one) => !accepted.has(one));
}

/** Writes down that somebody breaks these on purpose. Returns the file's path from the root of the repository. */
export function accept(repository: string, breaks: readonly string[], reason: string, today: Date): string {
  const acceptedOn = today.toISOString().slice(0, 10);
  const digest = createHash('sha256')
    .update(JSON.stringify([reason, breaks]))
    .digest('hex')
    .slice(0, 8);
  const path = `${acceptedDir}/${acceptedOn}-${digest}.json`;
  mkdirSync(join(repository, acceptedDir), { recursive: true });
  writeFileSync(join(repository, path), textOf({ acceptedOn, reason, breaks } satisfies Accepted));
  return path;
}
