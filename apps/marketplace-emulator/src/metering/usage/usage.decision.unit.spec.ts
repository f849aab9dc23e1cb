import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MeteringSetup } from '../../testing/metering.setup';
import { resourceUriOf } from '../azure.resource';
import { decimalOf, sumOf, textOf } from '../decimal';
import type { UsageOutcome } from './usage.event';

fc.configureGlobal({ seed: 1 });

let setup: MeteringSetup;

beforeEach(() => {
  setup = new MeteringSetup();
});

const acceptedOf = (outcome: UsageOutcome) => (outcome.status === 'Accepted' ? outcome.event : undefined);
const targetOf = (outcome: UsageOutcome) => ('problems' in outcome ? outcome.problems[0].target : undefined);

describe('the window of 24 hours', () => {
  const nowMs = Date.parse('2024-03-15T12:30:00Z');

  it.each([
    [0, 'Accepted'],
    [1, 'BadArgument'],
    [-86_400_000, 'Accepted'],
    [-86_400_001, 'Expired'],
  ])('takes both of its edges and not a millisecond more: %d ms from now is %s', (distanceMs, status) => {
    const outcome = setup.report({ effectiveStartTime: new Date(nowMs + distanceMs).toISOString() });
    expect(outcome.status).toBe(status);
    if (status !== 'Accepted') expect(targetOf(outcome)).toBe('effectiveStartTime');
  });

  it('is measured on the business clock, in UTC, also where the event has no zone or another one', () => {
    expect(setup.report({ effectiveStartTime: '2024-03-15T12:30:00' }).status).toBe('Accepted');
    expect(setup.report({ effectiveStartTime: '2024-03-15T13:30:01+01:00' }).status).toBe('BadArgument');
    expect(setup.report({ effectiveStartTime: '2024-03-14T13:30:00+01:00' }).status).toBe('Accepted');
  });
});

describe('the clock hour', () => {
  it('takes one event from its first to its last millisecond, and another in the next hour', () => {
    const statuses = ['10:59:59.999', '11:00:00', '11:00:00.001', '11:59:59.999', '12:00:00'].map(
      (time) => setup.report({ effectiveStartTime: `2024-03-15T${time}Z` }).status,
    );
    expect(statuses).toEqual(['Accepted', 'Accepted', 'Duplicate', 'Duplicate', 'Accepted']);
  });

  it('is the one of UTC in which the usage began, not the one in which it is sent', () => {
    expect(setup.report({ effectiveStartTime: '2024-03-15T08:30:00Z' }).status).toBe('Accepted');
    setup.at('2024-03-15T12:45:00Z');
    expect(setup.report({ effectiveStartTime: '2024-03-15T08:10:00Z' }).status).toBe('Duplicate');
    expect(setup.report({ effectiveStartTime: '2024-03-15T14:15:00+05:30' }).status).toBe('Duplicate');
    expect(setup.report().status).toBe('Accepted');
  });

  it('is counted for each subscription and each dimension by itself', () => {
    const other = setup.buy(randomUUID(), { status: 'Subscribed' });
    expect(
      [setup.report(), setup.report({ dimension: 'texts' }), setup.report({ resourceId: other.id })].map(({ status }) => status),
    ).toEqual(['Accepted', 'Accepted', 'Accepted']);
  });

  it('keeps the first event: a second changes nothing and is answered with the first', () => {
    const first = acceptedOf(setup.report({ quantity: 2 }));
    expect(setup.report({ quantity: 3 })).toEqual({ status: 'Duplicate', earlier: first });
    expect(setup.report({ quantity: 4 })).toEqual({ status: 'Duplicate', earlier: first });
    expect(setup.metering.repository.days(() => true)).toMatchObject([{ quantity: '2', count: 1 }]);
  });

  it('is not used up by what was refused', () => {
    for (const wrong of [{ quantity: 0 }, { dimension: 'letters' }, { planId: 'plus' }]) setup.report(wrong);
    expect(setup.report().status).toBe('Accepted');
  });
});

describe('the quantity', () => {
  it.each([Number.MIN_VALUE, 1e-7, 0.1, 0.30000000000000004, 1, 9_007_199_254_740_993, 1e21, 1e308, Number.MAX_VALUE])(
    '%d is kept as the very double',
    (quantity) => {
      expect(acceptedOf(setup.report({ quantity }))?.quantity).toBe(quantity);
    },
  );

  it.each([0, -0, -Number.MIN_VALUE, -5, -1e308])('%d is not greater than 0', (quantity) => {
    expect(setup.report({ quantity }).status).toBe('InvalidQuantity');
  });

  it.each([NaN, Infinity, '5', '٥', null, true, [5], {}, undefined])('%p is no number', (quantity) => {
    const outcome = setup.report({ quantity });
    expect([outcome.status, targetOf(outcome)]).toEqual(['BadArgument', 'Quantity']);
  });
});

describe('the resource', () => {
  it('is found whatever the case of its id', () => {
    expect(acceptedOf(setup.report({ resourceId: setup.subscription.id.toUpperCase() }))?.subscriptionId).toBe(setup.subscription.id);
  });

  it('is not found where nobody bought it', () => {
    expect(setup.report({ resourceId: randomUUID() }).status).toBe('ResourceNotFound');
  });

  it('is somebody else’s where the caller may not use the offer, whatever else is wrong with it', () => {
    setup.at('2024-03-15T12:30:00Z', { status: 'Suspended' });
    expect(setup.metering.decision.decide(setup.event(), () => false).status).toBe('ResourceNotAuthorized');
  });

  it('is refused by its Azure path, unless the setting takes it', () => {
    const resourceUri = resourceUriOf(setup.subscription, setup.marketplace);
    expect(setup.report({ resourceId: resourceUri }).status).toBe('ResourceNotAuthorized');
    expect(setup.report({ resourceId: undefined, resourceUri }).status).toBe('ResourceNotAuthorized');
    setup.marketplace.settings.change({ saasResourceUri: 'accepted' });
    expect(setup.report({ resourceId: undefined, resourceUri: resourceUri.replace('saas/', 'other/') }).status).toBe('ResourceNotFound');
    expect(setup.report({ resourceId: undefined, resourceUri: '/subscriptions/x' }).status).toBe('ResourceNotFound');
    expect(acceptedOf(setup.report({ resourceId: undefined, resourceUri: resourceUri.toUpperCase() }))?.subscriptionId).toBe(
      setup.subscription.id,
    );
  });

  it('is the one of the resourceId where an event has both', () => {
    expect(setup.report({ resourceUri: '/subscriptions/x' }).status).toBe('Accepted');
  });
});

describe('the state', () => {
  it('must be Subscribed: neither a purchase that waits nor a suspended one is active', () => {
    const waiting = setup.buy(randomUUID());
    expect(setup.report({ resourceId: waiting.id }).status).toBe('ResourceNotActive');
    setup.at('2024-03-15T13:00:00Z', { status: 'Suspended' });
    expect(setup.report({ effectiveStartTime: '2024-03-15T12:00:00Z' }).status).toBe('ResourceNotActive');
  });

  it('of the moment counts: after a reinstatement, usage of the suspension is taken while it is not too old', () => {
    setup.at('2024-03-15T13:00:00Z', { status: 'Suspended' });
    setup.at('2024-03-15T18:00:00Z', { status: 'Subscribed' });
    expect(setup.report({ effectiveStartTime: '2024-03-15T14:00:00Z' }).status).toBe('Accepted');
  });

  it('Unsubscribed still lets in what was used before, within its 24 hours', () => {
    setup.at('2024-03-15T13:20:00Z', { status: 'Unsubscribed' });
    setup.at('2024-03-16T13:19:59Z');
    const statuses = ['13:19:59.999', '13:20:00'].map((time) => setup.report({ effectiveStartTime: `2024-03-15T${time}Z` }).status);
    expect(statuses).toEqual(['Accepted', 'ResourceNotActive']);
    expect(setup.report({ effectiveStartTime: '2024-03-15T13:19:58.999Z' }).status).toBe('Expired');
  });

  it('Unsubscribed lets in nothing of a suspension before, nothing of a purchase that was never active, and nothing at all by the setting', () => {
    const never = setup.buy(randomUUID());
    setup.marketplace.subscriptions.put({ ...never, status: 'Unsubscribed' });
    expect(setup.report({ resourceId: never.id }).status).toBe('ResourceNotActive');
    setup.at('2024-03-15T13:00:00Z', { status: 'Suspended' });
    setup.at('2024-03-15T15:00:00Z', { status: 'Unsubscribed' });
    expect(setup.report({ effectiveStartTime: '2024-03-15T14:00:00Z' }).status).toBe('ResourceNotActive');
    setup.marketplace.settings.change({ usageAfterUnsubscribe: 'refused' });
    expect(setup.report({ effectiveStartTime: '2024-03-15T12:00:00Z' }).status).toBe('ResourceNotActive');
  });
});

describe('the plan', () => {
  beforeEach(() => {
    setup.at('2024-03-15T13:30:00Z', { planId: 'plus' });
    setup.at('2024-03-15T14:00:00Z');
  });

  const statusOf = (planId: string, time: string) => setup.report({ planId, effectiveStartTime: `2024-03-15T${time}Z` }).status;

  it('is the one that was held at that time, also when the event comes after a change', () => {
    expect(statusOf('plus', '12:10:00')).toBe('BadArgument');
    expect(statusOf('base', '12:10:00')).toBe('Accepted');
    expect(statusOf('base', '13:30:00')).toBe('BadArgument');
    expect(statusOf('plus', '14:00:00')).toBe('Accepted');
    expect(statusOf('gold', '13:00:00')).toBe('BadArgument');
  });

  it('does not make a second event in the hour of the change, unless it is in the key', () => {
    expect(statusOf('base', '13:29:59.999')).toBe('Accepted');
    expect(statusOf('plus', '13:30:00')).toBe('Duplicate');
    setup.marketplace.settings.change({ usageDuplicateKey: 'with-plan' });
    expect(['plus', 'plus', 'base'].map((planId) => statusOf(planId, planId === 'plus' ? '13:30:00' : '13:00:00'))).toEqual([
      'Accepted',
      'Duplicate',
      'Duplicate',
    ]);
    expect(setup.metering.repository.days(() => true).map(({ planId, count }) => [planId, count])).toEqual([
      ['base', 1],
      ['plus', 1],
    ]);
  });

  it('may be any that was held in that hour, by the setting', () => {
    setup.marketplace.settings.change({ usagePlanHeld: 'hour' });
    expect([statusOf('plus', '12:00:00'), statusOf('plus', '13:00:00'), statusOf('base', '14:00:00')]).toEqual([
      'BadArgument',
      'Accepted',
      'BadArgument',
    ]);
  });

  it('decides what dimensions there are', () => {
    expect(setup.report({ planId: 'plus', dimension: 'letters' })).toMatchObject({
      status: 'InvalidDimension',
      problems: [{ target: 'dimension' }],
    });
    const seats = setup.buy(randomUUID(), { offerId: 'contoso-team', planId: 'gold', quantity: 5, status: 'Subscribed' });
    expect(setup.report({ resourceId: seats.id, planId: 'gold' }).status).toBe('InvalidDimension');
  });

  it('held at the purchase counts for what was used before the activation', () => {
    const fresh = setup.buy(randomUUID(), { status: 'Subscribed' });
    expect(setup.report({ resourceId: fresh.id, effectiveStartTime: '2024-03-15T13:00:00Z' }).status).toBe('Accepted');
  });
});

describe('errors on purpose', () => {
  it('are none by default, all by the setting, and some by chance, the same for the same seed', () => {
    const statusesWith = (usageErrorShare: number, meteringSeed: number) => {
      setup = new MeteringSetup({ usageErrorShare, meteringSeed });
      return Array.from(
        { length: 20 },
        (_, hour) => setup.report({ effectiveStartTime: new Date(setup.clock.atMs - hour * 3_600_000).toISOString() }).status,
      );
    };
    expect(new Set(statusesWith(0, 1))).toEqual(new Set(['Accepted']));
    expect(new Set(statusesWith(1, 1))).toEqual(new Set(['Error']));
    expect(new Set(statusesWith(0.5, 7))).toEqual(new Set(['Accepted', 'Error']));
    expect(statusesWith(0.5, 7)).toEqual(statusesWith(0.5, 7));
    expect(statusesWith(0.5, 7)).not.toEqual(statusesWith(0.5, 8));
  });

  it('do not use up the hour', () => {
    setup.marketplace.settings.change({ usageErrorShare: 1 });
    expect(setup.report().status).toBe('Error');
    setup.marketplace.settings.change({ usageErrorShare: 0 });
    expect(setup.report().status).toBe('Accepted');
  });
});

it('accepts exactly one event per subscription, dimension and hour, whatever comes in whatever order, and its totals are what was accepted', () => {
  const step = fc.record({
    minutesLater: fc.nat(90),
    minutesBack: fc.integer({ min: -30, max: 26 * 60 }),
    quantity: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0.1, 0.2, 0, -1)),
    dimension: fc.constantFrom('emails', 'texts', 'letters'),
    planId: fc.constantFrom('base', 'plus'),
    then: fc.constantFrom({}, {}, {}, { planId: 'plus' }, { planId: 'base' }, { status: 'Suspended' }, { status: 'Subscribed' }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      setup = new MeteringSetup();
      const accepted = new Map<string, number>();
      for (const { minutesLater, minutesBack, then, ...members } of steps) {
        setup.at(new Date(setup.clock.atMs + minutesLater * 60_000).toISOString(), then as object);
        const effectiveAtMs = setup.clock.atMs - minutesBack * 60_000;
        const key = `${members.dimension} ${Math.floor(effectiveAtMs / 3_600_000)}`;
        const { status } = setup.report({ ...members, effectiveStartTime: new Date(effectiveAtMs).toISOString() });
        if (status === 'Accepted') {
          expect(accepted.has(key)).toBe(false);
          accepted.set(key, members.quantity);
        }
        if (status === 'Duplicate') expect(accepted.has(key)).toBe(true);
      }
      const days = setup.metering.repository.days(() => true);
      const sum = (quantities: (number | string)[]) => textOf(sumOf(quantities.map(decimalOf)));
      expect(sum(days.map(({ quantity }) => quantity))).toBe(sum([...accepted.values()]));
      expect(days.reduce((total, { count }) => total + count, 0)).toBe(accepted.size);
    }),
    { numRuns: 200 },
  );
});
