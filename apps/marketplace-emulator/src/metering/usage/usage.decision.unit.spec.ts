import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MeteringWorld } from '../../testing/metering.setup';
import { resourceUriOf } from '../azure.resource';
import { decimalOf, sumOf, textOf } from '../decimal';
import type { UsageVerdict } from './usage.event';

let world: MeteringWorld;

beforeEach(() => {
  world = new MeteringWorld();
});

const acceptedOf = (verdict: UsageVerdict) => (verdict.status === 'Accepted' ? verdict.event : undefined);
const targetOf = (verdict: UsageVerdict) => ('problems' in verdict ? verdict.problems[0].target : undefined);

describe('the window of 24 hours', () => {
  const nowMs = Date.parse('2024-03-15T12:30:00Z');

  it.each([
    [0, 'Accepted'],
    [1, 'BadArgument'],
    [-86_400_000, 'Accepted'],
    [-86_400_001, 'Expired'],
  ])('takes both of its edges and not a millisecond more: %d ms from now is %s', (distanceMs, status) => {
    const verdict = world.report({ effectiveStartTime: new Date(nowMs + distanceMs).toISOString() });
    expect(verdict.status).toBe(status);
    if (status !== 'Accepted') expect(targetOf(verdict)).toBe('effectiveStartTime');
  });

  it('is measured on the business clock, in UTC, also where the event has no zone or another one', () => {
    expect(world.report({ effectiveStartTime: '2024-03-15T12:30:00' }).status).toBe('Accepted');
    expect(world.report({ effectiveStartTime: '2024-03-15T13:30:01+01:00' }).status).toBe('BadArgument');
    expect(world.report({ effectiveStartTime: '2024-03-14T13:30:00+01:00' }).status).toBe('Accepted');
  });
});

describe('the clock hour', () => {
  it('takes one event from its first to its last millisecond, and another in the next hour', () => {
    const statuses = ['10:59:59.999', '11:00:00', '11:00:00.001', '11:59:59.999', '12:00:00'].map(
      (time) => world.report({ effectiveStartTime: `2024-03-15T${time}Z` }).status,
    );
    expect(statuses).toEqual(['Accepted', 'Accepted', 'Duplicate', 'Duplicate', 'Accepted']);
  });

  it('is the one of UTC in which the usage began, not the one in which it is sent', () => {
    expect(world.report({ effectiveStartTime: '2024-03-15T08:30:00Z' }).status).toBe('Accepted');
    world.at('2024-03-15T12:45:00Z');
    expect(world.report({ effectiveStartTime: '2024-03-15T08:10:00Z' }).status).toBe('Duplicate');
    expect(world.report({ effectiveStartTime: '2024-03-15T14:15:00+05:30' }).status).toBe('Duplicate');
    expect(world.report().status).toBe('Accepted');
  });

  it('is counted for each subscription and each dimension by itself', () => {
    const other = world.buy(randomUUID(), { status: 'Subscribed' });
    expect(
      [world.report(), world.report({ dimension: 'texts' }), world.report({ resourceId: other.id })].map(({ status }) => status),
    ).toEqual(['Accepted', 'Accepted', 'Accepted']);
  });

  it('keeps the first event: a second changes nothing and is told the first', () => {
    const first = acceptedOf(world.report({ quantity: 2 }));
    expect(world.report({ quantity: 3 })).toEqual({ status: 'Duplicate', earlier: first });
    expect(world.report({ quantity: 4 })).toEqual({ status: 'Duplicate', earlier: first });
    expect(world.metering.book.days(() => true)).toMatchObject([{ quantity: '2', count: 1 }]);
  });

  it('is not used up by what was refused', () => {
    for (const wrong of [{ quantity: 0 }, { dimension: 'letters' }, { planId: 'plus' }]) world.report(wrong);
    expect(world.report().status).toBe('Accepted');
  });
});

describe('the quantity', () => {
  it.each([Number.MIN_VALUE, 1e-7, 0.1, 0.30000000000000004, 1, 9_007_199_254_740_993, 1e21, 1e308, Number.MAX_VALUE])(
    '%d is kept as the very double',
    (quantity) => {
      expect(acceptedOf(world.report({ quantity }))?.quantity).toBe(quantity);
    },
  );

  it.each([0, -0, -Number.MIN_VALUE, -5, -1e308])('%d is not greater than 0', (quantity) => {
    expect(world.report({ quantity }).status).toBe('InvalidQuantity');
  });

  it.each([NaN, Infinity, '5', '٥', null, true, [5], {}, undefined])('%p is no number', (quantity) => {
    const verdict = world.report({ quantity });
    expect([verdict.status, targetOf(verdict)]).toEqual(['BadArgument', 'Quantity']);
  });
});

describe('the resource', () => {
  it('is found whatever the case of its id', () => {
    expect(acceptedOf(world.report({ resourceId: world.subscription.id.toUpperCase() }))?.subscriptionId).toBe(world.subscription.id);
  });

  it('is not found where nobody bought it', () => {
    expect(world.report({ resourceId: randomUUID() }).status).toBe('ResourceNotFound');
  });

  it('is somebody else’s where the caller may not use the offer, whatever else is wrong with it', () => {
    world.at('2024-03-15T12:30:00Z', { status: 'Suspended' });
    expect(world.metering.decision.decide(world.event(), () => false).status).toBe('ResourceNotAuthorized');
  });

  it('is refused by its Azure path, unless the setting takes it', () => {
    const resourceUri = resourceUriOf(world.subscription, world.marketplace);
    expect(world.report({ resourceId: resourceUri }).status).toBe('ResourceNotAuthorized');
    expect(world.report({ resourceId: undefined, resourceUri }).status).toBe('ResourceNotAuthorized');
    world.marketplace.settings.change({ saasResourceUri: 'accepted' });
    expect(world.report({ resourceId: undefined, resourceUri: resourceUri.replace('saas/', 'other/') }).status).toBe('ResourceNotFound');
    expect(world.report({ resourceId: undefined, resourceUri: '/subscriptions/x' }).status).toBe('ResourceNotFound');
    expect(acceptedOf(world.report({ resourceId: undefined, resourceUri: resourceUri.toUpperCase() }))?.subscriptionId).toBe(
      world.subscription.id,
    );
  });

  it('is the one of the resourceId where an event has both', () => {
    expect(world.report({ resourceUri: '/subscriptions/x' }).status).toBe('Accepted');
  });
});

describe('the state', () => {
  it('must be Subscribed: neither a purchase that waits nor a suspended one is active', () => {
    const waiting = world.buy(randomUUID());
    expect(world.report({ resourceId: waiting.id }).status).toBe('ResourceNotActive');
    world.at('2024-03-15T13:00:00Z', { status: 'Suspended' });
    expect(world.report({ effectiveStartTime: '2024-03-15T12:00:00Z' }).status).toBe('ResourceNotActive');
  });

  it('of the moment counts: after a reinstatement, usage of the suspension is taken while it is not too old', () => {
    world.at('2024-03-15T13:00:00Z', { status: 'Suspended' });
    world.at('2024-03-15T18:00:00Z', { status: 'Subscribed' });
    expect(world.report({ effectiveStartTime: '2024-03-15T14:00:00Z' }).status).toBe('Accepted');
  });

  it('Unsubscribed still lets in what was used before, within its 24 hours', () => {
    world.at('2024-03-15T13:20:00Z', { status: 'Unsubscribed' });
    world.at('2024-03-16T13:19:59Z');
    const statuses = ['13:19:59.999', '13:20:00'].map((time) => world.report({ effectiveStartTime: `2024-03-15T${time}Z` }).status);
    expect(statuses).toEqual(['Accepted', 'ResourceNotActive']);
    expect(world.report({ effectiveStartTime: '2024-03-15T13:19:58.999Z' }).status).toBe('Expired');
  });

  it('Unsubscribed lets in nothing of a suspension before, nothing of a purchase that was never active, and nothing at all by the setting', () => {
    const never = world.buy(randomUUID());
    world.marketplace.subscriptions.put({ ...never, status: 'Unsubscribed' });
    expect(world.report({ resourceId: never.id }).status).toBe('ResourceNotActive');
    world.at('2024-03-15T13:00:00Z', { status: 'Suspended' });
    world.at('2024-03-15T15:00:00Z', { status: 'Unsubscribed' });
    expect(world.report({ effectiveStartTime: '2024-03-15T14:00:00Z' }).status).toBe('ResourceNotActive');
    world.marketplace.settings.change({ usageAfterUnsubscribe: 'refused' });
    expect(world.report({ effectiveStartTime: '2024-03-15T12:00:00Z' }).status).toBe('ResourceNotActive');
  });
});

describe('the plan', () => {
  beforeEach(() => {
    world.at('2024-03-15T13:30:00Z', { planId: 'plus' });
    world.at('2024-03-15T14:00:00Z');
  });

  const statusOf = (planId: string, time: string) => world.report({ planId, effectiveStartTime: `2024-03-15T${time}Z` }).status;

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
    world.marketplace.settings.change({ usageDuplicateKey: 'with-plan' });
    expect(['plus', 'plus', 'base'].map((planId) => statusOf(planId, planId === 'plus' ? '13:30:00' : '13:00:00'))).toEqual([
      'Accepted',
      'Duplicate',
      'Duplicate',
    ]);
    expect(world.metering.book.days(() => true).map(({ planId, count }) => [planId, count])).toEqual([
      ['base', 1],
      ['plus', 1],
    ]);
  });

  it('may be any that was held in that hour, by the setting', () => {
    world.marketplace.settings.change({ usagePlanHeld: 'hour' });
    expect([statusOf('plus', '12:00:00'), statusOf('plus', '13:00:00'), statusOf('base', '14:00:00')]).toEqual([
      'BadArgument',
      'Accepted',
      'BadArgument',
    ]);
  });

  it('decides what dimensions there are', () => {
    expect(world.report({ planId: 'plus', dimension: 'letters' })).toMatchObject({
      status: 'InvalidDimension',
      problems: [{ target: 'dimension' }],
    });
    const seats = world.buy(randomUUID(), { offerId: 'contoso-team', planId: 'gold', quantity: 5, status: 'Subscribed' });
    expect(world.report({ resourceId: seats.id, planId: 'gold' }).status).toBe('InvalidDimension');
  });

  it('held at the purchase counts for what was used before the activation', () => {
    const fresh = world.buy(randomUUID(), { status: 'Subscribed' });
    expect(world.report({ resourceId: fresh.id, effectiveStartTime: '2024-03-15T13:00:00Z' }).status).toBe('Accepted');
  });
});

describe('errors on purpose', () => {
  it('are none by default, all by the setting, and some by chance, the same for the same seed', () => {
    const statusesWith = (usageErrorShare: number, meteringSeed: number) => {
      world = new MeteringWorld({ usageErrorShare, meteringSeed });
      return Array.from(
        { length: 20 },
        (_, hour) => world.report({ effectiveStartTime: new Date(world.clock.atMs - hour * 3_600_000).toISOString() }).status,
      );
    };
    expect(new Set(statusesWith(0, 1))).toEqual(new Set(['Accepted']));
    expect(new Set(statusesWith(1, 1))).toEqual(new Set(['Error']));
    expect(new Set(statusesWith(0.5, 7))).toEqual(new Set(['Accepted', 'Error']));
    expect(statusesWith(0.5, 7)).toEqual(statusesWith(0.5, 7));
    expect(statusesWith(0.5, 7)).not.toEqual(statusesWith(0.5, 8));
  });

  it('do not use up the hour', () => {
    world.marketplace.settings.change({ usageErrorShare: 1 });
    expect(world.report().status).toBe('Error');
    world.marketplace.settings.change({ usageErrorShare: 0 });
    expect(world.report().status).toBe('Accepted');
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
      world = new MeteringWorld();
      const accepted = new Map<string, number>();
      for (const { minutesLater, minutesBack, then, ...members } of steps) {
        world.at(new Date(world.clock.atMs + minutesLater * 60_000).toISOString(), then as object);
        const effectiveAtMs = world.clock.atMs - minutesBack * 60_000;
        const key = `${members.dimension} ${Math.floor(effectiveAtMs / 3_600_000)}`;
        const { status } = world.report({ ...members, effectiveStartTime: new Date(effectiveAtMs).toISOString() });
        if (status === 'Accepted') {
          expect(accepted.has(key)).toBe(false);
          accepted.set(key, members.quantity);
        }
        if (status === 'Duplicate') expect(accepted.has(key)).toBe(true);
      }
      const days = world.metering.book.days(() => true);
      const sum = (quantities: (number | string)[]) => textOf(sumOf(quantities.map(decimalOf)));
      expect(sum(days.map(({ quantity }) => quantity))).toBe(sum([...accepted.values()]));
      expect(days.reduce((total, { count }) => total + count, 0)).toBe(accepted.size);
    }),
    { numRuns: 200 },
  );
});
