import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, noteAdded, type Entry } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { Redelivery } from '../dead-letter/redelivery';
import { sent } from '../fixtures/messages';
import type { FaultPoint } from '../ports';
import { DeadLetterAdministration } from './dead-letter/dead-letter.administration';
import { OperatorActRepository } from './act/operator-act.repository';

let database: LedgerDatabase;
let app: LedgerApp;
let letters: DeadLetterAdministration;
let reached: (point: FaultPoint) => Promise<void> | void = () => undefined;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl, reach: (point) => reached(point) });
  letters = app.get(DeadLetterAdministration);
});
beforeEach(async () => {
  reached = () => undefined;
  app.behaviour.decide = add;
  app.behaviour.enrich = () => Promise.resolve();
  for (const table of ['accounts', 'dead_letter', 'blocked_key', 'outbox']) await database.query(`delete from ledger.${table}`);
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const by = (reason = 'it is mended', idempotencyKey: string = randomUUID()) => ({
  ...{ actor: 'operator-1', reason, idempotencyKey, correlationId: 'c-1' },
});
const entry = (account: string, amount: number) => sent(entryAdded({ account, amount }));
const total = async (account: string) =>
  (await database.query<{ total: number }>('select total from ledger.accounts where id = $1', [account]))[0]?.total;
const keys = () => letters.blockedKeys();
const recorded = async (reason: string) =>
  (await app.get(OperatorActRepository).list({ limit: 200 })).items.filter((act) => act.reason === reason);
const failAt = (amount: number, error: Error = new TypeError('cannot read it')) => {
  app.behaviour.decide = (account, message) => {
    if ('amount' in message.data && message.data.amount === amount) throw error;
    return add(account, message);
  };
};
const permanent = () => Object.assign(new Error('never'), { retriable: false });

/** Lets a redelivery run up to a moment, and go on when the spec says so. */
function heldAt(moment: 'its commit' | 'its facts', facts: () => Promise<void> = () => Promise.resolve()) {
  let arrive: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const isFree = new Promise<void>((resolve) => (goOn = resolve));
  if (moment === 'its commit') reached = (point) => (point === 'redelivery.before-commit' ? (arrive(), isFree) : undefined);
  else app.behaviour.enrich = () => (arrive(), isFree.then(facts));
  return { redelivery: app.driver.redeliver(), arrived, goOn };
}

/** Whether something waits, for a lock, say. */
const isWaiting = async (work: Promise<unknown>) =>
  (await Promise.race([work.then(() => 'ended').catch(() => 'ended'), wait(300, 'waits')])) === 'waits';

async function blocked(...amounts: number[]): Promise<string> {
  failAt(13);
  await app.driver.deliver(
    entries,
    amounts.map((amount) => entry('p', amount)),
  );
  return (await keys())[0]!.id;
}

describe('an act against a key that is being redelivered at this moment', () => {
  it('waits, and finds that the message was handled', async () => {
    const id = await blocked(13, 1);
    app.behaviour.decide = add;
    const held = heldAt('its commit');
    await held.arrived;
    const act = letters.discard(id, by('too late'));
    const outcome = expect(act).rejects.toMatchObject({ status: 409, code: 'NOT_BLOCKED' });
    expect(await isWaiting(act)).toBe(true);
    held.goOn();
    await outcome;
    await held.redelivery;
    expect([await total('p'), await keys(), await recorded('too late')]).toEqual([14, [], []]);
  });

  it('waits, finds that it failed again, and gives it up; what is behind it goes on, once and in order', async () => {
    const id = await blocked(13, 1, 2);
    const held = heldAt('its commit');
    await held.arrived;
    const act = letters.discard(id, by('give it up'));
    expect(await isWaiting(act)).toBe(true);
    held.goOn();
    await Promise.all([act, held.redelivery]);
    reached = () => undefined;
    await app.driver.redeliver();
    expect([await total('p'), await keys()]).toEqual([3, []]);
    expect(await recorded('give it up')).toHaveLength(1);
  });

  it('leaves a message that is discarded while its facts are asked for out, and handles what is behind it once', async () => {
    const id = await blocked(13, 1);
    app.behaviour.decide = add;
    const held = heldAt('its facts');
    await held.arrived;
    await letters.discard(id, by());
    held.goOn();
    await held.redelivery;
    await app.driver.redeliver();
    expect([await total('p'), await keys()]).toEqual([1, []]);
  });

  it('keeps a retry that is asked for during an attempt that fails', async () => {
    const id = await blocked(13);
    for (let attempt = 2; attempt < 30; attempt++) await app.driver.redeliver();
    expect(await keys()).toMatchObject([{ state: 'failing', attempts: 29 }]);
    const held = heldAt('its facts'); // the thirtieth attempt, after which a key is dead
    await held.arrived;
    await letters.retry(id, by());
    held.goOn();
    await held.redelivery;
    expect(await keys()).toMatchObject([{ state: 'failing', attempts: 0 }]);
  });

  it('keeps a retry that is asked for during an attempt that is not counted, the source being away', async () => {
    const away = () => Promise.reject(Object.assign(new Error('breaker open'), { isAway: true }));
    app.behaviour.enrich = away;
    await app.driver.deliver(entries, [entry('p', 1)]);
    await database.query(`update ledger.blocked_key set since = now() - interval '1 hour'`); // now it is asked every 15 s
    const [{ id, attempts } = { id: '', attempts: -1 }] = await keys();
    expect(attempts).toBe(0);
    const held = heldAt('its facts', away);
    await held.arrived;
    await letters.retry(id, by());
    held.goOn();
    await held.redelivery;
    app.behaviour.enrich = () => Promise.resolve();
    expect(await app.get(Redelivery).redeliver()).toBe(1);
    expect([await total('p'), await keys()]).toEqual([1, []]);
  });
});

it('says of each dead letter, and of a discarded one, why it failed itself and last', async () => {
  const failing = (reason: string) => {
    app.behaviour.decide = () => {
      throw new TypeError(reason);
    };
  };
  const id = await blocked(13, 14);
  const behind = (await letters.find(id)).following[0]!.id;
  failing('still cannot read it');
  await app.driver.redeliver();
  expect(await letters.find(id)).toMatchObject({ attempts: 2, reason: 'TypeError: still cannot read it' });
  expect(await letters.find(behind)).toMatchObject({ reason: 'an earlier message of its key is a dead letter' });
  expect(await letters.discard(id, by())).toMatchObject({ before: { reason: 'TypeError: still cannot read it' } });
  failing('a mistake of its own');
  await app.driver.redeliver();
  expect(await letters.find(behind)).toMatchObject({ attempts: 1, reason: 'TypeError: a mistake of its own' });
  expect(await letters.discard(behind, by())).toMatchObject({ before: { reason: 'TypeError: a mistake of its own' } });
});

describe('two acts at the same moment', () => {
  it('under one idempotency key are one act with one answer', async () => {
    const id = await blocked(13, 13, 13);
    const answers = await Promise.all(Array.from({ length: 5 }, () => letters.discard(id, by('once', 'the-same-key'))));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect([(await keys())[0]?.messages, await recorded('once')]).toEqual([2, [answers[0]]]);
  });

  it('under two idempotency keys discard one message, never the one behind it', async () => {
    const id = await blocked(13, 13, 13);
    const outcomes = await Promise.allSettled([letters.discard(id, by('two')), letters.discard(id, by('two'))]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'NOT_BLOCKED' } });
    expect([(await keys())[0]?.messages, (await recorded('two')).length]).toEqual([2, 1]);
  });
});

describe('the record of acts', () => {
  it('is written in the transaction of the act: where the record is refused nothing is done', async () => {
    const id = await blocked(13);
    await database.query(`alter table ledger.operator_act add constraint none check (reason <> 'refused') not valid`);
    await expect(letters.discard(id, by('refused'))).rejects.toThrow('violates check constraint');
    await database.query('alter table ledger.operator_act drop constraint none');
    expect([(await keys())[0]?.id, await recorded('refused')]).toEqual([id, []]);
  });

  it('is rolled back with the act where the commit fails, and the same request is done afterwards', async () => {
    const id = await blocked(13);
    await database.query(`
      create function ledger.refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
      create constraint trigger refuse after insert on ledger.operator_act deferrable initially deferred for each row execute function ledger.refuse()`);
    const act = by('at the commit');
    await expect(letters.discard(id, act)).rejects.toThrow('not now');
    await database.query('drop trigger refuse on ledger.operator_act; drop function ledger.refuse');
    expect([(await keys())[0]?.id, await recorded('at the commit')]).toEqual([id, []]);
    await letters.discard(id, act);
    expect([await keys(), (await recorded('at the commit')).length]).toEqual([[], 1]);
  });

  it.each(["update ledger.operator_act set reason = 'x'", 'delete from ledger.operator_act', 'truncate ledger.operator_act'])(
    'refuses to be changed, by the service and by a superuser: %s',
    async (sql) => {
      await letters.retry(await blocked(13), by('to be kept'));
      const before = await database.query('select * from ledger.operator_act order by id');
      const service = await new DataSource({ type: 'postgres', url: database.serviceUrl }).initialize();
      await expect(service.query(sql)).rejects.toThrow('permission denied');
      await service.destroy();
      await expect(database.query(sql)).rejects.toThrow('keeps what was written');
      await expect(database.query(`set session_replication_role = replica; ${sql}`)).rejects.toThrow('keeps what was written');
      expect(await database.query('select * from ledger.operator_act order by id')).toEqual(before);
    },
  );

  it.each([
    ['has half a character in it', 'a\ud800b', 'a\ufffdb'],
    ['would be cut in the middle of a character', `${'a'.repeat(199)}💥`, `${'a'.repeat(199)}\ufffd`],
  ])('keeps what an envelope said where that %s', async (_, source, kept) => {
    failAt(13, permanent());
    await app.driver.deliver(entries, [{ ...entry('n', 13), source }]);
    const { id } = (await keys())[0]!;
    await letters.discard(id, by(kept));
    expect((await recorded(kept))[0]?.before).toMatchObject({ message: { source: kept } });
  });

  it('keeps of a discarded message what it was, why it failed, its size and its hash, and not its data', async () => {
    failAt(13, permanent());
    const message = sent(noteAdded({ account: 'n', note: 'Ada lives in Turin' }));
    app.behaviour.decide = () => {
      throw permanent();
    };
    await app.driver.deliver(entries, [message]);
    const { id } = (await keys())[0]!;
    const { bytes, sha256 } = await letters.find(id);
    await letters.discard(id, by('data'));
    const [row] = await database.query<{ text: string; before: object }>(
      `select to_jsonb(a)::text as text, before from ledger.operator_act a where reason = 'data'`,
    );
    expect(row?.before).toMatchObject({
      ...{ bytes, sha256, reason: 'Error: never', attempts: 1, state: 'dead', key: 'n' },
      message: { type: message.type, id: message.id },
    });
    expect(row?.text).not.toContain('Turin');
  });
});

it.each<[string, string]>([
  ['6 kB of random characters', Array.from({ length: 170 }, () => randomUUID()).join('/')],
  ['6 kB of one character', 'k'.repeat(6144)],
  ['a NUL', 'a\0b'],
  ['half a character', 'a\ud800b'],
  ['other control characters, quotes and emoji', `a"b'c\\d\n\t💥 ü`],
])('keeps the messages of a key that holds %s, in order, and lets an operator act on it', async (_, key) => {
  app.behaviour.decide = (_account, message: Entry) => {
    throw Object.assign(new Error(message.type), { retriable: false });
  };
  const message = sent(entryAdded({ account: 'a', amount: 1 }), { key });
  await app.driver.deliver(entries, [message, sent(noteAdded({ account: 'a', note: 'n' }), { key })]);
  app.behaviour.decide = add; // the key is blocked: nobody asks it
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'a', amount: 2 }), { key })]);
  for (let left = 3; left > 0; left--) {
    const { id, messages } = (await letters.list({ key, limit: 10 })).items[0]!;
    expect(messages).toBe(left);
    await letters.discard(id, by());
  }
  expect((await keys()).length).toBe(0);
});
