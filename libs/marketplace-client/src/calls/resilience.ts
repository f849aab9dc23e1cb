import { DelegateBackoff, TaskCancelledError, TimeoutStrategy, handleWhen, retry, timeout } from 'cockatiel';
import { MarketplaceError, MarketplaceUnavailable } from '../marketplace.errors';
import { BACKOFF_MAX_MS, BACKOFF_START_MS, BREAKER_PROBE_MS, MAX_RETRY_WAIT_MS, PURCHASE_SHARE } from '../marketplace.limits';
import { callPurposes, type BreakerChange, type CallPurpose } from '../marketplace.options';
import { Breakers, type BreakerState } from './breakers';
import { Budget, NotAdmitted, type Leave } from './budget';

/** Why an attempt ended before there was an answer or an error of Microsoft's. */
export type Interruption = 'timeout' | 'breaker-open' | 'busy' | 'paused';

export interface Guarded<T> {
  readonly purpose: CallPurpose;
  /** Method and route: what can be away by itself. */
  readonly endpoint: string;
  /** What leads to it, where that is not what leads to all others. */
  readonly way?: string;
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Its failures do not count for the breaker. */
  readonly isOptional: boolean;
  /** Asked after each failure whether this call may be made again at all. */
  readonly mayRepeat: (error: MarketplaceError) => boolean;
  readonly attempt: (signal: AbortSignal, progress: Progress) => Promise<T>;
  /** `afterMs`: how long to wait, where that is known. */
  readonly interrupted: (why: Interruption, progress: Progress, afterMs: number) => MarketplaceError;
}

/** What is known of an attempt while it runs: an attempt that is cut off must tell whether Microsoft may have read it. */
export interface Progress {
  /** Id of the request that is on its way; null before and between requests. */
  sentAs: string | null;
}

/** How one budget stands, for metrics. */
export interface BudgetState {
  /** Calls a second that Microsoft was found to allow; null where nothing bounds them. */
  readonly perSecond: number | null;
  /** By purpose: for how long its oldest call has waited, in milliseconds. */
  readonly waitingMs: Readonly<Partial<Record<CallPurpose, number>>>;
}

/**
 * Time limit, budget, breakers and retries around one call: retry(timeout(budget(breakers(call)))). The time limit stands outside the queue for a slot, so
 * that waiting counts: a caller with one second gets its answer or its error within one second, however long the queue is.
 */
export class Resilience {
  private readonly breakers: Breakers;
  private readonly general: Budget;
  /** Anybody can bring a token to a landing page: however many come, and whatever is answered to them, the other calls have their slots and their pace. */
  private readonly purchases: Budget;

  constructor(
    maxConcurrent: number,
    private readonly random: () => number,
    onBreaker?: (change: BreakerChange) => void,
  ) {
    this.breakers = new Breakers(onBreaker);
    this.general = new Budget(maxConcurrent);
    this.purchases = new Budget(Math.ceil(maxConcurrent * PURCHASE_SHARE));
  }

  get breakerState(): BreakerState {
    return this.breakers.state;
  }

  get budgets(): { readonly general: BudgetState; readonly purchases: BudgetState } {
    const stateOf = (budget: Budget, purposes: readonly CallPurpose[]): BudgetState => ({
      perSecond: budget.perSecond,
      waitingMs: Object.fromEntries(purposes.map((purpose) => [purpose, budget.waitingMs(purpose)])),
    });
    const others = callPurposes.filter((purpose) => purpose !== 'purchase');
    return { general: stateOf(this.general, others), purchases: stateOf(this.purchases, ['purchase']) };
  }

  async run<T>(call: Guarded<T>): Promise<T> {
    const retries = retry(
      handleWhen((error) => error instanceof MarketplaceError && fitsIntoACall(error) && call.mayRepeat(error)),
      {
        maxAttempts: Math.max(0, call.attempts - 1),
        backoff: new DelegateBackoff(({ attempt, result }) => this.backoffMs(attempt, 'error' in result ? result.error : undefined)),
      },
    );
    return retries.execute(() => this.once(call));
  }

  private async once<T>(call: Guarded<T>): Promise<T> {
    const limited = timeout(call.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
    const progress: Progress = { sentAs: null };
    const refuse = (afterMs: number) => call.interrupted('breaker-open', progress, afterMs);
    const restsMs = call.isOptional ? this.untilNeeded() : this.breakers.restsMs(call.endpoint, call.way);
    if (restsMs !== null) throw refuse(restsMs); // before it waits for anything
    try {
      return await limited.execute(({ signal }) => this.inBudget(call, signal, progress, refuse));
    } catch (error) {
      if (error instanceof TaskCancelledError) throw call.interrupted('timeout', progress, 0);
      if (error instanceof NotAdmitted) throw call.interrupted(error.why, progress, error.afterMs);
      throw error;
    }
  }

  /** What nobody needs is no probe, and not asked for while Microsoft is in any trouble. */
  private untilNeeded(): number | null {
    const { state, opensAgainInMs } = this.breakers.state;
    return state === 'closed' ? null : Math.max(BREAKER_PROBE_MS, opensAgainInMs);
  }

  private async inBudget<T>(call: Guarded<T>, signal: AbortSignal, progress: Progress, refuse: (afterMs: number) => Error): Promise<T> {
    const budget = call.purpose === 'purchase' ? this.purchases : this.general;
    const leave = await budget.enter(call.purpose, call.timeoutMs, signal);
    try {
      const attempt = () => call.attempt(signal, progress);
      return await (call.isOptional ? attempt() : this.breakers.around(call.endpoint, attempt, refuse, call.way));
    } catch (error) {
      tellBudget(budget, call.purpose, leave, error);
      throw error;
    } finally {
      leave.end();
    }
  }

  /** max(Retry-After, exponential with jitter): half of each step is fixed, half is chance, so that many callers spread. */
  private backoffMs(attempt: number, error: unknown): number {
    const stepMs = Math.min(BACKOFF_MAX_MS, BACKOFF_START_MS * 2 ** (attempt - 1));
    const jitteredMs = Math.round(stepMs * (0.5 + 0.5 * this.random()));
    return Math.max(jitteredMs, (error instanceof MarketplaceError && error.retryAfterMs) || 0);
  }
}

/** A 429 of Entra's is about tokens, and has no request of ours to Microsoft. */
function tellBudget(budget: Budget, purpose: CallPurpose, leave: Leave, error: unknown): void {
  if (!(error instanceof MarketplaceError) || !error.call) return;
  if (error.status === 429) budget.throttled(purpose, leave.leftAtMs, error.retryAfterMs);
  else if (error.status === 503 && error.retryAfterMs) budget.slowDown(leave.leftAtMs);
}

/** Long waits, and our own refusals to send, belong to the caller. */
function fitsIntoACall(error: MarketplaceError): boolean {
  if (!error.retriable || (error.retryAfterMs ?? 0) > MAX_RETRY_WAIT_MS) return false;
  return !(error instanceof MarketplaceUnavailable) || !['breaker-open', 'busy', 'paused'].includes(error.reason);
}
