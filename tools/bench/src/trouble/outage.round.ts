import { setTimeout as wait } from 'node:timers/promises';
import { plannedBy } from '../microsoft/operation.id';
import type { Orders } from '../rounds/orders';
import type { Ground } from '../rounds/webhook.round';
import { beforeMs, underLoad } from './under.load';

export const awaySeconds = 60;
/** For so long the load goes on once the broker is back. */
const afterSeconds = 15;
/** Of the load; the broker itself takes some seconds to start, in which it goes on. */
export const outageSeconds = beforeMs / 1_000 + awaySeconds + afterSeconds;

export interface OutageRound {
  readonly rate: number;
  readonly awaySeconds: number;
  /** From when the broker answers again: the first public event, and the last one of those webhooks that were due before. */
  readonly firstEventSeconds: number;
  readonly drainedSeconds: number;
  /** Webhooks that were due while it was away. */
  readonly waiting: number;
  /** Webhooks that nobody answered 200 in the end. */
  readonly unanswered: number;
}

/** Kills the broker under load, and starts it again after a minute. */
export async function outageRound(ground: Ground, orders: Orders, rate: number): Promise<OutageRound> {
  const { kafka, events } = ground.landfall;
  const facts = orders.facts(Math.floor(rate * outageSeconds));
  const { result, met } = await underLoad(ground, facts, rate, async () => {
    await wait(beforeMs);
    const goneAtMs = Date.now();
    await kafka.kill();
    await wait(awaySeconds * 1_000);
    await kafka.restart();
    const backAtMs = Date.now();
    await events.startAnew();
    return { goneAtMs, backAtMs };
  });
  const eventAt = (id: string) => events.byOperation.get(id)?.atMs ?? met.backAtMs;
  const after = result.accepted.map(eventAt).filter((atMs) => atMs > met.backAtMs);
  const due = result.accepted.filter((id) => plannedBy(id).atMs < met.backAtMs);
  const secondsAfter = (atMs: number) => (atMs - met.backAtMs) / 1_000;
  return {
    ...{ rate, awaySeconds },
    firstEventSeconds: secondsAfter(after.reduce((least, atMs) => Math.min(least, atMs), Infinity)),
    drainedSeconds: secondsAfter(due.map(eventAt).reduce((most, atMs) => Math.max(most, atMs), met.backAtMs)),
    waiting: due.filter((id) => plannedBy(id).atMs > met.goneAtMs).length,
    unanswered: facts.length - result.accepted.length,
  };
}
