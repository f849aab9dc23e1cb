import { decodeMessage, encodeMessage } from '@landfall/contracts';
import { BatchProcessor } from '../consumer/batch.processor';
import { received } from '../consumer/received';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { eventually, sent } from '../fixtures/messages';
import { KafkaServer } from '../kafka/kafka.server';
import type { FaultPoint } from '../ports';
import { DeadLetterRepository } from './dead-letter.repository';
import { Redelivery } from './redelivery';

let database: LedgerDatabase;
let app: LedgerApp;
let reach: (point: FaultPoint) => Promise<void> | void = () => undefined;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl, reach: (point) => reach(point) });
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const fail = () => {
  throw new TypeError('cannot read it');
};
const entry = (account: string) => sent(entryAdded({ account, amount: 1 }));
const blocked = () => database.query<{ consumer: string; key: string }>('select consumer, key from ledger.blocked_key order by key');

it('is woken by a message that failed, and not by those that come behind it', async () => {
  const { added } = app.get(DeadLetterRepository);
  app.behaviour.decide = fail;
  await app.driver.deliver(entries, [entry('a'), entry('a')]);
  expect(await added.wait(0)).toBe(true);
  await app.driver.deliver(entries, [entry('a'), entry('a')]);
  expect(await added.wait(0)).toBe(false);
  app.behaviour.decide = add;
  await app.driver.redeliver();
  expect(await blocked()).toEqual([]);
});

it('ends its round when every consumer has ended, also where one of them fails', async () => {
  const [handler] = await app.get(KafkaServer).serve();
  const other = { ...handler!, consumer: 'ledger.other' };
  app.behaviour.decide = fail;
  await app.driver.deliver(entries, [entry('b')]);
  const value = Buffer.from(encodeMessage(entry('c')));
  const record = { partition: 0, offset: '1', value, kafkaKey: 'c' };
  await app.get(BatchProcessor).deliver(other, [received(handler!.stages, record, decodeMessage(handler!.topic, value))]);

  app.behaviour.decide = add;
  app.get(Redelivery).serve([handler!, other]);
  let commits = 0;
  const held = Promise.withResolvers<void>();
  reach = () => {
    if (++commits === 1) return held.promise; // one of the two waits, the other one can't commit
    throw new Error('this can not be committed');
  };
  let isEnded = false;
  const round = app.get(Redelivery).redeliver(true);
  const outcome = expect(round.finally(() => (isEnded = true))).rejects.toThrow('this can not be committed');
  await eventually(() => commits === 3); // the message, and then its failure
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isEnded).toBe(false);
  held.resolve();
  await outcome;
  expect(await blocked()).toHaveLength(1);
});

it('looks now and then, and does not hurry, while another copy holds a key that is due', async () => {
  reach = () => undefined;
  const [handler] = await app.get(KafkaServer).serve();
  app.behaviour.decide = fail;
  await app.driver.deliver(entries, [entry('held')]);
  await database.query(`update ledger.blocked_key set next_try_at = now() - interval '1 minute'`);
  const rounds = jest.spyOn(app.get(DeadLetterRepository), 'due');
  const redelivery = app.get(Redelivery);
  redelivery.serve([handler!]);
  await database.query('begin');
  await database.query('select from ledger.blocked_key for update');
  redelivery.start();
  await eventually(() => rounds.mock.calls.length > 1);
  const before = rounds.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(rounds.mock.calls.length - before).toBeLessThanOrEqual(6);
  await database.query('rollback');
  await redelivery.stop();
});
