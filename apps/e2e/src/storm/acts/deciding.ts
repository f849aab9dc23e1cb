import { setTimeout as wait } from 'node:timers/promises';
import type { Bought } from '../purchases';
import type { Decision } from '../storm.plan';
import type { Acted } from './acting';
import type { Operator } from './operator';

/** Longer than anything is broken, several things one after the other. */
const answerLimitMs = 5 * 60_000;

/** What was decided about a purchase, once it was answered; null where there was nothing to decide any more. */
export interface Decided extends Acted {
  decision: Decision['decision'] | null;
}

/** Decides about purchases that wait for an operator, one after the other, each at its time or as soon after it as the one before has been answered. */
export async function decidePurchases(
  decisions: readonly Decision[],
  bought: readonly Bought[],
  operator: Operator,
  stop: AbortSignal,
): Promise<Decided[]> {
  const startedAt = Date.now();
  const decided: Decided[] = [];
  for (const { atMs, subscription, decision } of decisions) {
    await wait(Math.max(0, startedAt + atMs - Date.now()), undefined, { signal: stop });
    const { subscriptionId } = bought[subscription]!;
    const { status, body } = await operator.act(`/subscriptions/${subscriptionId}/${decision}`, { reason: 'As planned.' }, answerLimitMs);
    if (status !== 200 && status !== 409)
      throw new Error(`The ${decision} of ${subscriptionId} was answered ${status}: ${JSON.stringify(body)}`);
    const isDone = status === 200;
    const refused = isDone ? {} : { refused: String(body['detail']) };
    decided.push({ at: new Date().toISOString(), subscriptionId, act: decision, ...refused, decision: isDone ? decision : null });
  }
  return decided;
}
