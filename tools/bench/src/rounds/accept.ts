import type { LoadResult, Order } from '../load/load.protocol';
import { frozen } from '../yardsticks/naive';
import { untilIdle, untilQuiet } from './quiet';
import { requestOf, shownOf, type Ground } from './webhook.round';

const drainLimitMs = 300_000;

/** How many webhooks the gateway alone verifies, stores and answers in a second; the other services are halted meanwhile, and do their part afterwards. */
export async function acceptRound({ landfall, load, accepted }: Ground, orders: readonly Order[]) {
  await load.ask(requestOf(landfall, `${landfall.system.run.gatewayUrl}/webhook`, orders, null));
  await untilIdle();
  const others = landfall.services.filter((name) => name !== 'gateway');
  const result = await frozen(landfall, () => load.ask<LoadResult>('go'), others);
  await untilQuiet(landfall, drainLimitMs);
  accepted.push(...result.accepted);
  return { ...shownOf(result, null), acceptedPerSecond: (result.accepted.length / (result.endedAtMs - result.startedAtMs)) * 1_000 };
}

export type AcceptRound = Awaited<ReturnType<typeof acceptRound>>;
