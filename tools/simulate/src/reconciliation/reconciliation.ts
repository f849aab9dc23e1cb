import { stableId, subscriptionSnapshot, subscriptionSnapshots, type Message, type MessageOf } from '@landfall/contracts';
import {
  afterPage,
  backoffMs,
  dismissed,
  findingsOf,
  followDifferences,
  judgeListed,
  judgeUnreadable,
  keepRecorded,
  landmarkAfter,
  leadsBack,
  letThrough,
  letThroughUnasked,
  reconcile,
  releaseFindings,
  startSweep,
  withdrawn,
  type Answered,
  type Question,
} from '@landfall/fulfillment/decisions';
import type { Effect, JobOf, Outcome } from '@landfall/messaging';
import type { Chance } from '../chance';
import { Jobs, type Ending, type RunningJob } from '../landfall/jobs';
import { addressed, type Cause } from '../landfall/messages';
import type { Life } from '../life';
import type { Faults } from '../microsoft/faults';
import { ownRegistration } from '../microsoft/members';
import type { Page, SubscriptionList } from '../microsoft/subscription.list';
import type { Scheduler } from '../scheduler';
import { minute, second } from '../time';
import type { Trace } from '../trace';
import { Observations } from './observations';
import { SubscriptionReads } from './reads';
import { Sweeps, sweepEveryMs, type Sweep } from './sweeps';

export interface ReconciliationOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: Faults;
  /** All subscriptions of the publisher, by their ids. */
  readonly lives: ReadonlyMap<string, Life>;
  readonly list: SubscriptionList;
  readonly mayImport: boolean;
  readonly quietFromMs: number;
  /** An operator is asked. */
  readonly ask: () => void;
  readonly trace: Trace;
}

type SweepJob = RunningJob & JobOf<typeof reconcile>;
type ReleaseJob = RunningJob & JobOf<typeof releaseFindings>;
type End = (ending: Ending) => void;

const readsTogether = 10;
const pageAttempts = 5;
const pauses = { firstMs: second, limitMs: 15 * second };

/**
 * Stands in for the timer, the worker and the tables of reconciliation: a list is followed page by page, what differs from the record is read, and ends are kept back
 * until the sweep is complete, or an operator has answered. What is read, published, kept back and asked are the real decisions.
 */
export class Reconciliation {
  readonly sweeps: Sweeps;
  readonly observations: Observations;
  readonly jobs: Jobs;
  private readonly reads: SubscriptionReads;
  private readonly ownerOf = new WeakMap<Effect, Life>();
  /** Of all subscriptions, by their numbers. */
  private readonly ids: readonly string[];

  constructor(private readonly options: ReconciliationOptions) {
    const { scheduler, chance, faults, lives, mayImport, quietFromMs, trace } = options;
    const nowMs = () => scheduler.nowMs;
    this.ids = [...lives.keys()];
    this.sweeps = new Sweeps({ nowMs, firstMs: sweepEveryMs * (1 + chance('sweep')), mayImport, quietFromMs });
    this.observations = new Observations(
      nowMs,
      (id) => (lives.get(id)!.services.fulfillment.registrations.boundSinceMs === null ? null : ownRegistration),
      (id) => this.sweeps.find(id)?.state === 'running',
      (id) => this.sweeps.find(id)?.state === 'complete',
      (id, finding) => this.sweeps.answerAbout(id, finding),
      () => this.sweeps.missingDismissedMs,
    );
    this.reads = new SubscriptionReads({ lives, observations: this.observations, own: (life, effects) => this.own(life, effects) });
    this.jobs = new Jobs(
      {
        [reconcile.kind]: (job, end) => this.step(job as SweepJob, end),
        [releaseFindings.kind]: (job, end) => this.release(job as ReleaseJob, end),
        [followDifferences.kind]: (_job, end) => end({ done: [] }), // the tables here follow at once, and nobody is told
      },
      { scheduler, chance, crash: faults.crash, emit: (effects, cause) => this.emit(effects, cause), trace },
    );
    for (const life of lives.values()) this.keepRecordOf(life);
  }

  /** Sweeps when it is time, until a moment. */
  run(untilMs: number): void {
    const { scheduler } = this.options;
    const { dueMs } = this.sweeps;
    if (dueMs >= untilMs) return;
    scheduler.at(Math.max(dueMs, scheduler.nowMs), () => {
      if (this.sweeps.schedule.isDue) this.begin('timer');
      scheduler.after(minute, () => this.run(untilMs));
    });
  }

  begin(occasion: 'timer' | 'operator'): void {
    const { sweeps } = this;
    const id = stableId('sweep', sweeps.all.length + 1);
    const outcome = startSweep(sweeps.schedule as never, occasion, id);
    if (outcome.kind !== 'changed') return;
    sweeps.begin(id, outcome.state.begins!.isWhole);
    this.emit(outcome.effects, { id, correlationId: id });
  }

  /** What an operator decides about a question; one that is not open any more is refused. */
  answer(sweep: Sweep, question: Question, decide: typeof letThrough | typeof dismissed | typeof withdrawn): void {
    const { id, asks, answers, number } = sweep;
    const outcome: Outcome<Answered> = decide({ id, registration: ownRegistration, asks, answers }, [question]);
    if (outcome.kind !== 'changed') return;
    const about = outcome.state.about!;
    const answer = outcome.state.answers[question]!;
    this.sweeps.answered(sweep, about, answer);
    this.options.trace('operator', () => `the question of sweep ${number} about ${question} is answered: ${answer}`);
    if (answer === 'dismissed') this.observations.dismiss(id, findingsOf(about));
    if (answer === 'released' && about.includes('import')) this.sweeps.mayImport = true;
    this.emit(outcome.effects, { id: `${id}/answer/${question}/${answer}`, correlationId: id });
  }

  private step(job: SweepJob, end: End): void {
    const { reconciliationId, toRead, toList, end: listEnd } = job.payload;
    const sweep = this.sweeps.find(reconciliationId)!;
    if (sweep.state !== 'running') return end({ done: [] });
    if (toRead.length > 0) return this.read(job, sweep, end);
    if (listEnd === null) return this.list(job, sweep, end);
    if (toList.length > 0) return this.listAgain(job, end);
    this.complete(job, sweep);
    end({ done: [] });
  }

  private list(job: SweepJob, sweep: Sweep, end: End): void {
    const { payload, attempts, id } = job;
    this.options.list.page(payload.link, `${id}/${attempts}`, (page) => {
      if (page === null) return end({ againAfterMs: backoffMs(attempts, pauses) });
      if (page === 'refused' && attempts < pageAttempts) return end({ againAfterMs: backoffMs(attempts, pauses) });
      if (page === 'refused') return end({ done: [reconcile({ ...payload, end: 'incomplete' })] });
      this.perhapsHanging(job, end, (go) => go({ done: [reconcile(this.listed(payload, sweep, page))] }));
    });
  }

  private listed(payload: SweepJob['payload'], sweep: Sweep, { entries, nextLink }: Page): SweepJob['payload'] {
    const { reconciliationId, link, landmark, barren, tally } = payload;
    const named = entries.map(({ number, snapshot }) => ({ id: this.ids[number]!, snapshot }));
    if (sweep.state === 'running') for (const { id } of named) sweep.listed.add(id);
    const judged = named.map(({ id, snapshot }) => ({
      ...{ id, isAlive: snapshot?.status !== undefined && snapshot.status !== 'Unsubscribed' },
      listed: snapshot
        ? judgeListed(this.observations.knownOf(id), snapshot, payload)
        : judgeUnreadable(this.observations.knownOf(id), id, payload),
    }));
    const fresh = this.observations.seen(reconciliationId, judged);
    const idsOf = (kind: string) => [...new Set(judged.flatMap((one) => (one.listed === kind ? [one.id] : [])))];
    this.observations.keepBack(reconciliationId, 'unknown', idsOf('unknown'));
    const page = afterPage({ link, nextLink, fresh, barren });
    const way = { nextLink, landmark, pages: tally.pages + 1 };
    const isCircle = page.kind === 'circle' || leadsBack(way);
    return {
      ...payload,
      ...{ link: nextLink, landmark: landmarkAfter(way), barren: page.barren, toRead: idsOf('read') },
      end: isCircle ? 'incomplete' : page.kind === 'complete' ? 'complete' : null,
      tally: { ...tally, pages: tally.pages + 1 },
    };
  }

  private read(job: SweepJob, sweep: Sweep, end: End): void {
    const { payload, attempts, id } = job;
    this.reads.of(payload.toRead.slice(0, readsTogether), payload, `${id}/${attempts}`, (read) => {
      if (read.isAway && read.handled.length === 0) return end({ againAfterMs: backoffMs(attempts, pauses) });
      this.perhapsHanging(job, end, (go) => {
        if (sweep.state === 'running') for (const one of read.shownEnded) sweep.shownEnded.add(one);
        for (const one of read.published) sweep.published.add(one);
        const letThrough = read.ends.filter((one) => one.isLetThrough);
        const keptBack = read.ends.filter((one) => !one.isLetThrough);
        this.observations.keepBack(
          payload.reconciliationId,
          'ended',
          keptBack.map((one) => one.id),
        );
        const toRead = payload.toRead.filter((one) => !read.handled.includes(one));
        go({
          done: [
            ...read.effects,
            ...letThrough.flatMap((one) => one.effects),
            reconcile({ ...payload, toRead, toList: [...payload.toList, ...read.unlistedIds] }),
          ],
        });
      });
    });
  }

  /** What awaits our answer, where that could not be listed beside the read. */
  private listAgain({ payload, attempts, id }: SweepJob, end: End): void {
    const [first, ...others] = payload.toList;
    this.reads.listingOf(first!, `${id}/${attempts}`, (effects) => {
      if (!effects) return end({ againAfterMs: backoffMs(attempts, pauses) });
      end({ done: [...effects, reconcile({ ...payload, toList: others })] });
    });
  }

  private release(job: ReleaseJob, end: End): void {
    const { payload, attempts, id } = job;
    this.observations.handOver(payload.reconciliationId, payload.handedOver, payload.told);
    for (const one of payload.told) this.sweeps.find(payload.reconciliationId)!.handedOver.add(one); // of the step before: what a hanging copy read was told to nobody
    const ids = this.observations.keptBack(payload.reconciliationId, payload.findings, readsTogether);
    if (ids.length === 0) return end({ done: [] });
    this.reads.of(ids, { registration: ownRegistration, isWhole: true, mayImport: true }, `${id}/${attempts}`, (read) => {
      if (read.isAway && read.handled.length === 0) return end({ againAfterMs: backoffMs(attempts, pauses) });
      this.perhapsHanging(job, end, (go) => {
        const told = read.ends.map((one) => one.id);
        const ends = read.ends.flatMap((one) => one.effects);
        go({ done: [...read.effects, ...ends, releaseFindings({ ...payload, handedOver: read.handled, told })] });
      });
    });
  }

  /** In a transaction of its own. */
  private complete({ id, payload }: SweepJob, sweep: Sweep): void {
    const { sweeps, observations } = this;
    const { trace, ask } = this.options;
    if (payload.end !== 'complete') {
      trace('fulfillment', () => `sweep ${sweep.number} is incomplete`);
      return sweeps.incomplete(sweep, observations);
    }
    const found = sweeps.complete(sweep, observations);
    if (!payload.mayImport && found.unknown === 0) sweeps.mayImport = true;
    trace(
      'fulfillment',
      () =>
        `sweep ${sweep.number} is complete: ${JSON.stringify(found)}${sweep.asks.map((question) => `, asks about ${question}`).join('')}`,
    );
    const { reconciliationId, registration } = payload;
    const findings = letThroughUnasked(found, sweep.asks);
    if (findings.length > 0)
      this.emit([releaseFindings({ reconciliationId, registration, findings, handedOver: [], told: [] })], {
        id: `${id}/end`,
        correlationId: sweep.id,
      });
    if (sweep.asks.length > 0) ask();
  }

  /** A copy may hang between an answer of Microsoft and what it writes; another copy makes the step meanwhile, and the first can't record its own. */
  private perhapsHanging(job: RunningJob, end: End, act: (end: End) => void): void {
    const { scheduler, chance, faults, trace } = this.options;
    if (chance('hangs', job.id, job.attempts) >= faults.copyHangs) return act(end);
    trace('crash', () => `a copy hangs in ${job.kind}`);
    scheduler.after(20 * minute * chance('hangs for', job.id, job.attempts), () => act(() => undefined));
    end({ againAfterMs: 12 * second * chance('lease', job.id, job.attempts) });
  }

  private keepRecordOf({ id, services }: Life): void {
    const { scheduler, chance, faults } = this.options;
    const keep = (data: MessageOf<typeof subscriptionSnapshot>['data'], sinceMs?: number) => {
      const outcome = keepRecorded(this.observations.load(id), { data: { ...data, subscriptionId: id } });
      if (outcome.kind === 'changed') this.observations.save(outcome.state, sinceMs);
    };
    const { record } = services.subscription;
    if (record) keep(record as never, -Infinity);
    services.topics.read(subscriptionSnapshots, 'reconciliation', (message: Message) => {
      const { data } = message as MessageOf<typeof subscriptionSnapshot>;
      keep(data);
      if (chance('said again', message.id) >= faults.snapshotAgain) return;
      scheduler.after(30 * minute * chance('said again after', message.id), () => keep(data));
    });
  }

  private own(life: Life, effects: readonly Effect[]): Effect[] {
    for (const effect of effects) this.ownerOf.set(effect, life);
    return [...effects];
  }

  /** Jobs of sweeps are ours; the rest is told, and done, of the subscription that it is about. */
  private emit(effects: readonly Effect[], cause: Cause): void {
    const byLife = new Map<Life | undefined, Effect[]>();
    for (const effect of effects) {
      const life = this.ownerOf.get(effect);
      byLife.set(life, [...(byLife.get(life) ?? []), effect]);
    }
    for (const [life, its] of byLife) {
      if (life) life.services.emitFound(cause.correlationId, its, cause);
      else for (const job of addressed(its, 'fulfillment', cause, this.options.scheduler.nowMs).jobs) this.jobs.add(job);
    }
  }
}
