import { setTimeout as wait } from 'node:timers/promises';
import { serviceNames, serviceOf, WriteAheadLog } from '@landfall/local';
import { Client } from 'pg';
import { eventually, patience } from '../eventually';
import type { SystemUnderTest } from '../system';
import { webhookBudget } from './webhook.budget';
import { overWriting, withoutPositions, writingCosts, type WritingCost } from './writing.cost';

const changes = 20;
/** So far apart that no consumer finds two of them at once, if the machine is not too busy. */
const betweenMs = 250;
const restMs = 1_500;
/** A machine that is busy with other things makes some changes dearer: an operation that stays open is looked at again. Measured again, it has to be cheap once. */
const rounds = 3;
const plans = ['gold', 'silver'] as const;

/** What a change costs the database, service by service, in a system that does nothing else. */
export function budgetJourneys(landfall: SystemUnderTest): void {
  let log: WriteAheadLog;
  let database: Client;

  beforeAll(async () => {
    log = await WriteAheadLog.connect(landfall.administratorUrl());
    database = new Client({ connectionString: landfall.administratorUrl() });
    await database.connect();
  });

  afterAll(() => Promise.all([log?.close(), database?.end()]));

  /** @returns the end of the log once no job is due and nothing has been written for a while */
  async function atRest(): Promise<string> {
    const due = serviceNames.map(
      (name) => `select 1 from ${serviceOf(name).schema}.job where state <> 'dead' and run_at < now() + interval '1 minute'`,
    );
    return eventually(async () => {
      const before = await log.end();
      expect((await database.query(due.join(' union all '))).rows).toEqual([]);
      await wait(restMs);
      const end = await log.end();
      expect(withoutPositions(await log.between(before, end))).toEqual([]);
      return end;
    });
  }

  async function measured(subscriptions: readonly string[], planId: string): Promise<Map<string, WritingCost>> {
    const from = await atRest();
    const operations: string[] = [];
    for (const id of subscriptions) {
      operations.push(await landfall.microsoft.act(id, 'change-plan', { planId }));
      await wait(betweenMs);
    }
    await eventually(() => {
      for (const operation of operations)
        expect(landfall.topics.causedBy(operation).map(({ type }) => type)).toContain('landfall.fulfillment.subscription-observed.v1');
    });
    return writingCosts(await log.between(from, await atRest()), operations.length);
  }

  const limitMs = rounds * 4 * patience;
  it(
    'costs no more commits, rows and log than its budget, service by service',
    async () => {
      const sold = await Promise.all(
        Array.from({ length: changes }, () => landfall.microsoft.sell({ planId: 'instant', quantity: 5, autoActivate: true })),
      );
      const ids = sold.map(({ subscriptionId }) => subscriptionId);
      for (const id of ids) await eventually(async () => expect(await landfall.record(id)).toMatchObject({ status: 'Subscribed' }));
      const costs: Map<string, WritingCost>[] = [];
      do {
        costs.push(await measured(ids, plans[costs.length % plans.length]!));
      } while (overWriting(costs, webhookBudget).length > 0 && costs.length < rounds);
      expect(overWriting(costs, webhookBudget)).toEqual([]);
    },
    limitMs,
  );
}
