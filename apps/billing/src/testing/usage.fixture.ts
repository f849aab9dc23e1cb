import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { subscriptionSnapshot, usage, usageRefused } from '@landfall/contracts';
import { ReadMarks, type RawRecord } from '@landfall/messaging';
import { aMessage, aSnapshot, type Override, type TestApp } from '@landfall/testing';
import { LedgerRounds } from '../rounds/ledger.rounds';

const { publisherId, offerId } = aSnapshot();

/** A catalog in which the offer of the specs' subscriptions has these meters. */
export function catalogWith(...meters: string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'catalog-')), 'catalog.yaml');
  writeFileSync(path, catalogText(meters));
  return path;
}

export const catalogText = (meters: readonly string[]): string =>
  JSON.stringify({
    publishers: {
      [publisherId]: {
        offers: {
          [offerId]: {
            displayName: 'Mailer',
            plans: { silver: { meters: Object.fromEntries(meters.map((name) => [name, { dimension: name }])) } },
          },
        },
      },
    },
  });

/** A subscription becomes known. */
export async function subscribed(app: Pick<TestApp, 'deliver'>, subscriptionId = randomUUID()): Promise<string> {
  const state = {
    ...aSnapshot({ subscriptionId }),
    ...({
      stage: 'done',
      access: 'full',
      current: { planId: 'silver', quantity: null, status: 'Subscribed' },
      effectiveAt: null,
      observedAt: '2026-01-01T08:00:00.000Z',
      imported: false,
      cause: { source: 'webhook' },
    } as const),
    version: 1,
  };
  await app.deliver(aMessage(subscriptionSnapshot(state, { sequence: 1 })));
  return subscriptionId;
}

/** As a product writes it. */
export const anEvent = (subscriptionId: string, change: object = {}) => ({
  specversion: '1.0',
  type: 'landfall.usage.recorded.v1',
  source: 'mailer',
  id: randomUUID(),
  subject: subscriptionId,
  time: new Date().toISOString(),
  data: { meter: 'emails', quantity: '1' },
  ...change,
});

let offset = 0;
export const aRecord = (event: unknown): RawRecord => ({
  partition: 0,
  offset: String(offset++),
  key: null,
  value: typeof event === 'string' ? Buffer.from(event) : Buffer.from(JSON.stringify(event)),
  headers: {},
});

export const report = (app: Pick<TestApp, 'deliverRecords'>, ...events: readonly unknown[]): Promise<void> =>
  app.deliverRecords(usage, events.map(aRecord));

/** By meter and hour, what is counted of a subscription. */
export const bucketsOf = (app: Pick<TestApp, 'query'>, subscriptionId: string) =>
  app.query<{ meter: string; quantity: string; records: number; is_dirty: boolean }>(
    `select meter, quantity::text, records, is_dirty from billing.buckets where subscription_id = $1 order by meter, hour`,
    [subscriptionId],
  );

/** The sums of the hours must be those of the records. */
export const differences = (app: Pick<TestApp, 'query'>) =>
  app.query(
    `select * from (select subscription_id, meter, date_trunc('hour', used_at, 'UTC') as hour, sum(quantity) as sum, count(*) as records
                      from billing.usage group by 1, 2, 3) as told
       full join billing.buckets b using (subscription_id, meter, hour)
      where told.sum is distinct from b.quantity or told.records is distinct from b.records`,
  );

/** What was told of refused records since it was asked last. */
export const toldRefusals = async (app: Pick<TestApp, 'sent'>) => (await app.sent()).filter(({ type }) => type === usageRefused.type);

/** Nothing is counted by itself in a spec, and no broker is asked how far its topics are read. */
export const withoutRounds: readonly Override[] = [
  [LedgerRounds, {}],
  [ReadMarks, { readUntil: () => Promise.resolve(-Infinity) }],
];
