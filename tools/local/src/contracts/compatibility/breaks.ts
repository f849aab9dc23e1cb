import { misfitsOf, type Misfit, type Schema } from './schema.misfits';

/**
 * Who relies on a schema. `published`: others read what we write. `accepted`: others write what we read. `kept`: others read what we write, and so do our own
 * services, which also meet what was written a month ago.
 */
export type Use = 'published' | 'accepted' | 'kept';

/** What a change of a schema breaks for those who know the schema before it, each in a sentence that begins with the field. */
export function breaksOf(before: Schema, after: Schema, use: Use): string[] {
  const forReaders = use === 'accepted' ? [] : misfitsOf(after, before, false).map(toReaders);
  const forWriters = use === 'published' ? [] : misfitsOf(before, after, use === 'accepted').flatMap(toWriters);
  return [...new Set([...forReaders, ...forWriters])];
}

function toReaders({ path, kind, detail }: Misfit): string {
  switch (kind) {
    case 'removed':
      return `${path} was removed`;
    case 'absent':
      return `${path} may now be absent`;
    case 'value':
      return `${path} may now be ${detail}`;
    case 'unnamed':
      return `${path} is new and was forbidden`;
  }
}

function toWriters({ path, kind, detail }: Misfit): string[] {
  switch (kind) {
    case 'removed': // of the reader's side: a field that is new there
      return detail === 'needed' ? [`${path} is new and required`] : [];
    case 'absent':
      return [`${path} is now required`];
    case 'value':
      return [`${path} may no longer be ${detail}`];
    case 'unnamed':
      return [`${path} is no longer taken`];
  }
}
