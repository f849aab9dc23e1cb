import { writeOffs } from '../ledger/closing.domain';
import { HOUR_MS, hourOf, isoOf, type Instant } from '../ledger/hours';
import type { BilledHour, Ledger, Meter, PlanRates } from '../ledger/ledger';
import { counted, withHour, withWriteOff } from '../ledger/ledger.domain';
import { decimalOf, microsOf } from '../ledger/micros';
import type { Used } from '../ledger/rating.domain';
import type { AnomalyLimits } from '../ledger/anomaly.domain';
import { sealing, type SealingPace } from '../ledger/sealing.domain';
import { imbalancesOf } from '../ledger/sums.domain';
import { timelineOf, type Fact } from '../ledger/timeline';

export const told = ({ hour, dimension, planId, quantity }: BilledHour): string =>
  `${isoOf(hour).slice(5, 13)} ${planId} ${dimension} ${decimalOf(quantity)}`;
export const pace: SealingPace = { graceMs: 15 * 60_000, finalGraceMs: 6 * HOUR_MS, deadlineMs: 23 * HOUR_MS, lastCallMs: 3 * HOUR_MS };
export const noAnomaly: AnomalyLimits = { factor: 1_000_000n, cents: 10n ** 12n };
export const emails: Meter = { meter: 'emails', tiers: [{ dimension: 'email', upTo: null }] };
const monthly = { P1M: { email: '1000', 'email-first': '0' }, P1Y: { email: '12000' } };
export const rates: PlanRates = { prices: { email: '0.003', 'email-first': '0.003', 'email-next': '0.002' }, included: monthly };
const term = { termUnit: 'P1M', startDate: '2026-05-06', endDate: '2026-06-05' };
export const fact = (version: number, at: string, differing: Partial<Fact> = {}): Fact => ({
  ...{ version, at: Date.parse(at), status: 'Subscribed', planId: 'silver', isFreeTrial: false, term },
  ...{ isTakenOver: false, isExplanation: false },
  ...differing,
});

/** A subscription, its usage, and Microsoft's answers, by the pure rules alone. */
export class Scene {
  ledger: Ledger;
  private readonly records: (Used & { meter: string })[] = [];
  private facts: Fact[];

  constructor(differing: Partial<Ledger> & { facts?: Fact[] } = {}) {
    const { facts = [fact(1, '2026-05-06T09:00:00Z')], ...others } = differing;
    this.facts = facts;
    this.ledger = {
      timeline: timelineOf(facts),
      rates: { silver: rates, gold: { ...rates, included: { P1M: { email: '10000' } } } },
      meters: { silver: [emails], gold: [emails] },
      ...{ buckets: [], accounts: [], hours: [], writeOffs: [], peaks: {}, modes: [] },
      ...others,
    };
  }

  used(at: string, quantity: string | number, meter = 'emails'): this {
    this.records.push({ at: Date.parse(at), quantity: microsOf(String(quantity)), meter });
    this.rate(meter, hourOf(Date.parse(at)));
    return this;
  }

  learns(...facts: Fact[]): this {
    this.facts = [...this.facts, ...facts];
    this.ledger = { ...this.ledger, timeline: timelineOf(this.facts) };
    for (const { meter, hour } of this.ledger.buckets) this.rate(meter, hour);
    return this;
  }

  /** What is sealed at this moment: it is waiting then, or held as an anomaly. */
  sealed(at: string, limits = noAnomaly): BilledHour[] {
    const now = Date.parse(at);
    const found = sealing(pace, limits)(this.ledger, { now, readUntil: now });
    for (const hour of found) this.ledger = withHour(this.ledger, hour);
    for (const writeOff of writeOffs(this.ledger, now, pace)) this.ledger = withWriteOff(this.ledger, writeOff);
    const wrong = imbalancesOf(this.ledger);
    if (wrong.length > 0) throw new Error(`the sums do not agree: ${JSON.stringify(wrong)}`);
    return [...found];
  }

  /** Sealed each hour in between, and accepted: what was sent, as `hour quantity`. */
  run(from: string, to: string, limits = noAnomaly): string[] {
    const sent: string[] = [];
    for (let at = hourOf(Date.parse(from)) + HOUR_MS + pace.graceMs; at <= Date.parse(to); at += HOUR_MS)
      sent.push(...this.accepted(isoOf(at), limits));
    return sent;
  }

  /** What was sent: what is held stays held. */
  accepted(at: string, limits = noAnomaly): string[] {
    const found = this.sealed(at, limits).filter(({ state }) => state === 'waiting');
    for (const hour of found) this.ledger = withHour(this.ledger, { ...hour, state: 'accepted' });
    return found.map(told);
  }

  private rate(meter: string, hour: Instant): void {
    const used = this.records.filter((record) => record.meter === meter && hourOf(record.at) === hour);
    this.ledger = counted(this.ledger, [{ meter, hour, used }]);
  }
}
