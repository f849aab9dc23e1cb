import { checkSubscription, readPlan, type Catalog } from '@landfall/contracts';
import { DAY_MS, HOUR_MS, isoOf } from '../ledger/hours';
import { sealing } from '../ledger/sealing.domain';
import { timelineOf } from '../ledger/timeline';
import { fact, noAnomaly, pace } from '../testing/ledger.scene';
import { bucketOf } from './ledger.rows';
import { lookAt, type DirtyBucket, type LoadedLedger, type Rules } from './round.domain';

const id = '11111111-1111-4111-8111-111111111111';
const now = Date.parse('2026-06-05T12:00:00Z');
const plan = { activation: 'on-confirm', meters: { emails: { dimension: 'email' } } } as const;
const catalog: Catalog = { publishers: { contoso: { offers: { reach: { displayName: 'Reach', plans: { silver: plan, gold: plan } } } } } };
const rules: Rules = { pace, anomaly: noAnomaly, sealing: () => [], catalog, modes: [], resumedAt: null, peakDays: 30 };
const facts = [fact(1, '2026-05-06T09:00:00Z')];

type HourUsed = readonly [hour: number, quantity: number, rated?: DirtyBucket['rated']];

function loadedWith(subscription: Partial<LoadedLedger['subscription']>, ...used: readonly HourUsed[]) {
  const dirty = used.map(([hour, quantity, rated = []]): DirtyBucket => ({
    ...{ subscriptionId: id, meter: 'emails', hour, quantity: String(quantity), records: 1, isDirty: true, rated },
  }));
  const loaded: LoadedLedger = {
    subscription: {
      ...{ id, publisherId: 'contoso', offerId: 'reach', isPreview: false, version: 1, facts },
      ...{ rates: {}, peaks: {}, counts: 0, lookAt: null, lateFrom: null, ...subscription },
    },
    ...{ timeline: timelineOf(facts), buckets: dirty.map(bucketOf), dirty, accounts: [], hours: [] },
  };
  const sums = new Map(dirty.map((bucket, place) => [bucket, [{ at: bucket.hour, quantity: BigInt(used[place]![1]) * 1_000_000n }]]));
  return { loaded, sums };
}

function looked(subscription: Partial<LoadedLedger['subscription']>, at: number, ...used: readonly HourUsed[]) {
  const { loaded, sums } = loadedWith(subscription, ...used);
  return lookAt(loaded, sums, { now: at, readUntil: -Infinity }, false, rules);
}

it('asks for a look at the subscription while hours wait for nothing but the term in which they lie', () => {
  const asks = (at: string, readUntil = Infinity) => {
    const hour = Date.parse(at) - HOUR_MS;
    const { loaded, sums } = loadedWith({}, [hour, 1]);
    const { effects } = lookAt(loaded, sums, { now: Date.parse(at) + 15 * 60_000, readUntil }, true, rules);
    return effects.filter((effect) => 'type' in effect && effect.type === checkSubscription.type).length;
  };
  expect([asks('2026-06-05T23:00:00Z'), asks('2026-06-06T00:00:00Z'), asks('2026-06-06T01:00:00Z')]).toEqual([0, 0, 1]);
  expect(asks('2026-06-06T01:00:00Z', Date.parse('2026-06-06T01:00:00Z'))).toBe(0); // not read so far
});

it('asks what a plan includes once something is used under it, and again each hour until that was read', () => {
  const asksFor = ({ effects }: ReturnType<typeof lookAt>) =>
    effects.filter((effect) => 'type' in effect && effect.type === readPlan.type).length;
  const first = looked({}, now, [now, 1]);
  const { rates } = first;
  expect([first, looked({ rates }, now + HOUR_MS - 1, [now, 2]), looked({ rates }, now + HOUR_MS, [now, 3])].map(asksFor)).toEqual([
    1, 0, 1,
  ]);
  const read = { silver: { prices: {}, included: {}, readAt: '2026-06-05T12:00:00Z', askedAt: null } };
  expect(asksFor(looked({ rates: read }, now + DAY_MS, [now, 4]))).toBe(0);
});

it('tells of a plan that usage is no longer counted in that none of it is left there', () => {
  const read = { prices: {}, included: { P1M: { email: '1000' } }, readAt: '2026-06-05T12:00:00Z', askedAt: null };
  const hour = now - HOUR_MS;
  const before = { kind: 'counted', planId: 'gold', term: '2026-05-06', billedIn: hour, quantity: '80' } as const;
  const { loaded, sums } = loadedWith({ rates: { silver: read, gold: read }, counts: 6 }, [hour, 80, [before]]);
  const gold = {
    ...{ planId: 'gold', meter: 'emails', term: '2026-05-06', termUnit: 'P1M', endDate: '2026-06-05', net: 80_000_000n },
    ...{ countedBy: { included: 1_000_000_000n, tiers: [] }, opening: 0n, shadowed: 0n, phases: [], placed: {}, placedInShadow: {} },
  };
  const { effects, counts } = lookAt({ ...loaded, accounts: [gold] }, sums, { now, readUntil: -Infinity }, false, rules);
  expect(effects).toMatchObject([
    { sequence: 7, data: { planId: 'silver', used: '80' } },
    { sequence: 8, data: { planId: 'gold', used: '0', included: '1000', hour: isoOf(hour) } },
  ]);
  expect(counts).toBe(8);
});

it('takes what it carries after a restore for uncertain until the list has decided, since it may have been carried before', () => {
  const read = { prices: { email: '0.01' }, included: { P1M: { email: '1000' } }, readAt: '2026-05-06T12:00:00Z', askedAt: null };
  const hour = (hoursAgo: number) => now - hoursAgo * HOUR_MS;
  const sealed = (resumedAt: number | null) => {
    const { loaded, sums } = loadedWith({ rates: { silver: read } }, [hour(30), 1300], [hour(3), 20], [hour(2), 10]);
    const { hours } = lookAt(loaded, sums, { now, readUntil: now }, true, { ...rules, sealing: sealing(pace, noAnomaly), resumedAt });
    return hours.map(({ hour: one }) => [isoOf(one.hour), String(one.quantity / 1_000_000n), one.state]);
  };
  const own = [isoOf(hour(3)), '20', 'waiting'];
  const carrying = [isoOf(hour(2)), '310'];
  expect(sealed(null)).toEqual([own, [...carrying, 'waiting']]);
  expect(sealed(now - HOUR_MS)).toEqual([own, [...carrying, 'uncertain']]);
  expect(sealed(now - 48 * HOUR_MS)).toEqual([own, [...carrying, 'waiting']]);
});

it('sends an hour after a restore that carries less than a cent: it did so before under the same key', () => {
  const read = { prices: { email: '0.003' }, included: { P1M: { email: '1000' } }, readAt: '2026-05-06T12:00:00Z', askedAt: null };
  const [full, first, second] = [30, 3, 2].map((hoursAgo) => now - hoursAgo * HOUR_MS) as [number, number, number];
  const { loaded, sums } = loadedWith({ rates: { silver: read } }, [full, 1000], [first, 5], [second, 2]);
  const afterRestore = { ...rules, sealing: sealing(pace, noAnomaly), resumedAt: now - HOUR_MS };
  const hours = lookAt(loaded, sums, { now, readUntil: now }, true, afterRestore).hours.map(({ hour }) => hour);
  expect(hours).toMatchObject([
    { hour: first, state: 'waiting' },
    { hour: second, state: 'waiting', origins: [{ hour: second, quantity: 2_000_000n }] },
  ]);
});
