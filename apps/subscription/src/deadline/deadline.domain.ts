import { subscriptionDeadlineNear, type Deadline } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import type { Subscription } from '../subscription/record';
import { alarm, apply, orderRead, outcomeOf, set, type SubscriptionChange } from '../subscription/subscription';
import type { PassedMilestone } from './passed.milestone';

/** Microsoft ends a purchase that is not activated for so many days. Contract 5.2, row 3. */
const activationDays = 30;
/** So many days before each deadline products are reminded of it. */
const reminderDays = [7, 1];
/** So many days after it somebody has to look: Microsoft was to end or to convert the subscription by itself, and does not show that it did. */
const overdueDays = 1;
/** In the order in which they come. At 0 the subscription is read: not every end has a webhook (contract 1.5; 5.2, row 3). */
const milestoneDays: readonly number[] = [...reminderDays, 0, -overdueDays];
/** So many passed milestones are remembered; those of deadlines that stand are the newest. */
const passedKept = 40;
/** Postgres and our messages know no later day. */
const lastInstant = Date.parse('9999-12-31T00:00:00Z');
const dayMs = 86_400_000;

export interface DatedDeadline {
  readonly deadline: Deadline;
  /** The first instant after it. */
  readonly at: string;
}

export interface Milestone extends PassedMilestone {
  readonly dueAt: string;
}

/**
 * The deadline that stands; null where none does. There is one at most: each status has its own. A purchase that was rejected is cancelled before its
 * deadline, or an operator knows. Contract 1.5, 5.2, 5.3.
 */
export function deadlineOf(subscription: Subscription): DatedDeadline | null {
  const { status, stage, purchasedAt, graceEndsAt, term, autoRenew, isFreeTrial } = subscription;
  switch (status) {
    case 'NotStarted':
    case 'PendingFulfillmentStart':
      return stage === 'rejected' ? null : dated('activation', purchasedAt, activationDays);
    case 'Suspended':
      return dated('suspension-end', graceEndsAt);
    case 'Subscribed':
      if (!autoRenew) return dated('term-end', term?.endDate, 1); // its last day is the customer's
      return isFreeTrial ? dated('trial-end', term?.endDate, 1) : null;
    case 'Unsubscribed':
      return null;
  }
}

/** For the history. */
export function deadlineInWords(subscription: Subscription): string | null {
  const standing = deadlineOf(subscription);
  return standing && `${standing.deadline} at ${standing.at}`;
}

function dated(deadline: Deadline, from: string | null | undefined, days = 0): DatedDeadline | null {
  if (!from) return null;
  const at = Date.parse(from) + days * dayMs;
  return at <= lastInstant ? { deadline, at: new Date(at).toISOString() } : null;
}

/** The next milestone of the deadline that stands, due or not; null where all are passed. */
export function nextMilestoneOf(subscription: Subscription): Milestone | null {
  return milestonesLeft(subscription)[0] ?? null;
}

function milestonesLeft(subscription: Subscription): Milestone[] {
  const standing = deadlineOf(subscription);
  if (!standing) return [];
  const passed = subscription.passedMilestones.filter(({ deadline, at }) => deadline === standing.deadline && at === standing.at);
  const lastPassed = Math.min(...passed.map(({ daysBefore }) => daysBefore));
  return milestoneDays
    .filter((daysBefore) => daysBefore < lastPassed)
    .map((daysBefore) => ({ ...standing, daysBefore, dueAt: new Date(Date.parse(standing.at) - daysBefore * dayMs).toISOString() }));
}

/**
 * Does what belongs to the milestone that is due. Of several, after an outage or since the deadline moved, it is the newest alone: nobody needs to know of
 * seven days when one is left. Nothing is cancelled by us: Microsoft does that.
 * @param now business time
 */
export function passDueMilestone(current: SubscriptionChange | undefined, now: Date): Outcome<SubscriptionChange> {
  const milestone = current && milestonesLeft(current.subscription).findLast(({ dueAt }) => Date.parse(dueAt) <= now.getTime());
  if (!milestone) return ignored('nothing is due about a deadline any more');
  const { deadline, at, daysBefore } = milestone;
  const passedMilestones = [...current.subscription.passedMilestones, { deadline, at, daysBefore }].slice(-passedKept);
  const passed = set(current, { passedMilestones });
  if (daysBefore > 0) {
    const cause = { source: 'deadline', effectiveAt: null, observedAt: now.toISOString() } as const;
    return outcomeOf(apply(passed, {}, subscriptionDeadlineNear, cause, () => ({ deadline, at })));
  }
  // Of a free trial that is over Microsoft may say nothing more: the status alone is waited for, and what else the answer shows is taken over.
  const read = orderRead(passed, { afterMs: passed.copyLagMs, members: ['status'], closes: [] });
  return outcomeOf(
    daysBefore < 0 ? alarm(read, `${deadline} was due at ${at}, and Microsoft does not show that it came: ${whatToDo[deadline]}`) : read,
  );
}

const ask = 'compare with Partner Center, and ask Microsoft if it shows the same';
const whatToDo: Readonly<Record<Deadline, string>> = {
  activation: `the purchase was never activated and should have ended; ${ask}`,
  'suspension-end': `the subscription is suspended past its days of grace; ${ask}`,
  'term-end': `its term is over and it does not renew; ${ask}`,
  'trial-end': `its free trial should be paid by now; ${ask}`,
};
