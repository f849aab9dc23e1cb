import * as fc from 'fast-check';
import { stage, status, type Deadline, type Draft } from '@landfall/contracts';
import type { Subscription, SubscriptionChange } from '../subscription/subscription';
import {
  changeOf,
  emitted,
  eventOf,
  loaded,
  observed,
  orders,
  settled,
  subscriptionOf,
  decide,
  aSubscription,
  aRead,
} from '../testing/subscription.builders';
import { deadlineOf, nextMilestoneOf, passDueMilestone } from './deadline.domain';

fc.configureGlobal({ seed: 1 });

const term = { termUnit: 'P1M', startDate: '2026-03-01', endDate: '2026-03-31', chargeDuration: null };
const purchasedAt = '2026-03-01T10:00:00.000Z';
const pending = { status: 'PendingFulfillmentStart', stage: 'awaiting-customer', access: 'none', purchasedAt } as const;
const graceEndsAt = '2026-03-31T08:00:00.000Z';
const suspended = { status: 'Suspended', access: 'limited', graceEndsAt } as const;
const ending = { status: 'Subscribed', autoRenew: false, term } as const;
const at = (instant: string) => new Date(instant);

const standing: [string, Partial<Subscription>, Deadline | null, string | null][] = [
  ['a purchase ends 30 days after it was bought', pending, 'activation', '2026-03-31T10:00:00.000Z'],
  ['also while an operator is awaited', { ...pending, stage: 'awaiting-approval' }, 'activation', '2026-03-31T10:00:00.000Z'],
  ['NotStarted is pending', { ...pending, status: 'NotStarted' }, 'activation', '2026-03-31T10:00:00.000Z'],
  ['a rejected one is cancelled before', { ...pending, stage: 'rejected' }, null, null],
  ['of one that nobody dated nothing is known', { ...pending, purchasedAt: null }, null, null],
  ['a suspension ends with its grace', suspended, 'suspension-end', graceEndsAt],
  ['of one without a date nothing is known', { ...suspended, graceEndsAt: null }, null, null],
  ['a term that does not renew ends after its last day', ending, 'term-end', '2026-04-01T00:00:00.000Z'],
  ['also a free trial', { ...ending, isFreeTrial: true }, 'term-end', '2026-04-01T00:00:00.000Z'],
  ['a free trial that renews becomes paid', { ...ending, autoRenew: true, isFreeTrial: true }, 'trial-end', '2026-04-01T00:00:00.000Z'],
  ['a term that renews has none', { ...ending, autoRenew: true }, null, null],
  ['nor has one whose end nobody named', { ...ending, term: { ...term, endDate: null } }, null, null],
  ['nor one beyond all calendars', { ...ending, term: { ...term, endDate: '9999-12-31' } }, null, null],
  ['what has ended has none', { ...ending, status: 'Unsubscribed', access: 'ended' }, null, null],
];

it.each(standing)('%s', (_, record, deadline, date) => {
  expect(deadlineOf(aSubscription(record))).toEqual(deadline && { deadline, at: date });
});

describe('a free trial, where Microsoft stops naming it', () => {
  const free = { status: 'Subscribed', autoRenew: true, isFreeTrial: true, term } as const;
  const next = { termUnit: 'P1M', startDate: '2026-04-01', endDate: '2026-04-30' };
  const after = (differing: Parameters<typeof aRead>[1]) =>
    decide(loaded(free), observed(aRead(20, { isFreeTrial: undefined, ...differing })));

  it('is over with a later term: what follows it is paid, and has no deadline (contract 1.5)', () => {
    const outcome = after({ term: next });
    expect(emitted(outcome)).toEqual(['renewed']);
    expect(eventOf(outcome, 'renewed')).toMatchObject({ isFreeTrial: false });
    expect(deadlineOf(subscriptionOf(outcome))).toBeNull();
  });

  it('goes on within its term, whatever else changes (rule 1), and where a later term names it', () => {
    for (const differing of [{ term }, { term: undefined, planId: 'gold' }, { term: { ...term, startDate: '2026-02-01' } }])
      expect(deadlineOf(changeOf(after(differing)).subscription)).toMatchObject({ deadline: 'trial-end' });
    expect(deadlineOf(subscriptionOf(after({ term: next, isFreeTrial: true })))).toMatchObject({ at: '2026-05-01T00:00:00.000Z' });
  });

  it('is over no sooner where its first term begins: it was named before its activation', () => {
    const bought = loaded({ ...pending, stage: 'activating', isFreeTrial: true, term: null });
    const begun = decide(bought, observed(aRead(20, { isFreeTrial: undefined, term: next })));
    expect(subscriptionOf(begun)).toMatchObject({ status: 'Subscribed', isFreeTrial: true });
  });
});

/** What a milestone at this time tells, and the state after it. */
function milestone(current: SubscriptionChange, now: string): { told: string[]; after: SubscriptionChange } {
  const outcome = passDueMilestone(current, at(now));
  if (outcome.kind !== 'changed') return { told: [outcome.kind], after: current };
  const near = emitted(outcome).map((name) => (name === 'deadline-near' ? String(eventOf(outcome, name)['at']) : name));
  const told = [...near, ...orders(outcome).map(({ members }) => `read ${members.join()}`), ...changeOf(outcome).alarms];
  return { told, after: { ...changeOf(outcome), alarms: [] } };
}

/** What each of these times tells, one after the other. */
function story(record: Partial<Subscription>, ...times: string[]): string[][] {
  let current = loaded(record);
  return times.map((now) => {
    const { told, after } = milestone(current, now);
    current = after;
    return told;
  });
}

it('reminds seven days and one day before, reads when it is over, and alarms a day later; each once', () => {
  const days = ['2026-03-24T07:59:59Z', '2026-03-24T08:00:00Z', '2026-03-25T08:00:00Z', '2026-03-30T08:00:00Z', '2026-03-31T07:59:59Z'];
  expect(story(suspended, ...days, '2026-03-31T08:00:00Z', '2026-04-01T08:00:00Z', '2027-01-01T00:00:00Z')).toEqual([
    ['ignored'],
    [graceEndsAt],
    ['ignored'],
    [graceEndsAt],
    ['ignored'],
    ['read status'],
    ['read status', expect.stringContaining('suspended past its days of grace')],
    ['ignored'],
  ]);
});

it('tells after an outage what is near alone, not what was due before', () => {
  expect(story(suspended, '2026-03-30T20:00:00Z', '2026-03-30T21:00:00Z')).toEqual([[graceEndsAt], ['ignored']]);
  expect(story(suspended, '2026-05-30T20:00:00Z', '2026-05-30T21:00:00Z')).toEqual([['read status', expect.any(String)], ['ignored']]);
});

it('reminds anew of a deadline that moved, and not again of one that came back', () => {
  const now = '2026-03-25T08:00:00Z';
  const first = milestone(loaded(suspended), now).after;
  const moved = milestone({ ...first, subscription: { ...first.subscription, graceEndsAt: '2026-03-31T09:00:00.000Z' } }, now);
  expect(moved.told).toEqual(['2026-03-31T09:00:00.000Z']);
  const back = milestone({ ...moved.after, subscription: { ...moved.after.subscription, graceEndsAt } }, now);
  expect(back.told).toEqual(['ignored']);
});

it('publishes the whole state, and changes nothing but version and sequence', () => {
  const outcome = passDueMilestone(loaded(suspended), at('2026-03-30T20:00:00Z'));
  expect(eventOf(outcome, 'deadline-near')).toMatchObject({
    ...{ deadline: 'suspension-end', at: graceEndsAt, status: 'Suspended', access: 'limited', version: 5 },
    ...{ cause: { source: 'deadline' }, effectiveAt: null, observedAt: '2026-03-30T20:00:00.000Z' },
  });
  const types = (outcome.effects as Draft[]).map(({ type, sequence }) => `${type} ${sequence}`);
  expect(types).toEqual(['landfall.subscription.deadline-near.v1 5', 'landfall.subscription.snapshot.v1 5']);
  const { passedMilestones, version, sequence, ...rest } = subscriptionOf(outcome);
  expect(aSubscription(suspended)).toMatchObject(rest);
  expect({ passedMilestones, version, sequence }).toMatchObject({ passedMilestones: [{ daysBefore: 1 }], version: 5, sequence: 5 });
  expect(changeOf(outcome).newTransitions).toMatchObject([{ event: 'landfall.subscription.deadline-near.v1', changes: [] }]);
});

it('keeps when the grace ends with the suspension, and moves it with a newer one (rule 13)', () => {
  const suspend = (second: number) => ({
    ...settled({ action: 'Suspend', timeStamp: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString() }),
  });
  const once = decide(loaded(), suspend(18));
  expect(subscriptionOf(once).graceEndsAt).toBe(eventOf(once, 'suspended')['graceEndsAt']);
  const newer = suspend(400);
  newer.data.operationId = '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b77';
  newer.data.read = aRead(410, { status: 'Suspended' });
  newer.data.operationDate = newer.data.read.date;
  const again = decide(changeOf(once), newer);
  expect(subscriptionOf(again).graceEndsAt).toBe(eventOf(again, 'updated')['graceEndsAt']);
  expect(subscriptionOf(again).graceEndsAt).not.toBe(subscriptionOf(once).graceEndsAt);
});

const hours = fc.array(fc.integer({ min: -20 * 24, max: 10 * 24 }), { minLength: 1, maxLength: 12 });

it('tells each reminder at most once, before its deadline, whenever and however often it looks', () => {
  const records = fc.record({
    status: fc.constantFrom(...status.options),
    stage: fc.constantFrom(...stage.options),
    autoRenew: fc.boolean(),
    isFreeTrial: fc.boolean(),
  });
  fc.assert(
    fc.property(records, hours, (record, looks) => {
      let current = loaded({ ...record, term, graceEndsAt, purchasedAt });
      const standingOne = deadlineOf(current.subscription);
      const end = Date.parse(standingOne?.at ?? graceEndsAt);
      const reminders: number[] = [];
      for (const hour of looks.sort((one, other) => one - other)) {
        const outcome = passDueMilestone(current, new Date(end + hour * 3_600_000));
        if (outcome.kind === 'changed' && emitted(outcome).includes('deadline-near')) reminders.push(hour);
        if (outcome.kind === 'changed') current = changeOf(outcome);
        const next = nextMilestoneOf(current.subscription);
        if (next) expect(Date.parse(next.dueAt)).toBeGreaterThan(end + hour * 3_600_000);
      }
      const isLookedAt = (from: number, until: number) => looks.some((hour) => hour >= from && hour < until);
      const expected = standingOne ? Number(isLookedAt(-168, -24)) + Number(isLookedAt(-24, 0)) : 0;
      expect(reminders).toHaveLength(expected);
      expect(reminders.every((hour) => hour >= -168 && hour < 0)).toBe(true);
    }),
  );
});
