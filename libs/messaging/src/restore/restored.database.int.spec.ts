import { defineMessage, defineTopic, encodeMessage, partitionOf, type Message } from '@landfall/contracts';
import { testBroker } from '@landfall/local';
import { Controller, Logger } from '@nestjs/common';
import { z } from 'zod';
import { backupOf } from '../fixtures/ledger.backup';
import { ledgerKafka, partitions, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, statementMade } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, publish, readTotals, recordOf, type Total, type TopicReader } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';
import { Consumes } from '../handlers/consumes';
import { changed } from '../handlers/outcome';
import { stages } from '../handlers/stages';
import { KafkaServer } from '../kafka/kafka.server';

const orderPlaced = defineMessage('landfall.shop.order-placed.v1', z.object({ account: z.string() }), 'account');
/** Written by another service of ours, which was restored as well. */
const orders = defineTopic(entries.name.replace('entries', 'orders'), [orderPlaced], { writers: ['shop'], readers: ['ledger'] });

const ordersTaken: string[] = [];

@Controller()
class OrderConsumer {
  @Consumes(orders)
  onOrders() {
    return stages(orders, {
      decide: {
        [orderPlaced.type]: (_state, { key }) => {
          ordersTaken.push(key);
          return changed(undefined, statementMade({ account: key, version: ordersTaken.length, text: 'of an order' }));
        },
      },
    });
  }
}

/** So many ids of the outbox were given after the backup, and are given again. */
const forgottenStates = 5;

const { brokers } = testBroker();
let database: LedgerDatabase;
let totals: TopicReader;
let app: LedgerApp | undefined;
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers, [orders]);
  totals = await readTotals(brokers);
});
afterAll(async () => {
  await app?.stop();
  await totals?.stop();
  await database?.drop();
});

const start = async (restoredAt?: number) => {
  app = await startLedger({ url: database.serviceUrl, brokers, restoredAt, controllers: [OrderConsumer] });
};
const stop = async () => {
  await app?.stop();
  app = undefined;
};
const add = (account: string, amount: number) => publish(brokers, [recordOf(sent(entryAdded({ account, amount })))]);
/** In a partition that none of the others is in. */
const isAlone = (key: string, others: readonly string[]) =>
  others.every((other) => partitionOf(other, partitions) !== partitionOf(key, partitions));
const totalOf = async (account: string) =>
  (await database.query<{ total: number }>('select total from ledger.accounts where id = $1', [account]))[0]?.total;
const setting = async () => (await database.query('select epoch, restored_at as "restoredAt" from ledger.messaging_setting'))[0];

async function place(account: string, envelope: Partial<Message>): Promise<void> {
  const message = sent(orderPlaced({ account }), { source: 'landfall/shop', ...envelope });
  const producer = ledgerKafka(brokers).producer({ createPartitioner: () => () => partitionOf(account, partitions) });
  await producer.connect();
  await producer.send({ topic: orders.name, messages: [{ key: account, value: encodeMessage(message) }] });
  await producer.disconnect();
}

describe('a restored database (rule 12)', () => {
  let restoredAt: number;
  let restore: () => Promise<void>;
  beforeAll(async () => {
    await start();
    await add('known', 10);
    await eventually(async () => (await totalOf('known')) === 10);
    await stop();
    restoredAt = Date.now();
    restore = await backupOf(database);
    const later = new Date(restoredAt + 10_001).toISOString(); // clocks may differ by ten seconds
    await start();
    await add('known', 5);
    await place('kept', {});
    await place('forgotten', { time: later });
    for (let order = 0; order < forgottenStates; order++) await place('again', { time: later });
    await eventually(async () => (await totalOf('known')) === 15 && ordersTaken.length === 2 + forgottenStates);
    await eventually(() => totals.seen.length === 2);
    await stop();
    await restore();
    ordersTaken.length = 0;
    await start(restoredAt);
    await place('new', { time: later, epoch: 2 });
    await place('of a new service', { time: new Date(restoredAt + 3_600_000).toISOString() });
    await eventually(() => ['kept', 'new', 'of a new service'].every((order) => ordersTaken.includes(order))); // partitions have no order
  });

  it('has again what came from outside after the backup, once, and says so under the ids of before with a higher epoch', async () => {
    await eventually(async () => (await totalOf('known')) === 15);
    await eventually(() => totals.all.length === 3);
    const [before, after] = totals.all.slice(1) as [Total, Total];
    expect([before.epoch, after.epoch, after.id === before.id, after.data]).toEqual([1, 2, true, before.data]);
  });

  it('takes what services sent before the backup, or sent first after the restore, and leaves out what they have forgotten', () => {
    expect(ordersTaken.sort()).toEqual(['kept', 'new', 'of a new service']);
  });

  it('reads its compacted topic back behind all that was there, so that ids of the outbox which are given again are not taken for late ones', async () => {
    await place('again', { time: new Date().toISOString(), epoch: 2 });
    const [written] = await eventually(async () => {
      const rows = await database.query<{ id: string }>(`select id from ledger.outbox where key = 'again'`);
      return rows.length > 0 && rows;
    });
    const highest = async () => (await database.query<{ id: string }>('select max(highest) as id from ledger.read_back'))[0]!.id;
    await eventually(async () => (await highest()) === written!.id);
  });

  it('goes on from where it is when it starts again with the same moment, or with none', async () => {
    const noted = await setting();
    expect(noted).toEqual({ epoch: 2, restoredAt: new Date(restoredAt) });
    for (const again of [restoredAt, undefined]) {
      await stop();
      await start(again);
      await add('known', 1);
      const total = again ? 16 : 17;
      await eventually(async () => (await totalOf('known')) === total);
      expect(await setting()).toEqual(noted);
    }
    expect(ordersTaken.filter((account) => account === 'forgotten')).toEqual([]);
  });
});

it('reads nothing while a copy of before still runs, and says which group that holds', async () => {
  const warned = jest.spyOn(Logger.prototype, 'warn');
  const reasons = () => warned.mock.calls.map(([fields]) => (fields as { reason?: string }).reason ?? '');
  await stop();
  await start();
  await add('known', 1);
  await eventually(async () => (await totalOf('known')) === 18); // it is in its groups
  const before = await setting();
  const starting = startLedger({
    url: database.serviceUrl,
    brokers,
    instance: 'ledger-1',
    controllers: [OrderConsumer],
    restoredAt: Date.now() - 1,
  });
  await eventually(() =>
    reasons().some((reason) =>
      /^GroupsNotMoved: landfall\.ledger\.\S+ can't be set back .* copy of this service still running/.test(reason),
    ),
  );
  expect(await setting()).toEqual(before);
  await stop();
  app = await starting;
  expect(await setting()).toMatchObject({ epoch: 3 });
  warned.mockRestore();
});

it('reads what nobody had read when the backup was made, however long it has waited', async () => {
  const [read, unread] = ['b', 'c', 'd', 'e', 'f', 'g'].filter((key, place, keys) => isAlone(key, ['known', ...keys.slice(0, place)]));
  await add(read!, 1);
  await eventually(async () => (await totalOf(read!)) === 1);
  await stop();
  const producer = ledgerKafka(brokers).producer({
    createPartitioner:
      () =>
      ({ message }) =>
        partitionOf(String(message.key), partitions),
  });
  await producer.connect();
  const longAgo = String(Date.now() - 5 * 3_600_000);
  for (const account of [read!, unread!]) {
    const { key, value } = recordOf(sent(entryAdded({ account, amount: 10 })));
    await producer.send({ topic: entries.name, messages: [{ key, value, timestamp: longAgo }] });
  }
  await producer.disconnect();
  await start(Date.now() - 1);
  await eventually(async () => (await totalOf(read!)) === 11 && (await totalOf(unread!)) === 10);
});

it('does not start with a moment that has not come', async () => {
  await stop();
  const early = await startLedger({ url: database.serviceUrl, restoredAt: Date.now() + 3_600_000 });
  const ready: unknown[] = [];
  await early.get(KafkaServer).listen((error) => ready.push(error));
  await early.stop();
  expect(ready).toEqual([expect.objectContaining({ code: 'RESTORED_IN_FUTURE' })]);
});
