import { setTimeout as wait } from 'node:timers/promises';
import { groupOf } from '@landfall/contracts';
import { serviceNames, serviceOf, type KafkaLogin, type System } from '@landfall/local';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { isNeverTold } from './untold';
import type { Microsoft, TrueOperation } from '../microsoft';
import type { Bought } from './purchases';

const lookIntervalMs = 1_000;
const saidIntervalMs = 30_000;

/** It counts as rest when nothing was under way in so many looks in a row: what is on its way between two queues is in none of them. */
const looksInARow = 3;

/** What a rest may never have, however long one waits. */
const dead = /^\w+: \d+ dead /;

/** Where rest is looked for, and how long. */
export interface Rest {
  system: System;
  microsoft: Microsoft;
  bought: readonly Bought[];
  limitMs: number;
  /** An operation that may stay open at Microsoft. */
  mayStayOpen(operation: TrueOperation): boolean;
  say(line: string): void;
}

/**
 * Waits until nothing is under way any more: at Microsoft no webhook and no open operation; with us every service ready, no outbox, no unread message, no blocked
 * key and no job. Returns what still was under way after the limit, or is dead; empty when all has come to rest.
 */
export async function comeToRest(rest: Rest): Promise<string[]> {
  const { limitMs, say } = rest;
  let inARow = 0;
  let saidAt = Date.now();
  for (const end = Date.now() + limitMs; ; await wait(lookIntervalMs)) {
    const left = await underWay(rest).catch((error: unknown) => [`a look failed: ${(error as Error).message}`]);
    inARow = left.every((one) => dead.test(one)) ? inARow + 1 : 0;
    if (Date.now() - saidAt > saidIntervalMs && left.length > 0) {
      saidAt = Date.now();
      say(`Still under way: ${left.length} things, such as ${left[0]}`);
    }
    if (inARow >= looksInARow || Date.now() > end) return left;
  }
}

async function underWay(rest: Rest): Promise<string[]> {
  const { system } = rest;
  const looks = await Promise.all([
    notReady(system),
    atMicrosoft(rest),
    unread(system.kafkaLogin('admin')),
    unpublished(system),
    inTables(system.run.databaseUrl),
  ]);
  return looks.flat();
}

async function notReady({ run }: System): Promise<string[]> {
  const answers = await Promise.all(
    run.services.map(async ({ name, managementUrl }) => {
      const answer = await fetch(`${managementUrl}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined); // no answer is not ready either
      return answer?.ok ? [] : [`${name} is not ready`];
    }),
  );
  return answers.flat();
}

async function atMicrosoft({ microsoft, bought, mayStayOpen }: Rest): Promise<string[]> {
  let webhooks = await microsoft.waitingWebhooks();
  const open: string[] = [];
  for (const { subscriptionId } of bought) {
    const { operations } = await microsoft.truth(subscriptionId);
    webhooks -= operations.filter((operation) => operation.webhookWaits && isNeverTold(operation)).length; // tried again and again
    for (const operation of operations.filter((one) => isOpen(one) && !mayStayOpen(one)))
      open.push(`Microsoft: ${operation.action} ${operation.id} of ${subscriptionId} is ${operation.status}`);
  }
  return [...(webhooks > 0 ? [`Microsoft: ${webhooks} webhooks wait`] : []), ...open];
}

/** Whether Microsoft waits for its end. */
export const isOpen = ({ status }: TrueOperation): boolean => status === 'InProgress' || status === 'NotStarted';

async function unread(login: KafkaLogin): Promise<string[]> {
  const kafka = new Kafka({ ...login, clientId: 'storm', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map<string, bigint>();
    const groups = (await admin.listGroups()).groups
      .map(({ groupId }) => groupId)
      .filter((id) => serviceNames.some((name) => id.startsWith(groupOf(`${name}.`))));
    const behind: string[] = [];
    for (const groupId of groups) {
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        if (![...ends.keys()].some((key) => key.startsWith(`${topic}/`)))
          for (const { partition, high } of await admin.fetchTopicOffsets(topic)) ends.set(`${topic}/${partition}`, BigInt(high));
        const count = partitions.reduce((sum, { partition, offset }) => sum + lagOf(offset, ends.get(`${topic}/${partition}`)), 0n);
        if (count > 0n) behind.push(`${groupId} has ${count} messages of ${topic} before it`);
      }
    }
    return behind;
  } finally {
    await admin.disconnect();
  }
}

/** -1 stands for a partition of which nothing was ever read; an empty one is no backlog. */
function lagOf(offset: string, end = 0n): bigint {
  return end - (BigInt(offset) < 0n ? 0n : BigInt(offset));
}

async function unpublished({ run }: System): Promise<string[]> {
  const ages = await Promise.all(
    serviceNames.map(async (name) => {
      const { managementUrl } = run.services.find((service) => service.name === name)!;
      const metrics = await (await fetch(`${managementUrl}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
      const age = Number(/^queue_oldest_age_seconds\{[^}]*queue="outbox"[^}]*\} (\S+)$/m.exec(metrics)?.[1] ?? 0);
      return age > 0 ? [`${name} has an outbox of which the oldest message is ${age.toFixed(0)} s old`] : [];
    }),
  );
  return ages.flat();
}

/** As the database's owner, who sees all schemas. */
async function inTables(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  client.on('error', () => undefined); // the query that is under way rejects, which is what counts
  await client.connect();
  try {
    const left: string[] = [];
    for (const { schema, name } of serviceNames.map(serviceOf)) {
      const { rows } = await client.query<{ what: string; count: string }>(
        `select state || ' job ' || kind as what, count(*) from ${schema}.job group by 1
         union all select state || ' key of ' || consumer || ' (' || min(reason) || ')', count(*) from ${schema}.blocked_key group by state, consumer`,
      );
      left.push(...rows.map(({ what, count }) => `${name}: ${count} ${what}`));
    }
    return left;
  } finally {
    await client.end();
  }
}
