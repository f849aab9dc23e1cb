import type { Catalog } from '@landfall/contracts';
import { ANOMALY } from '../ledger/anomaly.domain';
import { DAY_MS, HOUR_MS, isoOf } from '../ledger/hours';
import type { BilledHour, Bucket } from '../ledger/ledger';
import { withHour } from '../ledger/ledger.domain';
import { decimalOf } from '../ledger/micros';
import { modesOf } from '../ledger/mode.domain';
import { sealing } from '../ledger/sealing.domain';
import type { Fact } from '../ledger/timeline';
import { fact, pace, rates, Scene } from '../testing/ledger.scene';
import { lookAt, type LoadedLedger, type Rules } from './round.domain';

const id = '11111111-1111-4111-8111-111111111111';
const plan = { activation: 'on-confirm', meters: { emails: { dimension: 'email' } } } as const;
const catalog: Catalog = { publishers: { contoso: { offers: { reach: { displayName: 'Reach', plans: { silver: plan } } } } } };
const anomaly = { factor: 20n, cents: 1_000n };
const rules: Rules = { pace, anomaly, sealing: sealing(pace, anomaly), catalog, modes: [], resumedAt: null, peakDays: 30 };
const from = Date.parse('2026-05-10T00:00:00Z');
const usual = { emails: { '2026-05-08': '10' } };

/** A ledger whose included quantity is used up as a rule, and which is looked at as the rounds do, at the end of each grace. */
class Life {
  readonly scene: Scene;
  peaks: LoadedLedger['subscription']['peaks'] = usual;
  lateFrom: number | null = null;
  now = from + 15 * 60_000;
  private readonly counted = new Set<Bucket>();

  constructor(
    private readonly modes: Rules['modes'] = [],
    usedBefore = 1_000,
  ) {
    this.scene = new Scene({ modes: modesOf(modes, 'contoso') }).used('2026-05-08T10:20:00Z', usedBefore);
    for (const bucket of this.scene.ledger.buckets) this.counted.add(bucket);
  }

  /** After so many hours. */
  used(hours: number, quantity: number): this {
    this.scene.used(isoOf(from + hours * HOUR_MS + 60_000), quantity);
    return this;
  }

  /** What was sealed until so many hours are over. */
  until(hours: number): readonly BilledHour[] {
    const sealed: BilledHour[] = [];
    for (; this.now <= from + hours * HOUR_MS + 15 * 60_000; this.now += HOUR_MS) sealed.push(...this.look());
    return sealed;
  }

  private look(): readonly BilledHour[] {
    const { timeline, buckets, accounts, hours } = this.scene.ledger;
    const dirty = buckets.filter((bucket) => bucket.hour < this.now && !this.counted.has(bucket));
    const loadedFrom = Math.min(this.now - 25 * HOUR_MS, this.lateFrom ?? Infinity, ...dirty.map(({ hour }) => hour));
    for (const bucket of dirty) this.counted.add(bucket);
    const rows = dirty.map(({ meter, hour, quantity }) => ({
      ...{ subscriptionId: id, meter, hour, quantity: decimalOf(quantity), records: 1, isDirty: true, rated: [] },
    }));
    const looked = lookAt(
      {
        subscription: {
          ...{ id, publisherId: 'contoso', offerId: 'reach', isPreview: false, version: 1, facts: [], counts: 0, lookAt: null },
          lateFrom: this.lateFrom,
          ...{ rates: { silver: { ...rates, readAt: '2026-05-06T09:00:00Z', askedAt: null } }, peaks: this.peaks },
        } as never,
        ...{ timeline, accounts, dirty: rows },
        buckets: buckets.filter((bucket) => bucket.hour >= loadedFrom || dirty.includes(bucket)),
        hours: hours.filter(({ hour, state }) => hour >= loadedFrom || state === 'held'),
      },
      new Map(rows.map((row, place) => [row, [{ at: row.hour, quantity: dirty[place]!.quantity }]])),
      { now: this.now, readUntil: this.now },
      true,
      { ...rules, modes: this.modes },
    );
    this.peaks = looked.peaks;
    this.lateFrom = looked.lateFrom;
    for (const { hour } of looked.hours) this.decide(hour);
    return looked.hours.map(({ hour }) => hour);
  }

  /** What was counted before is not marked for it: it is rated as before. */
  learns(fact: Fact): void {
    const known = new Set(this.scene.ledger.buckets.filter((bucket) => this.counted.has(bucket)).map(({ hour }) => hour));
    this.scene.learns(fact);
    for (const bucket of this.scene.ledger.buckets) if (known.has(bucket.hour)) this.counted.add(bucket);
  }

  decide(hour: BilledHour): void {
    this.scene.ledger = withHour(this.scene.ledger, hour.state === 'waiting' ? { ...hour, state: 'accepted' } : hour);
  }
}

const day = DAY_MS / HOUR_MS;

it('holds the same excess on each day as long as nobody has confirmed it', () => {
  const life = new Life();
  for (let days = 0; days < 4; days += 1) life.used(days * day + 10, 10_000);
  expect(life.until(4 * day).map(({ state }) => state)).toEqual(['held', 'held', 'held', 'held']);
  expect(life.peaks).toEqual(usual);
});

it.each<[string, Partial<BilledHour>, string]>([
  ['raises the peak once it is confirmed', { state: 'accepted', reason: null }, 'waiting'],
  ['raises none where it is written off', { state: 'written-off' }, 'held'],
])('an excess %s', (_what, decided, nextDay) => {
  const life = new Life().used(10, 10_000).used(day + 10, 10_000);
  const [hour] = life.until(15);
  expect(hour).toMatchObject({ state: 'held' });
  life.decide({ ...hour!, ...decided });
  expect(life.until(2 * day)).toMatchObject([{ state: nextDay }]);
});

it.each<[string, Partial<BilledHour>, string[]]>([
  ['raises no peak before that is confirmed', {}, ['held']],
  ['raises one once it is', { state: 'accepted', reason: null }, ['waiting']],
])('late usage by which an hour that was sent becomes anomalous %s', (_what, decided, nextDay) => {
  const life = new Life().used(9, 10).used(10, 10);
  life.until(12);
  life.used(10, 10_000).used(day + 10, 10_000);
  const [hour] = life.until(14);
  expect(hour).toMatchObject({ state: 'held' });
  life.decide({ ...hour!, ...decided });
  expect(life.until(2 * day).map(({ state }) => state)).toEqual(nextDay);
});

it('raises the peak also where an excess is confirmed days later, when its units go into another hour', () => {
  const life = new Life().used(10, 10_000);
  const [hour] = life.until(3 * day);
  expect(hour).toMatchObject({ state: 'held' });
  life.decide({ ...hour!, state: 'carried', reason: null });
  life.used(3 * day + 10, 10_000);
  expect(life.until(4 * day).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  expect(life.peaks).toMatchObject({ emails: { '2026-05-10': '10000' } });
  expect(life.lateFrom).toBeNull();
});

describe('late usage of an hour that is days old', () => {
  const late = (quantity: number) => {
    const life = new Life().used(9, 10).used(10, 10);
    life.until(3 * day);
    return life.used(10, quantity);
  };

  it('is held where its hour becomes anomalous, and raises its peak once it is confirmed', () => {
    const life = late(10_000).used(3 * day + 1, 5);
    const held = life.until(3 * day + 6).filter(({ quantity }) => quantity >= 10_000_000_000n);
    expect(held).toMatchObject([{ state: 'held', reason: ANOMALY }]);
    life.decide({ ...held[0]!, state: 'accepted', reason: null });
    life.used(4 * day + 10, 10_000);
    expect(life.until(5 * day).map(({ state }) => state)).toEqual(['waiting']);
    expect(life.peaks).toMatchObject({ emails: { '2026-05-10': '10010' } });
    expect(life.lateFrom).toBeNull();
  });

  it('is held also where it could not be looked at before, since the subscription was suspended meanwhile', () => {
    const at = (hours: number) => isoOf(from + hours * HOUR_MS);
    const life = new Life().used(9, 10).used(10, 10);
    life.until(11);
    life.learns(fact(2, at(11.5), { status: 'Suspended' }));
    life.used(10, 10_000).until(3 * day);
    life.learns(fact(3, at(3 * day), { status: 'Subscribed' }));
    expect(life.until(3 * day + 3)).toMatchObject([{ state: 'held', reason: ANOMALY }]);
  });

  it('is sent where its hour remains usual', () => {
    const life = late(100);
    expect(life.until(3 * day + 3).map(({ state }) => state)).toEqual(['waiting']);
    expect(life.lateFrom).toBeNull();
  });
});

it('keeps the most of each of the last 30 days, lowered by corrections while the day is loaded', () => {
  const life = new Life().used(9, 50).used(10, 30).used(11, -3).used(20, 70);
  life.peaks = { emails: { '2026-04-09': '9', '2026-04-10': '8', '2026-05-08': '10' } };
  life.until(13);
  expect(life.peaks).toEqual({ emails: { '2026-04-10': '8', '2026-05-08': '10', '2026-05-10': '50' } });
  life.used(9, -45).until(15);
  expect(life.peaks).toMatchObject({ emails: { '2026-05-10': '30' } });
  life.until(day + 5);
  life.used(20, -60).until(day + 7);
  expect(life.peaks).toMatchObject({ emails: { '2026-05-10': '70' } }); // its first hours are loaded no more
});

it('counts what was used in shadow, whatever would have been held, and what the plan includes', () => {
  const life = new Life([{ from: 0, setting: 'shadow' }]).used(1, 10_000);
  expect(life.until(3)).toMatchObject([{ state: 'shadowed', reason: ANOMALY }]);
  expect(life.peaks).toMatchObject({ emails: { '2026-05-10': '10000' } });
  const other = new Life([], 0).used(1, 900);
  expect(other.until(3)).toEqual([]);
  expect(other.peaks).toMatchObject({ emails: { '2026-05-10': '900' } });
});
