import { Controller, Logger } from '@nestjs/common';
import { MarketplaceError } from '@landfall/marketplace-client';
import { again, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import type { ListedPage } from '../microsoft/microsoft.readings';
import { retryLater } from '../microsoft/retry-later';
import { ObservationRepository } from './observation.repository';
import { followDifferences } from './difference/difference.job';
import { reconcile, releaseFindings } from './reconciliation.job';
import { SubscriptionReads } from './subscription.reads';
import { afterPage, judgeListed, judgeUnreadable, landmarkAfter, leadsBack } from './sweep.domain';
import { SweepEnding } from './sweep.ending';
import { ReconciliationRepository } from './reconciliation.repository';

type SweepJob = JobOf<typeof reconcile>;
type Sweep = SweepJob['payload'];

/** Subscriptions of one batch of reads, side by side. */
const READS_TOGETHER = 10;
/** So many subscriptions of one sweep are asked again for what awaits our answer; the others when they are read next. */
const LISTED_AGAIN = 500;
/** A page that Microsoft refuses, or that can't be read, is asked for so often; then the sweep ends, and the next one begins at the first page. */
const PAGE_ATTEMPTS = 5;
const PAGE_BACKOFF: Backoff = { firstMs: 1_000, limitMs: 15_000 };

/** Lists every subscription of a registration, a page at a time, and reads what differs from the record (contract 3.5, 3.6). */
@Controller()
export class ReconciliationWorker {
  private readonly logger = new Logger('Reconciliation');

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly observations: ObservationRepository,
    private readonly reconciliations: ReconciliationRepository,
    private readonly reads: SubscriptionReads,
    private readonly ending: SweepEnding,
  ) {}

  /** Safe to repeat after a crash: it reads, and what it publishes is recorded with the step that follows. */
  @Performs(reconcile)
  async step(job: SweepJob): Promise<JobOutcome> {
    const { reconciliationId, toRead, toList, end, tally } = job.payload;
    if (!(await this.reconciliations.step(reconciliationId, tally))) return done(); // it has ended
    if (toRead.length > 0) return this.read(job);
    if (end === null) return this.list(job);
    if (toList.length > 0) return this.askAgain(job);
    return this.conclude(job);
  }

  /**
   * What was kept back, and is let through. What Microsoft shows now counts, whatever it showed then. It stays kept back until that is recorded: a crash
   * before would lose what was let through.
   */
  @Performs(releaseFindings)
  async release(job: JobOf<typeof releaseFindings>): Promise<JobOutcome> {
    const { reconciliationId, registration, findings, handedOver, told } = job.payload;
    await this.observations.handOver(reconciliationId, handedOver, told);
    const ids = await this.observations.keptBack(reconciliationId, findings, READS_TOGETHER);
    if (ids.length === 0) return done(followDifferences({ registration, after: null }));
    const read = await this.reads.of(ids, { reconciliationId, registration, isWhole: true, mayImport: true }, job);
    if (read.away && read.handled.length === 0) return retryLater(read.away, job.attempts);
    const ends = { effects: read.ends.flatMap(({ effects }) => effects), ids: read.ends.map(({ subscriptionId }) => subscriptionId) };
    return done(...read.effects, ...ends.effects, releaseFindings({ ...job.payload, handedOver: read.handled, told: ends.ids }));
  }

  private async list(job: SweepJob): Promise<JobOutcome> {
    const { registration, link } = job.payload;
    try {
      return done(reconcile(await this.listed(job.payload, await this.microsoft.page(registration, link, job))));
    } catch (error) {
      if (!(error instanceof MarketplaceError)) return retryLater(error, job.attempts);
      if (job.attempts < PAGE_ATTEMPTS) return again({ afterMs: backoffMs(job.attempts, PAGE_BACKOFF) }, error.message);
      return done(reconcile({ ...job.payload, end: 'incomplete' }));
    }
  }

  private async listed(sweep: Sweep, { listed, unreadable, nextLink }: ListedPage): Promise<Sweep> {
    const { reconciliationId, link, landmark, barren, tally } = sweep;
    const unreadableIds = unreadable.flatMap(({ id }) => id ?? []);
    const known = await this.observations.knownOf([...listed.map(({ subscriptionId }) => subscriptionId), ...unreadableIds]);
    const judged = [
      ...listed.map((shown) => ({ ...shown, listed: judgeListed(known.get(shown.subscriptionId)!, shown, sweep) })),
      ...unreadableIds.map((id) => ({ subscriptionId: id, status: undefined, listed: judgeUnreadable(known.get(id)!, id, sweep) })),
    ];
    const own = judged.filter((one) => one.listed !== 'other');
    const fresh = await this.observations.seen(
      reconciliationId,
      own.map(({ subscriptionId, status }) => ({ subscriptionId, isAlive: status !== undefined && status !== 'Unsubscribed' })),
    );
    const idsOf = (kind: string) => [...new Set(judged.flatMap((one) => (one.listed === kind ? [one.subscriptionId] : [])))];
    const others = idsOf('other');
    await this.observations.keepBack(reconciliationId, 'unknown', idsOf('unknown'));
    if (others.length > 0)
      this.logger.warn(
        { registration: sweep.registration, subscriptionId: others[0], count: others.length },
        'Microsoft lists subscriptions for a registration that belong to another one here: they are left alone',
      );
    if (unreadable.length > 0)
      this.logger.warn(
        {
          registration: sweep.registration,
          count: unreadable.length,
          unnamed: unreadable.length - unreadableIds.length,
          field: unreadable[0]!.field,
        },
        'entries of Microsoft’s list cannot be read: those that name their subscription are read by Get',
      );
    const page = afterPage({ link, nextLink, fresh: fresh + others.length, barren });
    const way = { nextLink, landmark, pages: tally.pages + 1 };
    const isCircle = page.kind === 'circle' || leadsBack(way);
    const end = isCircle ? 'incomplete' : page.kind === 'complete' ? 'complete' : null;
    return {
      ...sweep,
      ...{ link: nextLink, landmark: landmarkAfter(way), end, barren: page.barren, toRead: idsOf('read') },
      tally: {
        ...tally,
        pages: tally.pages + 1,
        others: tally.others + others.length,
        unnamed: tally.unnamed + unreadable.length - unreadableIds.length,
      },
    };
  }

  private async read(job: SweepJob): Promise<JobOutcome> {
    const { reconciliationId, toRead, toList, tally } = job.payload;
    const read = await this.reads.of(toRead.slice(0, READS_TOGETHER), job.payload, job);
    if (read.away && read.handled.length === 0) return retryLater(read.away, job.attempts);
    const [letThrough, keptBack] = [read.ends.filter((one) => one.isLetThrough), read.ends.filter((one) => !one.isLetThrough)];
    await this.observations.keepBack(
      reconciliationId,
      'ended',
      keptBack.map(({ subscriptionId }) => subscriptionId),
    );
    const unlisted = [...toList, ...read.unlistedIds];
    const next = {
      ...job.payload,
      toRead: toRead.filter((id) => !read.handled.includes(id)),
      toList: unlisted.slice(0, LISTED_AGAIN),
      tally: {
        ...tally,
        read: tally.read + read.handled.length,
        published: tally.published + read.published + letThrough.length,
        unread: tally.unread + read.unread,
        unlisted: tally.unlisted + Math.max(0, unlisted.length - LISTED_AGAIN),
        operations: tally.operations + read.operations,
      },
    };
    return done(...read.effects, ...letThrough.flatMap(({ effects }) => effects), reconcile(next));
  }

  /** A piece at a time, so that no statement is long where nearly all is missing; the last one ends the sweep. */
  private async conclude(job: SweepJob): Promise<JobOutcome> {
    const { counted, isLast } = await this.ending.count(job.payload);
    if (!isLast) return done(reconcile({ ...job.payload, counted }));
    await this.ending.end({ ...job.payload, counted }, job);
    return done();
  }

  /** Behind the last page: what is asked again holds up no read. */
  private async askAgain(job: SweepJob): Promise<JobOutcome> {
    const { toList, tally } = job.payload;
    const { handled, effects, operations, unlisted, failure } = await this.reads.listingsOf(
      toList.slice(0, READS_TOGETHER),
      job.payload,
      job,
    );
    if (failure instanceof MarketplaceError && handled.length === 0)
      return again({ afterMs: backoffMs(job.attempts, PAGE_BACKOFF) }, failure.message);
    if (failure && handled.length === 0) return retryLater(failure, job.attempts);
    const counted = { ...tally, operations: tally.operations + operations, unlisted: tally.unlisted + unlisted };
    return done(...effects, reconcile({ ...job.payload, toList: toList.filter((id) => !handled.includes(id)), tally: counted }));
  }
}
