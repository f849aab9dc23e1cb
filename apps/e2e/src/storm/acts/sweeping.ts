import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Operator } from './operator';

const lookIntervalMs = 500;

/** Longer than anything is broken, several things one after the other. */
const sweepLimitMs = 5 * 60_000;

const act = z.looseObject({ after: z.looseObject({ reconciliation: z.string() }) });

const count = z.int();
const sweep = z.looseObject({
  state: z.enum(['running', 'complete', 'incomplete']),
  tally: z.looseObject({ read: count, published: count, unread: count, operations: count }),
  found: z.looseObject({ ended: count, missing: count }).nullable(),
  asks: z.array(z.string()),
});

export interface Swept {
  isComplete: boolean;
  /** What it did, for the report. */
  line: string;
}

/** Asks for sweeps, each at its time or as soon after it as the one before has ended. */
export async function sweepMeanwhile(
  timesMs: readonly number[],
  registrations: readonly string[],
  operator: Operator,
  stop: AbortSignal,
): Promise<Swept[]> {
  const startedAt = Date.now();
  const swept: Swept[] = [];
  for (const atMs of timesMs) {
    await wait(Math.max(0, startedAt + atMs - Date.now()), undefined, { signal: stop });
    swept.push(...(await sweepOnce(registrations, operator, stop)));
  }
  return swept;
}

/**
 * One sweep over the list of each publisher, as `npm run reconcile` asks for it. Where so many have ended that an operator is asked, they are let through: Microsoft is right here. Rejects
 * where one has not ended within five minutes.
 * @param operator of fulfillment
 */
export function sweepOnce(registrations: readonly string[], operator: Operator, stop: AbortSignal): Promise<Swept[]> {
  return Promise.all(registrations.map((registration) => sweepOne(registration, operator, stop)));
}

async function sweepOne(registration: string, operator: Operator, stop: AbortSignal): Promise<Swept> {
  const { reconciliation } = act.parse(await done(operator, '/reconciliations', { registration, reason: 'As planned.' })).after;
  const { state, tally, found, asks } = await ended(reconciliation, operator, stop);
  for (const question of asks) {
    const isOnlyMissing = question === 'loss' && found?.ended === 0; // nothing ends by that, so there is nothing to let through
    const answer = isOnlyMissing ? 'dismissal' : 'release';
    await done(operator, `/reconciliations/${reconciliation}/${answer}`, { reason: 'As customers did.', questions: [question] });
  }
  const { read, published, unread, operations } = tally;
  const result = `${read} read, ${published} told, ${found?.ended ?? 0} ended, ${operations} operations taken up, ${unread} unread`;
  const at = new Date().toISOString().slice(11, 19);
  const line = `${at} sweep of ${registration}, ${state}: ${result}${asks.length > 0 ? `; asked about ${asks.join(', ')}` : ''}`;
  return { isComplete: state === 'complete', line };
}

async function ended(id: string, operator: Operator, stop: AbortSignal): Promise<z.infer<typeof sweep>> {
  for (const end = Date.now() + sweepLimitMs; ; await wait(lookIntervalMs, undefined, { signal: stop })) {
    const now = sweep.parse(await operator.read(`/reconciliations/${id}`, sweepLimitMs));
    if (now.state !== 'running') return now;
    if (Date.now() > end) throw new Error(`The sweep ${id} has not ended within ${sweepLimitMs} ms: ${JSON.stringify(now)}`);
  }
}

async function done(operator: Operator, path: string, body: Record<string, unknown>): Promise<unknown> {
  const answer = await operator.act(path, body, sweepLimitMs);
  if (answer.status !== 200) throw new Error(`POST ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
