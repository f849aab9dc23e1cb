import type { ShownSnapshot } from '@landfall/contracts';
import { changed, ignored, type Effect, type Outcome } from '@landfall/messaging';
import { differing, leftOut } from './comparison.domain';
import type { Beginning, Known, Manner, Recorded, Schedule, Started } from './reconciliation';
import { nothingCounted, nothingYet, reconcile } from './reconciliation.job';

/** So many pages in a row may show nothing that this sweep has not seen: then the list goes in a circle (contract 3.5). */
export const BARREN_PAGES = 20;

/** No list is longer: 13 million subscriptions at the smallest page seen live (contract 3.5). */
export const MAX_PAGES = 200_000;

/** Begins the sweep of a registration; one that runs already is joined. */
export function startSweep(schedule: Schedule, occasion: Beginning['occasion'], id: string): Outcome<Started> {
  if (schedule.running !== null) return ignored('a sweep of this registration is under way');
  const { registration, isWholeDue: isWhole, mayImport } = schedule;
  const first: Effect = reconcile({
    ...{ reconciliationId: id, registration, isWhole, mayImport },
    ...{ link: null, landmark: null, end: null, barren: 0, toRead: [], toList: [], tally: nothingYet, counted: nothingCounted },
  });
  return changed({ ...schedule, running: id, begins: { id, registration, occasion, isWhole } }, first);
}

/**
 * What becomes of a subscription that the list shows. `other`: it belongs to another registration, and is not acted on. `unknown`: it would be
 * imported, and an operator has to allow that first. `read`: Get shows what holds, since copies of the list may lag.
 */
export type Listed = 'other' | 'unknown' | 'read' | 'same';

export function judgeListed(
  { record, boundTo, isDismissed }: Known,
  shown: ShownSnapshot,
  { registration, isWhole, mayImport }: Manner,
): Listed {
  if (boundTo !== null && boundTo !== registration) return 'other';
  if (!record) return (mayImport && !isDismissed) || boundTo !== null ? 'read' : 'unknown';
  if (differing(record, shown).length > 0) return 'read';
  if (record.status === 'Unsubscribed') return 'same'; // Microsoft lists it for ever
  if (leftOut(record, shown).length > 0) return 'read';
  return isWhole || record.status === 'Suspended' ? 'read' : 'same'; // a reinstatement may await our answer, and no list tells
}

/** The same of an entry of the list of which only the id can be read: it is there, and only Get can tell what holds. */
export const judgeUnreadable = (known: Known, subscriptionId: string, manner: Manner): Listed =>
  judgeListed(known, { subscriptionId }, { ...manner, isWhole: true });

/** Whether Get has to be asked again: something that counts was in none of its answers. */
export const isUnsaid = (record: Recorded | null, answers: readonly ShownSnapshot[]): boolean =>
  record !== null && leftOut(record, answers[0]!).some((member) => answers.every((answer) => leftOut(record, answer).includes(member)));

/**
 * What becomes of a subscription that was read. `ended`: the record has it alive; it waits for the end of the sweep, which shows how many end
 * at once. `publish`: the record decides, as about any read (rule 2).
 */
export function judgeRead(
  record: Recorded | null,
  shown: ShownSnapshot,
  { isWhole }: Pick<Manner, 'isWhole'>,
): 'ended' | 'publish' | 'same' {
  if (!record) return 'publish';
  if (shown.status === 'Unsubscribed' && record.status !== 'Unsubscribed') return 'ended';
  return isWhole || differing(record, shown).length > 0 ? 'publish' : 'same';
}

/** Whether something may await our answer that no webhook told us of: what has ended awaits none (contract 3.10). */
export const mayBeOutstanding = ({ status }: ShownSnapshot): boolean => status !== 'Unsubscribed';

/** Where a page leads. `fresh` is how many of its subscriptions this sweep had not seen; `barren` how many pages in a row before it had none. */
export interface Page {
  readonly link: string | null;
  readonly nextLink: string | null;
  readonly fresh: number;
  readonly barren: number;
}

/** The link alone tells the last page: an empty one may have a successor (contract 3.5). A list that goes in a circle ends, and is not complete. */
export function afterPage({ link, nextLink, fresh, barren }: Page): {
  readonly kind: 'next' | 'complete' | 'circle';
  readonly barren: number;
} {
  if (nextLink === null) return { kind: 'complete', barren: 0 };
  const barrenNow = fresh > 0 ? 0 : barren + 1;
  return { kind: nextLink === link || barrenNow >= BARREN_PAGES ? 'circle' : 'next', barren: barrenNow };
}

/** How far a list has been followed, with the page that was listed last. */
export interface Way {
  readonly nextLink: string | null;
  readonly pages: number;
  /** The link that came with the newest page whose number is a power of two. */
  readonly landmark: string | null;
}

/**
 * Whether a list leads back to where it was, or never ends. A circle comes back to its landmark, however long it is and however late it begins (Brent's way): also
 * one in which another registration's subscriptions, which no sweep of this one marks as seen, make every page look new.
 */
export const leadsBack = ({ nextLink, pages, landmark }: Way): boolean =>
  nextLink !== null && (nextLink === landmark || pages >= MAX_PAGES);

export const landmarkAfter = ({ nextLink, pages, landmark }: Way): string | null =>
  Number.isInteger(Math.log2(pages)) ? nextLink : landmark;
