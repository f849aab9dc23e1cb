import {
  askForChange,
  backoffMs,
  decideChange,
  decideChangeRefusal,
  failedChange,
  mayHaveReached,
  operationOfRequest,
  requestShown,
  untilChangeAskedAgainMs,
  untilChangeLookedAgainMs,
  type CallAttempt,
  type Operation,
} from '@landfall/fulfillment/decisions';
import type { SubscriptionRead } from '@landfall/contracts';
import type { JobOf } from '@landfall/messaging';
import type { Ending, Performer, RunningJob } from '../landfall/jobs';
import type { RequestedDeed } from '../microsoft/microsoft';
import type { RequestAnswer, ShownOperation } from '../microsoft/microsoft.api';
import { hour, minute, second } from '../time';
import type { ActivationOptions } from './activation';

type ChangeJob = RunningJob & JobOf<typeof askForChange>;
type End = (ending: Ending) => void;

/** `CHANGE_LIMIT`, and `CANCELLATION_LIMIT`, which is a day by default: a run is shorter. */
const changeLimitMs = hour;
const waitPauses = { firstMs: second, limitMs: minute };

/** Stands in for the worker that asks Microsoft for what was requested: it makes the calls that the real decisions ask for, with a ledger of them in memory. */
export class Change {
  private readonly ledger = new Map<string, { readonly atMs: number; status: number | null }[]>();

  constructor(
    private readonly options: ActivationOptions & {
      readonly copyLagMs: number;
      readonly followed: (action: string) => readonly Operation[];
    },
  ) {}

  readonly performers: Readonly<Record<string, Performer>> = {
    [askForChange.kind]: (job, end) => this.ask(job as ChangeJob, end),
  };

  private ask(job: ChangeJob, end: End): void {
    const key = `request ${job.id.slice(0, 4)}, attempt ${job.attempts}`;
    const { api, registration, read: readSubscription } = this.options;
    const attempts = this.attemptsOf(job);
    let read: SubscriptionRead | null | undefined;
    let outstanding: readonly ShownOperation[] | null | undefined;
    const whenBoth = () => {
      if (read === undefined || outstanding === undefined) return;
      if (read && outstanding) return this.decided(job, attempts, read, outstanding, end);
      if (!isTooLate(job)) return end({ againAfterMs: backoffMs(job.attempts, waitPauses) });
      end(failed(job, attempts.some(mayHaveReached) ? 'unconfirmed' : 'failed', 'Microsoft could not be asked'));
    };
    readSubscription(key, (answer) => {
      read = answer;
      whenBoth();
    });
    api.outstanding(registration(), key, (answer) => {
      outstanding = answer;
      whenBoth();
    });
  }

  private decided(
    job: ChangeJob,
    attempts: readonly CallAttempt[],
    read: SubscriptionRead,
    listed: readonly ShownOperation[],
    end: End,
  ): void {
    const { payload } = job;
    const outstanding = listed.map((operation) => ({ ...operation, operationId: operation.id }));
    const followed = this.options.followed(payload.action);
    const ages = { isTooLate: isTooLate(job), mayBeOld: job.ageMs < this.options.copyLagMs };
    const decision = decideChange({ requested: payload, read, outstanding, followed, attempts, ...ages });
    switch (decision.next) {
      case 'publish':
        return end({ done: [requestShown(read, decision.occasion)] });
      case 'shown':
        return end({
          done: [requestShown(read, decision.occasion), failedChange(payload, 'unconfirmed', { reason: 'it was never named', code: null })],
        });
      case 'found':
        return end({ done: [requestShown(read, 'found'), failedChange(payload, 'failed', { reason: 'it has it already', code: null })] });
      case 'follow':
        return end({ done: operationOfRequest(payload, { ...decision.operation, registration: this.options.registration() }) });
      case 'call':
        return this.call(job, attempts, end);
      case 'wait':
        return end({ againAfterMs: untilChangeLookedAgainMs(job.attempts) });
      case 'fail':
        return end(failed(job, decision.outcome, decision.reason));
    }
  }

  private call(job: ChangeJob, earlier: readonly CallAttempt[], end: End): void {
    const { api, scheduler, registration } = this.options;
    const entry: { readonly atMs: number; status: number | null } = { atMs: scheduler.nowMs, status: null };
    this.ledger.set(job.id, [...(this.ledger.get(job.id) ?? []), entry]);
    api.request(registration(), deedOf(job), job.payload.requestId, (answer) => {
      entry.status = answer?.status ?? null;
      end(this.afterAnswer(job, earlier, answer));
    });
  }

  private afterAnswer(job: ChangeJob, earlier: readonly CallAttempt[], answer: RequestAnswer): Ending {
    if (answer === null) {
      return isTooLate(job) ? failed(job, 'unconfirmed', 'it was not answered') : { againAfterMs: backoffMs(job.attempts, waitPauses) };
    }
    if (answer.status === 202) {
      const { operationId } = answer;
      if (operationId === null) return { againAfterMs: untilChangeLookedAgainMs(1) };
      return { done: operationOfRequest(job.payload, { operationId, registration: this.options.registration() }) };
    }
    const { status, code } = answer;
    const afterMs = untilChangeAskedAgainMs(earlier);
    const decision = decideChangeRefusal({ status, microsoft: { code, message: null } }, earlier, isTooLate(job, afterMs));
    return decision.next === 'fail' ? failed(job, decision.outcome, decision.reason) : { againAfterMs: afterMs };
  }

  private attemptsOf({ id }: ChangeJob): CallAttempt[] {
    const { nowMs } = this.options.scheduler;
    return (this.ledger.get(id) ?? []).map(({ atMs, status }) => ({ agoMs: nowMs - atMs, status }));
  }
}

function deedOf({ payload: { action, planId, quantity } }: ChangeJob): RequestedDeed {
  if (action === 'Unsubscribe') return { kind: action };
  return action === 'ChangePlan' ? { kind: action, plan: planId! } : { kind: action, quantity: quantity! };
}

const failed = ({ payload }: ChangeJob, outcome: 'failed' | 'unconfirmed', reason: string): Ending => ({
  done: [failedChange(payload, outcome, { reason, code: null })],
});

const isTooLate = ({ ageMs }: ChangeJob, afterMs = 0): boolean => ageMs + afterMs >= changeLimitMs;
