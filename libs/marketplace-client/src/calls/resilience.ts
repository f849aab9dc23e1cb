import {
  BrokenCircuitError,
  BulkheadRejectedError,
  CircuitState,
  CountBreaker,
  DelegateBackoff,
  TaskCancelledError,
  TimeoutStrategy,
  bulkhead,
  circuitBreaker,
  handleWhen,
  retry,
  timeout,
  wrap,
} from 'cockatiel';
import { MarketplaceError, MarketplaceUnavailable } from '../marketplace.errors';
import {
  BACKOFF_MAX_MS,
  BACKOFF_START_MS,
  BREAKER_FAILURE_SHARE,
  BREAKER_MIN_CALLS,
  BREAKER_REST_MS,
  BREAKER_SAMPLE_CALLS,
  MAX_RETRY_WAIT_MS,
  MAX_WAITING_CALLS,
} from '../marketplace.limits';

/** Whether Microsoft answers at all, for callers who would rather wait than fail. */
export interface BreakerState {
  /** True while calls are refused without being sent. It turns false by itself, so that somebody tries again. */
  readonly isOpen: boolean;
  readonly state: 'closed' | 'open' | 'half-open';
  /** Milliseconds until the next call is let through; 0 when it is not open. */
  readonly opensAgainInMs: number;
}

/** Why an attempt ended before there was an answer or an error of Microsoft's. */
export type Interruption = 'timeout' | 'breaker-open' | 'busy';

export interface Guarded<T> {
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Its failures do not count for the breaker. */
  readonly isOptional: boolean;
  /** Asked after each failure whether this call may be made again at all. */
  readonly mayRepeat: (error: MarketplaceError) => boolean;
  readonly attempt: (signal: AbortSignal, progress: Progress) => Promise<T>;
  readonly interrupted: (why: Interruption, progress: Progress) => MarketplaceError;
}

/** What is known of an attempt while it runs: an attempt that is cut off must tell whether Microsoft may have read it. */
export interface Progress {
  /** Id of the request that is on its way; null before and between requests. */
  sentAs: string | null;
}

/**
 * Time limit, breaker, slots and retries around one call: retry(timeout(breaker(bulkhead(call)))). The time limit stands outside the queue
 * for a slot, so that waiting counts: a caller with one second gets its answer or its error within one second, however long the queue is.
 * Only outages count against the breaker; a 429 or a refusal is an answer, and shows that Microsoft is there.
 */
export class Resilience {
  private readonly breaker = circuitBreaker(
    handleWhen((error) => error instanceof MarketplaceUnavailable && error.isOutage),
    {
      halfOpenAfter: BREAKER_REST_MS,
      breaker: new CountBreaker({ threshold: BREAKER_FAILURE_SHARE, size: BREAKER_SAMPLE_CALLS, minimumNumberOfCalls: BREAKER_MIN_CALLS }),
    },
  );
  private readonly slots: ReturnType<typeof bulkhead>;
  private openedAtMs = 0;

  constructor(
    maxConcurrent: number,
    private readonly random: () => number,
  ) {
    this.slots = bulkhead(maxConcurrent, MAX_WAITING_CALLS);
    this.breaker.onBreak(() => (this.openedAtMs = Date.now())); // cockatiel's own clock, too
  }

  get breakerState(): BreakerState {
    const opensAgainInMs = this.breaker.state === CircuitState.Open ? Math.max(0, this.openedAtMs + BREAKER_REST_MS - Date.now()) : 0;
    const state = this.breaker.state === CircuitState.Closed ? 'closed' : opensAgainInMs > 0 ? 'open' : 'half-open';
    return { isOpen: state === 'open', state, opensAgainInMs };
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
    const guarded = call.isOptional ? wrap(limited, this.slots) : wrap(limited, this.breaker, this.slots);
    const progress: Progress = { sentAs: null };
    if (call.isOptional && this.breaker.state !== CircuitState.Closed) throw call.interrupted('breaker-open', progress);
    try {
      return await guarded.execute(({ signal }) => call.attempt(signal, progress));
    } catch (error) {
      if (error instanceof TaskCancelledError) throw call.interrupted('timeout', progress);
      if (error instanceof BrokenCircuitError) throw call.interrupted('breaker-open', progress);
      if (error instanceof BulkheadRejectedError) throw call.interrupted('busy', progress);
      throw error;
    }
  }

  /** max(Retry-After, exponential with jitter): half of each step is fixed, half is chance, so that many callers spread. */
  private backoffMs(attempt: number, error: unknown): number {
    const stepMs = Math.min(BACKOFF_MAX_MS, BACKOFF_START_MS * 2 ** (attempt - 1));
    const jitteredMs = Math.round(stepMs * (0.5 + 0.5 * this.random()));
    return Math.max(jitteredMs, (error instanceof MarketplaceError && error.retryAfterMs) || 0);
  }
}

/** Long waits, and our own refusals to send, belong to the caller. */
function fitsIntoACall(error: MarketplaceError): boolean {
  if (!error.retriable || (error.retryAfterMs ?? 0) > MAX_RETRY_WAIT_MS) return false;
  return !(error instanceof MarketplaceUnavailable) || (error.reason !== 'breaker-open' && error.reason !== 'busy');
}
