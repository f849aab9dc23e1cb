import { answered } from '../ledger/answer.domain';
import { dayOf, HOUR_MS, hourOf, type Instant } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { revisited, withHour } from '../ledger/ledger.domain';
import { isShadow } from '../ledger/mode.domain';
import { ownerOf } from '../ledger/rating.domain';
import { centsOf, microsOf, sumOf, type Micros } from '../ledger/micros';
import { dueOf } from '../ledger/sealing.domain';
import { sumsOf } from '../ledger/sums.domain';
import { currentOf, segmentAt } from '../ledger/timeline';
import { actedOn } from '../operator/hour.act.domain';
import { decidedByList, UNDECIDED } from '../reconciliation/uncertain.domain';
import { actOf, type Operates } from './operator.step';
import { billablesOf, modesOfTurns, oursOf, small, tiers, type InTurn } from './ledger.by-hand';
import { fact, noAnomaly, Scene } from './ledger.scene';
import { ModelledMicrosoft, type CallFate, type Truth } from './modelled.microsoft';

/** One thing that happens in the life of a subscription and of those who report its usage. */
export type Step =
  | { readonly kind: 'used'; readonly minutesAgo: number; readonly quantity: string }
  | { readonly kind: 'waits'; readonly minutes: number; readonly fates: readonly CallFate[] }
  | { readonly kind: 'becomes'; readonly status: Truth['status']; readonly planId: string; readonly learntAfterMinutes: number }
  | { readonly kind: 'reads usage' }
  | Operates;

interface Batch {
  hour: BilledHour;
  unanswered: number;
}

const MINUTE_MS = 60_000;
/** So that many an hour is held. */
const strict = { factor: 1n, cents: 10n };
const begin = Date.parse('2026-06-04T09:00:00Z');
const renewal = Date.parse('2026-06-06');
const secondTerm = { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' };

/** Landfall's ledger beside a modelled Microsoft: what holds in every step is checked in every step. @throws Error where it does not hold */
export class LedgerRun {
  private readonly truths: Truth[] = [{ from: begin, status: 'Subscribed', planId: 'silver' }];
  private readonly microsoft: ModelledMicrosoft;
  private readonly scene: Scene;
  private readonly batches = new Set<Batch>();
  /** By key: what was sent under it, as long as Microsoft may have it. */
  private readonly sent = new Map<string, BilledHour>();
  /** By plan and dimension: the most that was ever billable. */
  private readonly billable = new Map<string, Micros>();
  private pending: { at: Instant; isInOrder: boolean; learn: () => void }[] = [];
  private readonly used: { readonly at: Instant; readonly quantity: Micros }[] = [];
  private version = 1;
  private now = begin;

  /** @param turns so many hours billing only watches, then reports, and so on; at the end it reports */
  constructor(
    looksUpFirst: boolean,
    /** Whether what is far above is held for an operator. */
    private readonly holdsAnomalies: boolean,
    turns: readonly number[],
  ) {
    this.microsoft = new ModelledMicrosoft(this.truths, looksUpFirst);
    this.scene = new Scene({ ...small, modes: modesOfTurns(hourOf(begin), turns), facts: [fact(1, new Date(begin).toISOString())] });
    this.pending.push({ at: renewal + 3 * HOUR_MS, isInOrder: false, learn: () => this.renew() });
  }

  play(steps: readonly Step[]): void {
    for (const step of steps) this.step(step);
    for (let round = 0; round < 40; round += 1) this.step({ kind: 'waits', minutes: 240, fates: ['answered'] }, true);
    this.checkRest();
  }

  private step(step: Step, isRest = false): void {
    switch (step.kind) {
      case 'used': {
        const at = Math.max(begin - HOUR_MS, this.now - step.minutesAgo * MINUTE_MS);
        this.used.push({ at, quantity: microsOf(step.quantity) });
        this.scene.used(new Date(at).toISOString(), step.quantity);
        break;
      }
      case 'becomes':
        return this.becomes(step);
      case 'reads usage':
        return this.readUsage();
      case 'operates':
        return this.operate(step);
      case 'waits':
        this.pass(step.minutes, step.fates, isRest);
    }
    this.noteBillable();
    this.checkRecorded();
  }

  private becomes({ status, planId, learntAfterMinutes }: Extract<Step, { kind: 'becomes' }>): void {
    const last = this.truths.at(-1)!;
    if (last.status === 'Unsubscribed' || (last.status === status && last.planId === planId) || last.from === this.now) return;
    const from = this.now;
    const plan = status === 'Subscribed' ? planId : last.planId;
    this.truths.push({ from, status, planId: plan });
    const at = Math.max(from + learntAfterMinutes * MINUTE_MS, ...this.pending.filter((one) => one.isInOrder).map((one) => one.at)); // rule 3, rule 4
    this.pending.push({ at, isInOrder: true, learn: () => this.learn(from, status, plan) });
    this.pass(0, [], false);
  }

  private learn(from: Instant, status: Truth['status'], planId: string): void {
    const term = from >= renewal ? secondTerm : undefined;
    this.version += 1;
    this.scene.learns(fact(this.version, new Date(from).toISOString(), { status, planId, ...(term && { term }) }));
  }

  private renew(): void {
    const current = currentOf(this.scene.ledger.timeline)!;
    this.version += 1;
    const { status, planId } = current;
    this.scene.learns(fact(this.version, new Date(Math.max(renewal, current.from)).toISOString(), { status, planId, term: secondTerm }));
  }

  private pass(minutes: number, fates: readonly CallFate[], isRest: boolean): void {
    this.now += minutes * MINUTE_MS;
    for (const one of this.pending.filter(({ at }) => at <= this.now || isRest)) one.learn();
    this.pending = this.pending.filter(({ at }) => at > this.now && !isRest);
    for (const hour of revisited(this.scene.ledger)) this.put(hour);
    this.noteBillable();
    const limits = this.holdsAnomalies ? strict : noAnomaly;
    for (const hour of this.scene.sealed(new Date(this.now).toISOString(), limits)) if (hour.state === 'waiting') this.handOver(hour);
    [...this.batches].forEach((batch, place) => this.attempt(batch, fates[place % Math.max(1, fates.length)] ?? 'away'));
    if (isRest) this.rest();
  }

  private handOver(hour: BilledHour): void {
    const { ledger } = this.scene;
    this.expect((hour.state === 'shadowed') === isShadow(ledger.modes, hour.hour), 'reported in shadow, or not reported after it', hour);
    if (hour.state === 'shadowed') return;
    const segment = segmentAt(ledger.timeline, hour.effectiveStart);
    this.expect(segment?.status === 'Subscribed' && segment.planId === hour.planId, 'an event for a state that forbids it', hour);
    const before = this.sent.get(keyOf(hour));
    this.expect(!before, 'a key that Microsoft may have is used again', hour);
    this.expect(hour.quantity > 0n && this.now < hour.deadline, 'an event without a quantity, or too late', hour);
    this.sent.set(keyOf(hour), hour);
    this.batches.add({ hour, unanswered: 0 });
  }

  private attempt(batch: Batch, fate: CallFate): void {
    const { hour } = batch;
    if (this.now >= hour.deadline) return this.answer(batch, batch.unanswered > 0 ? null : 'unsent');
    const result = this.microsoft.take(hour, this.now, fate, batch.unanswered);
    if (result) return this.end(batch, answered(hour, result, this.now).hour);
    if (fate !== 'away') batch.unanswered += 1;
  }

  private answer(batch: Batch, status: null | 'unsent'): void {
    this.end(batch, answered(batch.hour, { status, unanswered: batch.unanswered } as never, this.now).hour);
  }

  private end(batch: Batch, hour: BilledHour): void {
    this.batches.delete(batch);
    this.put(hour);
    if (hour.state === 'carried' || hour.state === 'returned' || hour.state === 'held') {
      this.expect(this.microsoft.quantityOf(hour) === null, 'Microsoft has what we take for not sent', hour);
      this.sent.delete(keyOf(hour));
    }
    this.checkCharged();
  }

  /** Microsoft's list decides, a day at a time. */
  private readUsage(): void {
    const days = Map.groupBy(this.scene.ledger.hours, ({ dimension, planId, hour }) => `${dimension}/${planId}/${dayOf(hour)}`);
    for (const hours of days.values())
      for (const hour of decidedByList(hours, this.microsoft.listed(hours[0]!), this.now)) this.decide(hour);
  }

  private operate({ act, place }: Operates): void {
    const waiting = this.scene.ledger.hours.filter(({ state }) => state === 'held' || state === 'uncertain');
    const hour = waiting[place % Math.max(1, waiting.length)];
    if (hour) this.act(hour, act);
  }

  private act(hour: BilledHour, act: Operates['act']): void {
    const acted = actedOn(this.scene.ledger, hour, actOf(act, hour, this.microsoft), this.now);
    if ('hour' in acted) this.decide(acted.hour);
  }

  private decide(hour: BilledHour): void {
    const theirs = this.microsoft.quantityOf(hour);
    if (hour.state === 'accepted') this.expect(theirs === hour.quantity, 'it is taken for accepted otherwise than it was', hour);
    if (hour.state === 'carried') this.expect(theirs === null, 'Microsoft has what is carried', hour);
    if (hour.state === 'carried') this.sent.delete(keyOf(hour));
    this.put(hour);
    if (hour.state === 'waiting') this.handOver(hour);
  }

  /** Microsoft's list decides what it can, and an operator what is left for one. */
  private rest(): void {
    this.readUsage();
    const left = this.scene.ledger.hours.filter(({ state, reason }) => state === 'held' || (state === 'uncertain' && reason === UNDECIDED));
    left.forEach((hour, place) => this.act(hour, place % 2 ? 'confirm' : 'write-off'));
  }

  private put(hour: BilledHour): void {
    this.scene.ledger = withHour(this.scene.ledger, hour);
  }

  private noteBillable(): void {
    for (const [key, quantity] of billablesOf(this.scene.ledger)) {
      const before = this.billable.get(key) ?? 0n;
      this.billable.set(key, quantity > before ? quantity : before);
    }
  }

  /** Every unit that was recorded is in the ledger, as one thing or another. */
  private checkRecorded(): void {
    const { buckets, accounts } = this.scene.ledger;
    const rated = buckets.flatMap((bucket) => bucket.rated);
    const apart = sumOf(rated.filter(({ kind }) => kind !== 'counted').map(({ quantity }) => quantity));
    const kept = sumOf(accounts.map(({ net }) => net)) + apart;
    const recorded = sumOf(this.used.map(({ quantity }) => quantity));
    if (kept !== recorded) throw new Error(`${recorded} recorded, and ${kept} in the ledger`);
  }

  /**
   * What the life as it truly was makes billable, reckoned here by the records alone, is what Microsoft has, what was written off, and what the ledger says is still due, or
   * was too much.
   */
  private checkBillable(): void {
    const { ledger } = this.scene;
    const sums = sumsOf(ledger);
    for (const { planId, dimension, of } of tiers) {
      const billable = sumOf([0, 1].map((term) => oursOf(of, this.usedIn(planId, term))));
      const charged = sumOf(
        [...this.microsoft.stored].flatMap(([key, one]) =>
          one.planId === planId && key.startsWith(`${dimension}/`) ? [one.quantity] : [],
        ),
      );
      const isOf = (one: { planId: string; dimension: string }) => one.planId === planId && one.dimension === dimension;
      const given = sumOf(
        [...ledger.writeOffs, ...ledger.hours.filter(({ state }) => state === 'written-off')].filter(isOf).map(({ quantity }) => quantity),
      );
      const open = sumOf(sums.filter((one) => one.planId === planId).map((one) => one.open[dimension] ?? 0n));
      if (billable !== charged + given + open)
        throw new Error(`${planId} ${dimension}: ${billable} billable, ${charged} charged, ${given} written off, ${open} open`);
    }
  }

  private usedIn(planId: string, term: number): readonly InTurn[] {
    return this.used.flatMap(({ at, quantity }) => {
      const truth = this.truths.findLast(({ from }) => from <= at);
      const isIn = truth?.status === 'Subscribed' && truth.planId === planId && (at >= renewal ? 1 : 0) === term;
      return isIn ? [{ turn: this.turnOf(hourOf(at), planId), quantity }] : [];
    });
  }

  /** Shadow has the even ones. What joins an hour of shadow is in its turn. */
  private turnOf(hour: Instant, planId: string): number {
    const { modes, timeline } = this.scene.ledger;
    const joins = !isShadow(modes, hour) && ownerOf(timeline, hour) !== planId && isShadow(modes, hour + HOUR_MS);
    const place = modes.findLastIndex(({ from }) => from <= (joins ? hour + HOUR_MS : hour));
    return modes[place]!.mode === 'shadow' ? 2 * place : 2 * place + 1;
  }

  /** Never more than was recorded, whatever was lost on the way. */
  private checkCharged(): void {
    const charged = new Map<string, Micros>();
    for (const [key, { quantity, planId }] of this.microsoft.stored) {
      const pool = `${planId}/${key.split('/')[0]}`;
      charged.set(pool, (charged.get(pool) ?? 0n) + quantity);
    }
    for (const [pool, quantity] of charged)
      if (quantity > (this.billable.get(pool) ?? 0n)) throw new Error(`${pool}: ${quantity} charged of ${this.billable.get(pool)}`);
  }

  /** Everything has come to rest: our ledger and Microsoft's are equal, and nothing is forgotten. */
  private checkRest(): void {
    this.checkBillable();
    const { ledger } = this.scene;
    const accepted = ledger.hours.filter(({ state }) => state === 'accepted');
    for (const hour of accepted) this.expect(this.microsoft.quantityOf(hour) === hour.quantity, 'not what Microsoft has', hour);
    if (accepted.length !== this.microsoft.stored.size) throw new Error('Microsoft has what our ledger does not');
    for (const { state, ...hour } of ledger.hours)
      this.expect(state !== 'waiting' && state !== 'uncertain', 'it has no end', { state, ...hour });
    const current = this.truths.at(-1)!;
    if (current.status === 'Suspended') return;
    for (const planId of current.status === 'Unsubscribed' ? ['silver', 'gold'] : [current.planId])
      for (const meter of ledger.meters[planId]!)
        for (const { dimension } of meter.tiers) {
          const due = dueOf(ledger, { planId, meter: meter.meter, dimension })?.quantity ?? 0n;
          const price = ledger.rates[planId]!.prices[dimension]!;
          if (due > 0n && centsOf(due, price) > 0n) throw new Error(`${planId} ${dimension}: ${due} were forgotten`);
        }
  }

  private expect(holds: boolean, what: string, hour: BilledHour): void {
    if (!holds)
      throw new Error(
        `${what}: ${JSON.stringify({ ...hour, now: new Date(this.now) }, (_key, value) => (typeof value === 'bigint' ? String(value) : value))}`,
      );
  }
}

const keyOf = ({ dimension, hour }: BilledHour): string => `${dimension}/${hourOf(hour)}`;
