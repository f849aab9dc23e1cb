import type { CallFault } from '../fault';

interface Page {
  subscriptions?: unknown[];
  '@nextLink'?: string;
}

/** A page of the list in another order, or with a link to itself. An empty list is left as it is. */
export function alteredPage(text: string, fault: CallFault, ownLink: string): string {
  const page = JSON.parse(text) as Page;
  if (!page.subscriptions) return text;
  if (fault.effect('shufflePage')) page.subscriptions = shuffled(page.subscriptions, fault);
  if (fault.effect('repeatPage')) page['@nextLink'] = ownLink;
  return JSON.stringify(page);
}

/** Every order is as likely as every other, and the same seed gives the same one. */
function shuffled<T>(entries: readonly T[], fault: CallFault): T[] {
  return entries
    .map((entry) => ({ entry, place: fault.random('shufflePage') }))
    .sort((one, other) => one.place - other.place)
    .map(({ entry }) => entry);
}
