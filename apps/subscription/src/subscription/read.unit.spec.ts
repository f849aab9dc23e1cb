import type { ShownSnapshot } from '@landfall/contracts';
import { stateOf } from './member';
import type { SubscriptionChange } from './subscription';
import * as given from '../testing/subscription.builders';
import { aRead, aSnapshot, changeOf, copyLagMs, decide, emitted, loaded, orders, subscriptionOf } from '../testing/subscription.builders';

const after = (change: SubscriptionChange, ...messages: Parameters<typeof decide>[1][]): SubscriptionChange =>
  messages.reduce((before, message) => changeOf(decide(before, message)), change);
const read = (second: number, changes: Partial<ShownSnapshot> = {}) => given.observed(aRead(second, changes));
const goldAt20 = () => decide(loaded(), read(20, { planId: 'gold' }));

describe('rule 1: what Microsoft leaves out is not said', () => {
  const members = Object.keys(given.shown()).filter((member) => member !== 'subscriptionId') as (keyof ShownSnapshot)[];

  it.each(members)('%s: an answer without it changes nothing', (member) => {
    const outcome = decide(loaded(), read(20, { [member]: undefined }));
    expect(emitted(outcome)).toEqual([]);
    const { subscriptionId: _, ...whole } = aSnapshot();
    expect(subscriptionOf(outcome)).toMatchObject(whole);
  });

  it.each(['termUnit', 'startDate', 'endDate'] as const)('a term without its %s changes nothing', (part) => {
    const term = { termUnit: 'P1M', startDate: '2026-01-01', endDate: '2026-01-31', [part]: undefined };
    expect(emitted(decide(loaded(), read(20, { term })))).toEqual([]);
  });

  it('the end of one term is not the end of the next, where that is left out', () => {
    const outcome = decide(loaded(), read(20, { term: { startDate: '2026-02-01' } }));
    expect(emitted(outcome)).toEqual(['renewed']);
    expect(subscriptionOf(outcome).term).toEqual({ termUnit: 'P1M', startDate: '2026-02-01', endDate: null, chargeDuration: null });
  });

  it.each(['beneficiary', 'purchaser', 'publisherId', 'offerId', 'purchasedAt', 'quantity', 'term', 'allowedCustomerOperations'] as const)(
    'takes %s over when it is named later',
    (member) => {
      const first = changeOf(decide(undefined, given.observed(aRead(5, { [member]: undefined }))));
      const named = subscriptionOf(decide(first, read(20)));
      expect(named[member]).toEqual(aSnapshot()[member]);
    },
  );

  it('asks for the owners and the offer that the first answer leaves out: without them nobody may use what was bought', () => {
    const outcome = decide(
      undefined,
      given.observed(aRead(5, { beneficiary: undefined, purchaser: undefined, offerId: undefined, publisherId: undefined })),
    );
    expect(orders(outcome).at(-1)).toMatchObject({ afterMs: 1_000, members: ['offer', 'beneficiary', 'purchaser'], closes: [] });
  });

  it('asks for the term where the answer that shows the activation leaves it out: it begins then, and nothing else is sure to show it', () => {
    const pending = loaded({ status: 'PendingFulfillmentStart', stage: 'activating', access: 'none', term: null });
    const asked = { afterMs: 1_000, members: ['term'], closes: [] };
    const activated = decide(pending, read(20, { term: undefined }));
    expect([emitted(activated), orders(activated)]).toMatchObject([['activated'], [asked]]);
    expect(subscriptionOf(decide(changeOf(activated), read(25))).term).toEqual(aSnapshot().term);
    expect(orders(decide(pending, read(20, { term: { termUnit: 'P1M' } })))).toContainEqual(expect.objectContaining(asked));
    expect(orders(decide(pending, read(20, { status: 'Suspended', term: undefined })))).toContainEqual(expect.objectContaining(asked));
    expect(orders(decide(pending, read(20))).filter(({ afterMs }) => afterMs === 1_000)).toEqual([]);
    expect(
      orders(decide(pending, read(20, { status: 'Unsubscribed', term: undefined }))).filter(({ afterMs }) => afterMs === 1_000),
    ).toEqual([]);
  });

  it('asks for all that the first answer leaves out, but for what may be absent for good (contract 3.2)', () => {
    const bare = {
      autoRenew: undefined,
      allowedCustomerOperations: undefined,
      term: undefined,
      isFreeTrial: undefined,
      quantity: undefined,
    };
    const membersOf = (status: 'Subscribed' | 'PendingFulfillmentStart' | 'Unsubscribed') =>
      orders(decide(undefined, given.observed(aRead(5, { ...bare, status })))).find(({ afterMs }) => afterMs === 1_000)?.members;
    expect(membersOf('Subscribed')).toEqual(['autoRenew', 'allowedCustomerOperations', 'term']);
    expect(membersOf('PendingFulfillmentStart')).toEqual(['autoRenew', 'allowedCustomerOperations']);
    expect(membersOf('Unsubscribed')).toEqual([]);
  });

  it('reads once more where the first answer names no seats: a flat rate has none, so that nothing waits for them', () => {
    const outcome = decide(undefined, given.observed(aRead(5, { quantity: undefined })));
    const again = orders(outcome).at(-1)!;
    expect(again).toMatchObject({ afterMs: 1_000, members: [], closes: [] });
    const seated = decide(changeOf(outcome), given.ordered(aRead(8), again));
    expect(subscriptionOf(seated).quantity).toBe(aSnapshot().quantity);
    expect(orders(decide(undefined, given.observed(aRead(5))))).toMatchObject([{ afterMs: copyLagMs }]);
  });

  it('a person who is replaced by another one is taken over, evented and seen by an operator', () => {
    const other = { tenantId: '1c0f0a9e-6f5d-4d0e-9a3b-3a1d6f1b7c01', objectId: '77777777-7e6c-4c1f-8b4a-4b2e7f2c8d02' };
    const outcome = decide(loaded(), read(20, { beneficiary: other }));
    expect(emitted(outcome)).toEqual(['updated']);
    expect(changeOf(outcome)).toMatchObject({
      subscription: { beneficiary: other },
      alarms: ['Microsoft names another beneficiary than before'],
    });
  });

  it('does not import what was not shown enough of, but reads again', () => {
    const outcome = decide(undefined, given.observed(aRead(5, { status: undefined })));
    expect(outcome.kind).toBe('ignored');
    expect(orders(outcome)).toMatchObject([{ members: ['status', 'plan'] }]);
  });
});

describe('rule 2: a change shuts its member until its closing read', () => {
  it('a member that is not shut takes a single read at once', () => {
    expect(emitted(goldAt20())).toEqual(['plan-changed']);
  });

  it('one that we do not know yet is taken over shut: an older copy may answer next (rule 6)', () => {
    const imported = decide(undefined, read(20, { status: 'Suspended', planId: 'gold' }));
    const [closing] = orders(imported);
    expect(closing).toMatchObject({ afterMs: copyLagMs, members: expect.arrayContaining(['status', 'plan', 'quantity', 'term']) });
    const stale = changeOf(decide(changeOf(imported), read(30, { term: { startDate: '2025-12-01' } })));
    expect(stale.subscription).toMatchObject({ status: 'Suspended', planId: 'gold', term: { startDate: '2026-01-01' } });
    const closed = decide(stale, given.ordered(aRead(180), closing!));
    expect(emitted(closed)).toEqual(['reinstated', 'plan-changed']);
    expect(emitted(decide(changeOf(closed), read(190, { autoRenew: false })))).toEqual(['updated']);
  });

  it('but what its first answer left out is open, and so is one that nobody has set up yet', () => {
    const imported = changeOf(decide(undefined, read(20, { beneficiary: undefined })));
    expect(emitted(decide(imported, read(30)))).toEqual(['updated']);
    expect(orders(decide(undefined, read(20, { status: 'PendingFulfillmentStart', term: undefined })))).toEqual([]);
  });

  it('no read that was drawn before the first one counts', () => {
    expect(emitted(decide(loaded(), read(9, { planId: 'gold' })))).toEqual([]);
  });

  it('a change orders the read that closes it, when no copy can lag any more', () => {
    expect(orders(goldAt20())).toEqual([
      {
        subscriptionId: given.subscriptionId,
        ...{ order: 2, afterMs: copyLagMs, members: ['plan'], closes: [{ member: 'plan', change: 1 }] },
      },
    ]);
  });

  it('what several members change in one decision is closed by one read', () => {
    const outcome = decide(loaded(), read(20, { planId: 'gold', quantity: 12, autoRenew: false }));
    expect(orders(outcome)).toMatchObject([{ members: ['plan', 'quantity', 'autoRenew'] }]);
  });

  it('until it is answered no read changes that member, and any read changes another one', () => {
    const shut = changeOf(goldAt20());
    expect(emitted(decide(shut, read(40)))).toEqual([]);
    expect(emitted(decide(shut, read(40, { planId: 'platinum' })))).toEqual([]);
    expect(emitted(decide(shut, read(40, { quantity: 12 })))).toEqual(['quantity-changed']);
  });

  it('the closing read counts, and every read that was drawn after it; none before it', () => {
    const outcome = goldAt20();
    const closing = given.ordered(aRead(180, { planId: 'gold' }), orders(outcome)[0]!);
    const open = after(changeOf(outcome), closing);
    expect(emitted(decide(open, read(179, { planId: 'platinum' })))).toEqual([]);
    expect(emitted(decide(open, read(181, { planId: 'platinum' })))).toEqual(['plan-changed']);
    expect(emitted(decide(changeOf(outcome), given.ordered(aRead(180, { planId: 'platinum' }), orders(outcome)[0]!)))).toEqual([
      'plan-changed',
    ]);
  });

  it('reads are ordered by their numbers and by no clock', () => {
    const outcome = goldAt20();
    const open = after(changeOf(outcome), given.ordered(aRead(180, { planId: 'gold' }), orders(outcome)[0]!));
    expect(emitted(decide(open, given.observed(aRead(90, { planId: 'platinum' }, 9_000))))).toEqual(['plan-changed']);
  });

  it('a closing read of an earlier change opens nothing', () => {
    const first = goldAt20();
    const closed = after(changeOf(first), given.ordered(aRead(180, { planId: 'gold' }), orders(first)[0]!));
    const again = after(closed, read(200, { planId: 'platinum' }));
    const late = after(again, given.ordered(aRead(210, { planId: 'platinum' }), orders(first)[0]!));
    expect(stateOf(late.subscription, 'plan').openFrom).toBeNull();
  });

  it('the end counts also while the status is shut, and so does a later term', () => {
    const suspended = after(loaded(), read(20, { status: 'Suspended', term: { startDate: '2026-02-01' } }));
    expect(emitted(decide(suspended, read(30, { status: 'Unsubscribed', term: { startDate: '2026-02-01' } })))).toEqual(['unsubscribed']);
    const later = { status: 'Suspended', term: { startDate: '2026-03-01' } } as const;
    expect(emitted(decide(suspended, read(30, later)))).toEqual(['renewed']);
  });

  describe('a value that an operation announced which Microsoft does not show', () => {
    const shut = () => changeOf(goldAt20());
    const announced = () => given.announced({ action: 'ChangePlan', planId: 'platinum', timeStamp: given.at(30) });

    it('does not count while the member is shut: an old copy may show what an operation made that nobody has told of yet', () => {
      expect(emitted(decide(after(shut(), announced()), read(40, { planId: 'platinum' })))).toEqual([]);
    });

    it('is told with that operation when the closing read shows it', () => {
      const first = goldAt20();
      const closing = given.ordered(aRead(180, { planId: 'platinum' }), orders(first)[0]!);
      const outcome = decide(after(changeOf(first), announced()), closing);
      expect(given.eventOf(outcome, 'plan-changed')['cause']).toEqual({ source: 'webhook', operationId: given.operationId });
    });

    it('never counts where the operation is only open', () => {
      const open = after(shut(), given.verified({ action: 'ChangePlan', planId: 'platinum', timeStamp: given.at(30), read: null }));
      expect(emitted(decide(open, read(40, { planId: 'platinum' })))).toEqual([]);
    });

    it('counts in any case where it is a Suspend', () => {
      const reinstated = after(loaded({ status: 'Suspended', access: 'limited', lastSubscribedDate: null }), read(20));
      const again = after(reinstated, given.verified({ action: 'Suspend', timeStamp: given.at(30), read: null }));
      expect(emitted(decide(again, read(40, { status: 'Suspended' })))).toEqual(['suspended']);
    });
  });
});

describe('rule 2: an echo needs three agreeing reads in a row', () => {
  /** Gold since second 20, and open again since second 180. */
  const gold = () => {
    const outcome = goldAt20();
    return after(changeOf(outcome), given.ordered(aRead(180, { planId: 'gold' }), orders(outcome)[0]!));
  };

  it('counts a value of the last hour only then, and orders the next read each time', () => {
    const first = decide(gold(), read(200));
    expect(emitted(first)).toEqual([]);
    expect(orders(first)).toMatchObject([{ afterMs: 5_000, members: ['plan'], closes: [] }]);
    const second = decide(changeOf(first), read(205));
    expect(orders(second)).toHaveLength(1);
    expect(emitted(decide(changeOf(second), read(210)))).toEqual(['plan-changed']);
  });

  it('counts every read that agrees, also one that was not ordered for it', () => {
    const twice = after(gold(), read(200), given.observed(aRead(200, {}, 1_300)));
    expect(emitted(decide(twice, given.observed(aRead(201, {}, 1_301))))).toEqual(['plan-changed']);
  });

  it('begins anew when a read disagrees', () => {
    const twice = after(gold(), read(200), read(205));
    const denied = after(twice, read(206, { planId: 'gold' }));
    expect(emitted(decide(denied, read(210)))).toEqual([]);
  });

  it('does not count one read twice', () => {
    const once = after(gold(), read(200));
    expect(emitted(decide(after(once, read(200)), read(200)))).toEqual([]);
  });

  const changedBack = { action: 'ChangePlan', planId: 'silver', timeStamp: given.at(190) } as const;

  it('is none where a newer operation explains it', () => {
    expect(emitted(decide(after(gold(), given.announced(changedBack)), read(200)))).toEqual(['plan-changed']);
  });

  it('is one where that operation is still open: it has not been done yet', () => {
    expect(emitted(decide(after(gold(), given.verified({ ...changedBack, read: null })), read(200)))).toEqual([]);
  });

  it('is none after an hour', () => {
    expect(emitted(decide(gold(), read(20 + 3_601)))).toEqual(['plan-changed']);
  });
});
