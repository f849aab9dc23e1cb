import {
  activateSubscription,
  activationShown,
  backoffMs,
  boughtBy,
  decideActivation,
  decideAfterRefusal,
  decideFollowing,
  followActivation,
  untilActivatedAgainMs,
  type CallAttempt,
} from '@landfall/fulfillment/decisions';
import type { SubscriptionRead } from '@landfall/contracts';
import type { JobOf } from '@landfall/messaging';
import type { MicrosoftApi } from '../microsoft/microsoft.api';
import type { Scheduler } from '../scheduler';
import { hour, minute, second } from '../time';
import type { Ending, Performer, RunningJob } from '../landfall/jobs';

type ActivationJob = RunningJob & JobOf<typeof activateSubscription>;
type End = (ending: Ending) => void;

/** `ACTIVATION_LIMIT`, which is a day by default: a run is shorter. */
export const activationLimitMs = hour;
const tooLate = 'Microsoft showed no activation within the limit';
/** How the pauses between looks grow. */
const followPauses = { firstMs: second / 2, limitMs: minute };
const waitPauses = { firstMs: second, limitMs: minute };

export interface ActivationOptions {
  readonly scheduler: Scheduler;
  readonly api: MicrosoftApi;
  /** Get Subscription, through its registration. */
  readonly read: (key: string, answered: (read: SubscriptionRead | null) => void) => void;
  /** Through which registration the subscription is acted on. */
  readonly registration: () => string;
}

/** Stands in for the worker that activates: it makes the calls that the real decisions ask for, with a ledger of them in memory. */
export class Activation {
  private readonly ledger = new Map<string, { readonly atMs: number; status: number | null }[]>();

  constructor(private readonly options: ActivationOptions) {}

  readonly performers: Readonly<Record<string, Performer>> = {
    [activateSubscription.kind]: (job, end) => this.activate(job as ActivationJob, end),
    [followActivation.kind]: (job, end) => this.follow(job as ActivationJob, end),
  };

  private activate(job: ActivationJob, end: End): void {
    if (job.payload.isFollowedInVain && !job.isRetried) return end({ dead: tooLate });
    this.options.read(`activation, attempt ${job.attempts}`, (read) => {
      const waits = { againAfterMs: backoffMs(job.attempts, waitPauses) };
      if (!read) return end(isTooLate(job) ? { dead: tooLate } : waits);
      const attempts = this.attemptsOf(job);
      switch (decideActivation({ status: read.snapshot.status, attempts, isTooLate: isTooLate(job) })) {
        case 'publish':
          return end({ done: [activationShown(read)] });
        case 'call':
          return this.call(job, read, attempts, end);
        case 'follow':
          return end({ done: [followActivation(job.payload)] });
        case 'wait':
          return end(waits);
        case 'fail':
          return end({ dead: tooLate });
      }
    });
  }

  private call(job: ActivationJob, { snapshot }: SubscriptionRead, earlier: readonly CallAttempt[], end: End): void {
    const { api, scheduler, registration } = this.options;
    const entry: { readonly atMs: number; status: number | null } = { atMs: scheduler.nowMs, status: null };
    this.ledger.set(job.id, [...(this.ledger.get(job.id) ?? []), entry]);
    api.activate(registration(), boughtBy(job.payload, snapshot), (answer) => {
      entry.status = answer;
      if (answer === 200) return end({ done: [followActivation(job.payload)] });
      if (answer === null) return end(isTooLate(job) ? { dead: tooLate } : { againAfterMs: backoffMs(job.attempts, waitPauses) });
      this.afterRefusal(job, earlier, end);
    });
  }

  private afterRefusal(job: ActivationJob, earlier: readonly CallAttempt[], end: End): void {
    this.options.read(`refused activation, attempt ${job.attempts}`, (read) => {
      const againAfterMs = untilActivatedAgainMs(earlier);
      const decision = decideAfterRefusal(read?.snapshot.status, isTooLate(job, againAfterMs));
      if (decision === 'publish') return end({ done: [activationShown(read!)] });
      end(decision === 'fail' ? { dead: 'Microsoft refuses it' } : { againAfterMs });
    });
  }

  private follow(job: ActivationJob, end: End): void {
    this.options.read(`following activation, look ${job.attempts} of ${job.id.slice(0, 4)}`, (read) => {
      const decision = decideFollowing(read?.snapshot.status, isTooLate(job));
      if (decision === 'publish') return end({ done: [activationShown(read!)] });
      if (decision === 'fail') return end({ done: [activateSubscription({ ...job.payload, isFollowedInVain: true })] });
      end({ againAfterMs: backoffMs(job.attempts, followPauses) });
    });
  }

  private attemptsOf({ id }: ActivationJob): CallAttempt[] {
    const { nowMs } = this.options.scheduler;
    return (this.ledger.get(id) ?? []).map(({ atMs, status }) => ({ agoMs: nowMs - atMs, status }));
  }
}

const isTooLate = ({ ageMs }: ActivationJob, afterMs = 0): boolean => ageMs + afterMs >= activationLimitMs;
