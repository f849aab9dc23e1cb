import { isPending, type Draft, type Stage, type Status } from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import { accessOf, awaitedIn, set, statusChange, type StatusChange, type SubscriptionChange } from './subscription';
import * as given from '../testing/subscription.builders';
import { aRead, at, changeOf, decide, emitted, eventOf, loaded, subscriptionOf } from '../testing/subscription.builders';

it('a grace that would end after the last day of the calendar ends with it', () => {
  const [timeStamp, operationDate] = ['9999-12-20T00:00:00.000Z', '9999-12-20T00:00:05.000Z'];
  const suspend = given.verified({ action: 'Suspend', operationStatus: 'Succeeded', timeStamp, operationDate, read: null });
  expect(eventOf(decide(loaded(), suspend), 'suspended')).toMatchObject({ graceEndsAt: '9999-12-31T23:59:59.999Z' });
});

const statuses: Status[] = ['NotStarted', 'PendingFulfillmentStart', 'Subscribed', 'Suspended', 'Unsubscribed'];
const stages: Stage[] = ['awaiting-customer', 'awaiting-approval', 'provisioning', 'activating', 'done'];
const pairsOf = <Row, Column>(rows: readonly Row[], columns: readonly Column[]) =>
  rows.flatMap((row) => columns.map((column) => [row, column] as const));

const inStatus = (status: Status, stage: Stage = isPending(status) ? 'awaiting-customer' : 'done') =>
  loaded({ status, stage, access: accessOf(status, stage) });

describe('a status that Microsoft shows', () => {
  /** The status of the record → what follows from each of `statuses`. */
  const expected: Record<Status, StatusChange[]> = {
    NotStarted: ['none', 'none', 'subscribe', 'suspend', 'end'],
    PendingFulfillmentStart: ['none', 'none', 'subscribe', 'suspend', 'end'],
    Subscribed: ['stale', 'stale', 'none', 'suspend', 'end'],
    Suspended: ['stale', 'stale', 'reinstate', 'none', 'end'],
    Unsubscribed: ['absorbed', 'absorbed', 'absorbed', 'absorbed', 'absorbed'],
  };
  const events: Record<StatusChange, string[]> = {
    ...{ none: [], stale: [], absorbed: [] },
    ...{ subscribe: ['updated'], suspend: ['suspended'], reinstate: ['reinstated'], end: ['unsubscribed'] },
  };

  it.each(pairsOf(statuses, statuses))('to a record that is %s: %s', (known, shown) => {
    const follows = expected[known][statuses.indexOf(shown)]!;
    expect(statusChange[known][shown]).toBe(follows);
    const outcome = decide(inStatus(known), given.observed(aRead(20, { status: shown })));
    expect(emitted(outcome)).toEqual(events[follows]);
    expect(subscriptionOf(outcome).status).toBe(events[follows].length > 0 ? shown : known);
  });

  it('that is stale changes nothing else either: an old copy has answered', () => {
    const stale = aRead(20, { status: 'PendingFulfillmentStart', planId: 'gold' });
    const outcome = decide(loaded(), given.observed(stale));
    expect(outcome).toMatchObject({ effects: [] });
    expect(subscriptionOf(outcome)).toMatchObject({ status: 'Subscribed', planId: 'silver' });
  });
});

describe('a set-up', () => {
  const messages = {
    confirmation: given.confirmed(),
    tenant: given.tenantReadyFor(2),
    activation: given.observed(aRead(20), 'activation'),
  };
  const events = { confirmation: 'confirmed', tenant: 'provisioned', activation: 'activated' };

  it.each(pairsOf(stages, ['confirmation', 'tenant', 'activation'] as const))(
    'in stage %s goes on only by what it waits for: %s',
    (stage, arrival) => {
      const outcome = decide(inStatus('PendingFulfillmentStart', stage), messages[arrival]);
      expect(emitted(outcome).includes(events[arrival])).toBe(awaitedIn[stage] === arrival);
    },
  );

  it('waits for one thing after the other', () => {
    expect(stages.map((stage) => awaitedIn[stage])).toEqual(['confirmation', 'approval', 'tenant', 'activation', null]);
  });
});

describe('access (rule 11)', () => {
  it.each(pairsOf(statuses, stages))('of a subscription that is %s, with its set-up in %s', (status, stage) => {
    const ofComplete = status === 'Suspended' ? 'limited' : 'full';
    expect(accessOf(status, stage)).toBe(status === 'Unsubscribed' ? 'ended' : stage === 'done' ? ofComplete : 'none');
  });
});

describe('a batch', () => {
  it('collects what its messages about one subscription add, until it is saved', () => {
    const other = '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13';
    const succeeded = { operationStatus: 'Succeeded' } as const;
    const first = changeOf(decide(undefined, given.verified({ ...succeeded, action: 'ChangePlan', planId: 'gold', read: aRead(10) })));
    const second = changeOf(decide(first, given.verified({ ...succeeded, operationId: other, action: 'ChangeQuantity', quantity: 25 })));
    expect(second.newTransitions.map(({ version, event }) => [version, event.replace(/^landfall\.subscription\.|\.v1$/g, '')])).toEqual([
      [1, 'purchased'],
      [2, 'plan-changed'],
      [3, 'quantity-changed'],
    ]);
    expect(second.changedOperations).toEqual([`${given.operationId}/ChangePlan`, `${other}/ChangeQuantity`]);
    expect(second.effects).toEqual([]); // each decision's own messages have left with its outcome
  });
});

describe('the history', () => {
  const historyOf = (outcome: Outcome<SubscriptionChange>) => changeOf(outcome).newTransitions;

  it('tells of each change which fields it changed, from what to what', () => {
    const owner = { tenantId: given.aSnapshot().beneficiary.tenantId, objectId: 'b7d1f5a4-51f5-4d0f-9d35-0f2f9f6d7a15' };
    const outcome = decide(loaded(), given.observed(aRead(40, { planId: 'gold', autoRenew: false, beneficiary: owner })));
    expect(historyOf(outcome)).toMatchObject([
      { event: 'landfall.subscription.plan-changed.v1', changes: [{ field: 'planId', from: 'silver', to: 'gold' }] },
      {
        event: 'landfall.subscription.updated.v1',
        changes: [
          { field: 'autoRenew', from: true, to: false },
          { field: 'beneficiary', from: given.aSnapshot().beneficiary, to: owner },
        ],
      },
    ]);
  });

  it('tells the term that begins with the activation', () => {
    const pending = loaded({ status: 'PendingFulfillmentStart', stage: 'activating', access: 'none', term: null });
    expect(historyOf(decide(pending, given.observed(aRead(40))))).toMatchObject([
      {
        event: 'landfall.subscription.activated.v1',
        changes: [{ field: 'status' }, { field: 'stage' }, { field: 'term', from: null, to: { startDate: '2026-01-01' } }],
      },
    ]);
  });

  it('tells what an explanation that comes later adds: no field, but since when', () => {
    const suspended = changeOf(decide(loaded(), given.observed(aRead(40, { status: 'Suspended' }))));
    expect(historyOf(decide(suspended, given.announced({ action: 'Suspend', timeStamp: at(35) })))).toMatchObject([
      { event: 'landfall.subscription.suspended.v1', effectiveAt: null, effectiveBetween: { to: at(40) } },
      { event: 'landfall.subscription.updated.v1', changes: [], effectiveAt: at(35) },
    ]);
  });
});

describe('rule 3: Unsubscribed absorbs', () => {
  const ended = loaded({ status: 'Unsubscribed', access: 'ended' });

  it('comes through while an operation is open', () => {
    const open = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const outcome = decide(open, given.observed(aRead(40, { status: 'Unsubscribed' })));
    expect(emitted(outcome)).toEqual(['unsubscribed']);
    expect(subscriptionOf(outcome)).toMatchObject({ status: 'Unsubscribed', access: 'ended' });
  });

  it('is what Microsoft’s status says alone: autoRenew stays true after the end, and ends nothing where it is false (pitfall 23)', () => {
    const over = decide(loaded(), given.observed(aRead(40, { status: 'Unsubscribed', autoRenew: true })));
    expect([emitted(over), subscriptionOf(over)]).toMatchObject([['unsubscribed'], { access: 'ended', autoRenew: true }]);
    const lapsing = decide(loaded(), given.observed(aRead(40, { autoRenew: false })));
    expect([emitted(lapsing), subscriptionOf(lapsing)]).toMatchObject([['updated'], { access: 'full', autoRenew: false }]);
  });

  it('nothing revives it', () => {
    expect(decide(set(ended, { stage: 'awaiting-customer' }), given.confirmed()).kind).toBe('ignored');
    expect(decide(set(ended, { stage: 'provisioning' }), given.tenantReadyFor(2)).kind).toBe('ignored');
    expect(emitted(decide(ended, given.observed(aRead(90))))).toEqual([]);
    expect(emitted(decide(ended, given.settled({ action: 'Reinstate' })))).toEqual([]);
    const late = decide(ended, given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded' }));
    expect(emitted(late)).toEqual(['operation-decided']);
    expect(subscriptionOf(late)).toMatchObject({ status: 'Unsubscribed', planId: 'silver' });
  });

  it('its other members are still taken over, as updates: the last bill needs the last plan', () => {
    const outcome = decide(ended, given.observed(aRead(90, { status: 'Unsubscribed', planId: 'gold', quantity: 12, autoRenew: false })));
    expect(emitted(outcome)).toEqual(['updated']);
    expect(subscriptionOf(outcome)).toMatchObject({ status: 'Unsubscribed', planId: 'gold', quantity: 12, autoRenew: false });
  });

  it('the read that closes it asks for the last plan and seats as well', () => {
    const orderedBy = (quantity: number | null) => {
      const end = aRead(40, { status: 'Unsubscribed', quantity: quantity ?? undefined });
      return given.orders(decide(loaded({ quantity }), given.observed(end)));
    };
    expect(orderedBy(10)).toMatchObject([{ members: ['status', 'plan', 'quantity'], closes: [{ member: 'status' }] }]);
    expect(orderedBy(null)).toMatchObject([{ members: ['status', 'plan'] }]);
  });

  it('a last change that is shown with the end comes before it', () => {
    const outcome = decide(loaded(), given.observed(aRead(40, { status: 'Unsubscribed', planId: 'gold' })));
    expect(emitted(outcome)).toEqual(['plan-changed', 'unsubscribed']);
  });
});

it('the public sequence has no gaps, and each event has its snapshot beside it', () => {
  const outcome = decide(
    undefined,
    given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded', read: aRead(10) }),
  );
  const numbered = (outcome.effects as Draft[]).filter(({ sequence }) => sequence !== undefined);
  expect(numbered.map(({ sequence }) => sequence)).toEqual([1, 1, 2, 2]);
});
