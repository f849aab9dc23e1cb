import { setTimeout as wait } from 'node:timers/promises';
import type { ExampleEndpoint } from '../../example-product.endpoint';
import type { Microsoft } from '../../microsoft';
import type { Bought } from '../purchases';
import type { Act } from '../storm.plan';

/** What became of an act: an operation at Microsoft, or why it was refused (locked, ended, unchanged …). */
export interface Acted {
  at: string;
  subscriptionId: string;
  act: string;
  operationId?: string;
  refused?: string;
}

/** Performs the acts one after the other, each at its time or as soon after it as the one before has been answered. From then on the product says of the subscription what the act names. */
export async function performActs(
  acts: readonly Act[],
  bought: readonly Bought[],
  microsoft: Microsoft,
  product: ExampleEndpoint,
  stop: AbortSignal,
): Promise<Acted[]> {
  const startedAt = Date.now();
  const acted: Acted[] = [];
  for (const { atMs, subscription, kind, body, opinion } of acts) {
    await wait(Math.max(0, startedAt + atMs - Date.now()), undefined, { signal: stop });
    const { subscriptionId } = bought[subscription]!;
    if (opinion) product.opinions.set(subscriptionId, opinion);
    const call = kind === 'payment' ? await paymentOf(subscriptionId, microsoft) : kind;
    const act = [call, ...Object.values(body)].join(' ');
    acted.push({ at: new Date().toISOString(), subscriptionId, act, ...(await microsoft.tryTo(subscriptionId, call, body)) });
  }
  return acted;
}

async function paymentOf(subscriptionId: string, microsoft: Microsoft): Promise<'suspend' | 'reinstate'> {
  const { saasSubscriptionStatus } = await microsoft.truth(subscriptionId);
  return saasSubscriptionStatus === 'Suspended' ? 'reinstate' : 'suspend';
}
