import {
  backoffMs,
  cancellationShown,
  cancelPurchase,
  decideCancellation,
  decideCancellationFollowing,
  decideCancellationRefusal,
  failedCancellation,
  followCancellation,
  missedReason,
  untilCancelledAgainMs,
  type CallAttempt,
} from '@landfall/fulfillment/decisions';
import type { SubscriptionRead } from '@landfall/contracts';
import type { JobOf } from '@landfall/messaging';
import type { ActivationOptions } from './activation';
import { hour, minute, second } from '../time';
import type { Ending, Performer, RunningJob } from '../landfall/jobs';

type CancelJob = RunningJob & JobOf<typeof cancelPurchase>;
type FollowJob = RunningJob & JobOf<typeof followCancellation>;
type End = (ending: Ending) => void;

/** `CANCELLATION_LIMIT`, which is a day by default: a run is shorter. */
const cancellationLimitMs = hour;
const tooLate = 'Microsoft showed no cancellation within the limit';
const followPauses = { firstMs: second / 2, limitMs: minute };
const waitPauses = { firstMs: second, limitMs: minute };

/** Stands in for the worker that cancels rejected purchases: it makes the calls that the real decisions ask for, with a ledger of them in memory. */
export class Cancellation {
  private readonly ledger = new Map<string, { readonly atMs: number; status: number | null }[]>();

  constructor(private readonly options: ActivationOptions) {}

  readonly performers: Readonly<Record<string, Performer>> = {
    [cancelPurchase.kind]: (job, end) => this.cancel(job as CancelJob, end),
    [followCancellation.kind]: (job, end) => this.follow(job as FollowJob, end),
  };

  private cancel(job: CancelJob, end: End): void {
    const { followedInVain } = job.payload;
    if (followedInVain && !job.isRetried) return end({ dead: followedInVain });
    this.options.read(`cancellation, attempt ${job.attempts}`, (read) => {
      const waits = { againAfterMs: backoffMs(job.attempts, waitPauses) };
      if (!read) return end(isTooLate(job) ? { dead: tooLate } : waits);
      const attempts = this.attemptsOf(job);
      switch (decideCancellation({ status: read.snapshot.status, attempts, isTooLate: isTooLate(job) })) {
        case 'publish':
          return end({ done: [cancellationShown(read)] });
        case 'miss':
          return end(missed(job, read));
        case 'call':
          return this.call(job, attempts, end);
        case 'follow':
          return end({ done: [following(job)] });
        case 'wait':
          return end(waits);
        case 'fail':
          return end({ dead: tooLate });
      }
    });
  }

  private call(job: CancelJob, earlier: readonly CallAttempt[], end: End): void {
    const { api, scheduler, registration } = this.options;
    const entry: { readonly atMs: number; status: number | null } = { atMs: scheduler.nowMs, status: null };
    this.ledger.set(job.id, [...(this.ledger.get(job.id) ?? []), entry]);
    api.cancel(registration(), (answer) => {
      entry.status = answer;
      if (answer === 202) return end({ done: [following(job)] });
      if (answer === null) return end(isTooLate(job) ? { dead: tooLate } : { againAfterMs: backoffMs(job.attempts, waitPauses) });
      this.afterRefusal(job, earlier, end);
    });
  }

  private afterRefusal(job: CancelJob, earlier: readonly CallAttempt[], end: End): void {
    this.options.read(`refused cancellation, attempt ${job.attempts}`, (read) => {
      const againAfterMs = untilCancelledAgainMs(earlier);
      switch (decideCancellationRefusal(read?.snapshot.status, isTooLate(job, againAfterMs))) {
        case 'publish':
          return end({ done: [cancellationShown(read!)] });
        case 'miss':
          return end(missed(job, read!));
        case 'fail':
          return end({ dead: 'Microsoft refuses it' });
        case 'wait':
          return end({ againAfterMs });
      }
    });
  }

  /** Microsoft has named no operation. */
  private follow(job: FollowJob, end: End): void {
    this.options.read(`following cancellation, look ${job.attempts} of ${job.id.slice(0, 4)}`, (read) => {
      const waits = { againAfterMs: backoffMs(job.attempts, followPauses) };
      if (!read) return end(isTooLate(job) ? this.inVain(job) : waits);
      switch (decideCancellationFollowing(read.snapshot.status, 'unknown', isTooLate(job))) {
        case 'publish':
          return end({ done: [cancellationShown(read)] });
        case 'miss':
          return end(missed(job, read));
        case 'wait':
          return end(waits);
        default:
          return end(this.inVain(job));
      }
    });
  }

  private inVain({ payload: { subscriptionId, requestId } }: FollowJob): Ending {
    return { done: [cancelPurchase({ subscriptionId, requestId, followedInVain: tooLate })] };
  }

  private attemptsOf({ id }: CancelJob): CallAttempt[] {
    const { nowMs } = this.options.scheduler;
    return (this.ledger.get(id) ?? []).map(({ atMs, status }) => ({ agoMs: nowMs - atMs, status }));
  }
}

const following = ({ payload: { subscriptionId, requestId } }: CancelJob) =>
  followCancellation({ subscriptionId, requestId, operationId: null });

const missed = ({ payload }: CancelJob | FollowJob, read: SubscriptionRead): Ending => ({
  done: [cancellationShown(read), ...failedCancellation(payload, missedReason(read.snapshot.status))],
});

const isTooLate = ({ ageMs }: CancelJob | FollowJob, afterMs = 0): boolean => ageMs + afterMs >= cancellationLimitMs;
