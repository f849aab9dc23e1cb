import { setTimeout as wait } from 'node:timers/promises';
import type { LoadRequest, LoadResult, Order, Percentiles } from '../load/load.protocol';
import { Durations } from '../load/percentiles';
import { countedAfterMs, type DatabaseCounters } from '../measure/database';
import type { Seen } from '../microsoft/marketplace';
import { plannedBy } from '../microsoft/operation.id';
import { Child } from '../system/child';
import type { Landfall } from '../system/landfall';
import { costOf, readAll, useBetween, type Cost, type Reading, type Use } from './cost';
import { untilIdle, untilQuiet } from './quiet';

/** Webhooks that wait for an answer at once where the most is looked for, and at most where they come at their times. */
const saturating = 64;
const openLoop = 1_000;
/** How long what was accepted may take to be done. */
const drainLimitMs = 300_000;

export interface WebhookRound {
  /** Null: saturated. */
  readonly rate: number | null;
  readonly webhooks: number;
  readonly answers: Readonly<Record<string, number>>;
  /** From the intended start of a webhook to its answer. */
  readonly answerMs: Percentiles;
  /** From there to its public event, as a reader of the topic sees it. */
  readonly eventMs: Percentiles;
  /** Webhooks answered in a second, and webhooks of which all was done in a second, from the first start to the last event. */
  readonly acceptedPerSecond: number;
  readonly donePerSecond: number;
  readonly latestSendMs: number;
  readonly cost: Cost;
  /** Calls to Microsoft by kind for one webhook. */
  readonly calls: Readonly<Record<string, number>>;
  /** Shares of the machine during the round, from 0 to 1. */
  readonly foreign: number;
  readonly stolen: number;
}

/** What a round is done with. */
export interface Ground {
  readonly landfall: Landfall;
  readonly load: Child;
  readonly idle: Use;
  /** Ids of all operations that were accepted so far. */
  readonly accepted: string[];
}

/** Sends the orders to Landfall and waits until all that they cause is done. */
export async function webhookRound(ground: Ground, orders: readonly Order[], rate: number | null): Promise<WebhookRound> {
  const { landfall, load, idle } = ground;
  await load.ask(requestOf(landfall, `${landfall.system.run.gatewayUrl}/webhook`, orders, rate));
  await untilIdle();
  await landfall.stub.ask<Seen>({});
  const watched = landfall.watched({ load: load.pid });
  const before = await readAll(watched, landfall.counters, landfall.topics);
  const result = await load.ask<LoadResult>('go');
  await untilQuiet(landfall, drainLimitMs);
  const { calls } = await landfall.stub.ask<Seen>({});
  const use = await useSince(before, watched, landfall.counters, landfall);
  ground.accepted.push(...result.accepted);
  const { eventMs, lastEventAtMs } = eventsOf(landfall, result.accepted);
  const perSecond = (untilMs: number) => (result.accepted.length / Math.max(untilMs - result.startedAtMs, 1)) * 1_000;
  return {
    ...shownOf(result, rate),
    eventMs,
    acceptedPerSecond: perSecond(result.endedAtMs),
    donePerSecond: perSecond(lastEventAtMs),
    cost: costOf(use, idle, orders.length),
    calls: Object.fromEntries(Object.entries(calls).map(([kind, count]) => [kind, count / orders.length])),
    foreign: use.cpu.foreign,
    stolen: use.cpu.stolen,
  };
}

export const requestOf = (
  { issuer, microsoft: { kid, privateKeyPem } }: Landfall,
  webhookUrl: string,
  orders: readonly Order[],
  rate: number | null,
): LoadRequest => ({ webhookUrl, issuer, kid, privateKeyPem, orders, rate, connections: rate === null ? saturating : openLoop });

/** CPU and log are read at once; what Postgres counts by transactions comes when its connections have told. */
export async function useSince(
  before: Reading,
  watched: ReturnType<Landfall['watched']>,
  counters: DatabaseCounters,
  { topics, counters: landfallCounters }: Landfall,
): Promise<Use> {
  const atRest = await readAll(watched, counters, topics);
  const roles = await landfallCounters.roles();
  await wait(countedAfterMs);
  const counted = await readAll(watched, counters, topics);
  return useBetween(counters, before, { ...atRest, database: counted.database }, roles);
}

export const shownOf = (result: LoadResult, rate: number | null) => ({
  rate,
  webhooks: Object.values(result.answers).reduce((sum, count) => sum + count, 0),
  answers: result.answers,
  answerMs: result.latencyMs,
  latestSendMs: result.latestSendMs,
});

function eventsOf({ events }: Landfall, accepted: readonly string[]): { eventMs: Percentiles; lastEventAtMs: number } {
  const durations = new Durations();
  let lastEventAtMs = 0;
  for (const id of accepted) {
    const published = events.byOperation.get(id);
    if (!published) continue; // it is lost, which the comparison at the end tells
    durations.add(published.atMs - plannedBy(id).atMs);
    lastEventAtMs = Math.max(lastEventAtMs, published.atMs);
  }
  return { eventMs: durations.percentiles(), lastEventAtMs };
}
