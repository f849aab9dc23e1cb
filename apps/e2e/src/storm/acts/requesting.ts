import { setTimeout as wait } from 'node:timers/promises';
import type { Bought } from '../purchases';
import type { Request } from '../storm.plan';
import type { Acted } from './acting';
import type { Operator } from './operator';

/** Longer than anything is broken, several things one after the other. */
const answerLimitMs = 5 * 60_000;

/** Asks for changes and cancellations by our own endpoints, one after the other, each at its time or as soon after it as the one before has been answered. */
export async function makeRequests(
  requests: readonly Request[],
  bought: readonly Bought[],
  operator: Operator,
  stop: AbortSignal,
): Promise<Acted[]> {
  const startedAt = Date.now();
  const acted: Acted[] = [];
  for (const { atMs, subscription, kind, body: target } of requests) {
    await wait(Math.max(0, startedAt + atMs - Date.now()), undefined, { signal: stop });
    const { subscriptionId } = bought[subscription]!;
    const { status, body } = await operator.act(
      `/subscriptions/${subscriptionId}/${kind}`,
      { ...target, reason: 'As planned.' },
      answerLimitMs,
    );
    if (status !== 202 && status !== 409)
      throw new Error(`One of the ${kind} of ${subscriptionId} was answered ${status}: ${JSON.stringify(body)}`);
    const act = [kind, ...Object.values(target)].join(' ');
    const refused = status === 202 ? {} : { refused: String(body['detail']) };
    acted.push({ at: new Date().toISOString(), subscriptionId, act, ...refused });
  }
  return acted;
}
