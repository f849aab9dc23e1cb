import { setTimeout as delay } from 'node:timers/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { limits } from '../limits';
import type { DeliveryBegan, DeliveryEnded } from './fact';

interface UnderWay {
  beganAtMs: number;
  ended: Promise<void>;
  end: () => void;
}

/**
 * Finds out whether a PATCH of an operation came before the answer to the operation's first webhook (contract 4.6, 6; 8, 19). The order of
 * arrival does not show it: answer and PATCH travel on two connections and may overtake each other. So the PATCH is held for a moment. An
 * answer that was sent before it arrives in that time; one that does not was waiting for the PATCH.
 */
export class UnansweredWebhooks {
  private readonly underWay = new Map<string, UnderWay>();

  /**
   * Only first tries count: once the publisher has seen an operation, its PATCH may be about an earlier try than the one that is on its
   * way.
   */
  began({ operationId, attempt, isExtra, beganAtMs }: DeliveryBegan): void {
    if (attempt > 1 || isExtra || this.underWay.has(operationId)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.underWay.set(operationId, { beganAtMs, ended: promise, end: resolve });
  }

  /** A copy that was answered is an answer to all of them: the publisher cannot know which of them Microsoft waits for. */
  ended({ delivery: { operationId, kind, answer } }: DeliveryEnded): void {
    const isAnsweredCopy = answer !== null && (kind === 'duplicate' || kind === 'by-hand');
    if (kind !== 'genuine' && !isAnsweredCopy) return;
    this.underWay.get(operationId)?.end();
    this.underWay.delete(operationId);
  }

  /** Resolves to whether the answer waits for the caller. Where that is not known it resolves to false, at once. */
  async answerWaits(operationId: string, nowMs: number): Promise<boolean> {
    const first = this.underWay.get(operationId);
    // that late the answer may be lost, and a refusal has to come in time
    if (!first || nowMs - first.beganAtMs > limits.webhookAnswerMs) return false;
    await Promise.race([first.ended, delay(limits.patchHoldMs, undefined, { ref: false })]);
    await turn(); // what arrived while this process was busy, and what its end leads to
    await turn();
    return this.underWay.get(operationId) === first;
  }

  clear(): void {
    for (const { end } of this.underWay.values()) end();
    this.underWay.clear();
  }
}
