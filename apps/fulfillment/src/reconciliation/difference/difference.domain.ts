import { differenceEnded, differenceFound, type Difference } from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import { answerAbout, MISSED_SWEEPS } from '../guard.domain';
import type { Finding } from '../reconciliation';
import type { Keeper, Leftover } from './difference';

/**
 * Brings what sweeps have left of a subscription in line with how they ended and what operators answered, and tells what differs by then, and what does no more. It goes by what there
 * is, never by what has happened: to do it once more changes and tells nothing.
 */
export function follow(leftover: Leftover): { readonly leftover: Leftover; readonly effects: Effect[] } {
  const kept = keptStill(leftover);
  const told = differenceOf(kept);
  if (told === leftover.told) return { leftover: kept, effects: [] };
  return { leftover: { ...kept, told }, effects: [...endOf(kept), ...beginningOf({ ...kept, told })] };
}

export const isSame = (one: Leftover, other: Leftover): boolean =>
  one.finding === other.finding &&
  one.keepers.length === other.keepers.length &&
  one.answeredIn === other.answeredIn &&
  one.told === other.told;

/** What a sweep lets through, asked or not, waits until it is handed over. */
const isOpen = (finding: Finding, keeper: Keeper): boolean =>
  keeper.state === 'running' || (keeper.hasFound && [undefined, 'released'].includes(answerAbout(finding, keeper)));

/** A finding is kept back as long as one of its sweeps runs, or waits for an answer or for what was let through. */
function keptStill(leftover: Leftover): Leftover {
  const { finding } = leftover;
  if (finding === null) return leftover;
  const dismissing = leftover.keepers.find((keeper) => answerAbout(finding, keeper) === 'dismissed');
  if (dismissing) return { ...leftover, finding: null, keepers: [], answeredIn: dismissing.id, answeredAs: finding, isDismissed: true };
  const keepers = leftover.keepers.filter((keeper) => isOpen(finding, keeper));
  return { ...leftover, finding: keepers.length > 0 ? finding : null, keepers };
}

function differenceOf(leftover: Leftover): Difference | null {
  const { status, finding, keepers, told, missed, isDismissed, mayBeMissing } = leftover;
  if (status === null || status === 'Unsubscribed') return null;
  if (finding === 'ended') return told === 'guarded' || keepers.some(asksAboutLoss) ? 'guarded' : null; // what no guard stops is handed over at once
  return missed >= MISSED_SWEEPS && !isDismissed && !mayBeMissing ? 'missing' : null;
}

const asksAboutLoss = ({ asks, answers }: Keeper): boolean => asks.includes('loss') && answers.loss === undefined;

/** Where the record has ended, its own change has ended the difference. */
function endOf({ subscriptionId, status, told, isDismissed, mayBeMissing, now }: Leftover): Effect[] {
  if (told === null || status === 'Unsubscribed') return [];
  const end = isDismissed || (told === 'missing' && mayBeMissing) ? 'dismissed' : 'shown-again';
  return [differenceEnded({ subscriptionId, difference: told, end, endedAt: now })];
}

function beginningOf({ subscriptionId, told, keepers, missedIn, missingSince, now }: Leftover): Effect[] {
  if (told === null) return [];
  const [reconciliationId, since] = told === 'missing' ? [missedIn!, missingSince!] : [keepers.find(asksAboutLoss)!.id, now];
  return [differenceFound({ subscriptionId, difference: told, reconciliationId, since, foundAt: now })];
}
