import { Background } from '../background';
import type { ConsumerWatchLimits } from '../ports';
import { within } from '../signal';

/** What is watched of a consumer. */
export interface Watched {
  readonly name: string;
  /** On the monotonic clock: the last fetch, assignment of partitions, or new beginning after an error. */
  readonly progressAt: number;
}

/** A probe that takes longer means that the broker does not answer. */
const probeLimitMs = 5_000;

/**
 * Says whether a restart would help the consumers. One has stopped where it made no progress for a while although the broker answered all the time. While the
 * broker is away nothing counts: a restarted process would find it away as well, and what else the process does, such as storing webhooks, goes on meanwhile.
 */
export class ConsumerWatch {
  private readonly background: Background;
  /** Silence before this moment is nobody's fault: the broker was away, or this process was frozen itself. */
  private excusedUntil = performance.now();
  /** When the broker last answered, or was not asked since every consumer made progress. Silence after it may be the broker's. */
  private answeredAt = performance.now();

  /** @param askBroker rejects where the broker does not answer */
  constructor(
    private readonly consumers: readonly Watched[],
    private readonly askBroker: () => Promise<void>,
    private readonly limits: ConsumerWatchLimits,
  ) {
    this.background = new Background({
      name: 'Consumer',
      round: () => this.round(),
      failure: 'the consumers could not be watched',
      errorPauseMs: limits.probeMs,
    });
  }

  start(): void {
    this.answeredAt = this.excusedUntil = performance.now();
    this.background.start(this.limits.probeMs);
  }

  stop(): Promise<void> {
    return this.background.stop(probeLimitMs);
  }

  /** Throws where a consumer has stopped. */
  check(): void {
    for (const consumer of this.consumers) {
      const silentMs = this.silenceOf(consumer);
      if (silentMs > this.limits.silenceMs)
        throw new Error(
          `${consumer.name} has made no progress for ${Math.round(silentMs / 1000)} s although the broker answers: a restart may help`,
        );
    }
  }

  private silenceOf({ progressAt }: Watched): number {
    return this.answeredAt - Math.max(progressAt, this.excusedUntil);
  }

  private async round(): Promise<number> {
    const { probeMs } = this.limits;
    const beganAt = performance.now();
    const wasFrozen = beganAt - Math.max(this.answeredAt, this.excusedUntil) > 2 * (probeMs + probeLimitMs); // stopped, or a machine that slept
    const isSilent = this.consumers.some(({ progressAt }) => beganAt - progressAt > probeMs);
    if (isSilent && !(await this.brokerAnswers())) this.excusedUntil = performance.now();
    else this.answeredAt = beganAt;
    if (wasFrozen) this.excusedUntil = performance.now();
    return probeMs;
  }

  private async brokerAnswers(): Promise<boolean> {
    const asked = this.askBroker().then(
      () => true,
      () => false, // why is in the log already, from those who work with it
    );
    return (await within(probeLimitMs, asked)) ?? false;
  }
}
