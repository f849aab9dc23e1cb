import type { Chance } from '../chance';

/**
 * What may be wrong with what Microsoft shows of all subscriptions of a publisher, for some time. `left out`: the list does not show them. `wiped`: the list does not, and Get
 * answers that there is none. `listed as ended`: the list shows them as Unsubscribed, and Get shows what holds. `shown as ended`: Get says the same as the list. `circle`: the last page
 * leads to the first one. `refused`: no page but the first is answered.
 */
export type TroubleKind = 'left out' | 'wiped' | 'listed as ended' | 'shown as ended' | 'circle' | 'refused';

export interface Trouble {
  readonly kind: TroubleKind;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of all subscriptions, from 0 to 1: of how many the list, or Get, says something wrong. */
  readonly share: number;
}

/** What is wrong now with what Microsoft shows; null: nothing is. */
export const troubleAt = (trouble: Trouble | null, nowMs: number): Trouble | null =>
  trouble && nowMs >= trouble.fromMs && nowMs < trouble.untilMs ? trouble : null;

/** Whether something wrong is said now of the subscription of this number. */
export const isHit = (trouble: Trouble | null, number: number, nowMs: number, chance: Chance): Trouble | null => {
  const now = troubleAt(trouble, nowMs);
  return now && chance('trouble', number) < now.share ? now : null;
};
