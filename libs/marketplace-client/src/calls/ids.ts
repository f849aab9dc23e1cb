import { readGuid } from '../answers/lenient';
import { MarketplaceAnswerUnreadable, MarketplaceRejected } from '../marketplace.errors';
import type { ApiAnswer } from './api.calls';

/** Only a GUID may become part of a path: anything else could name another resource. */
export function idForPath(id: string | undefined): string {
  const guid = readGuid(id);
  if (!guid) throw new MarketplaceRejected('The id of a subscription or operation must be a GUID; nothing was sent');
  return guid;
}

/** An answer about something else (a cache or proxy in between) must not be taken for an answer. */
export function asAskedFor<T extends { readonly id: string }>(found: T, id: string, answer: ApiAnswer): T {
  if (found.id !== readGuid(id)) throw new MarketplaceAnswerUnreadable('id', 'is not the one that was asked for', answer.details);
  return found;
}

/** Null where the address names none. */
export function operationIdIn(location: string | undefined): string | null {
  return readGuid(/\/operations\/([^/?#]+)/i.exec(location ?? '')?.[1]) ?? null;
}
