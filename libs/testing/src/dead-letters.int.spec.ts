import { randomUUID } from 'node:crypto';
import { activate, type Draft } from '@landfall/contracts';
import { CountingModule, migrations } from './fixtures/counting.module';
import { operatorOf, PROBLEM, type Item, type Page } from './fixtures/operator';
import { aMessage, testApp } from './index';

const app = testApp(CountingModule, { schema: 'counting', migrations, env: { GREETING: 'hello' } });
const operator = operatorOf(app);
const reader = operatorOf(app, 'landfall.read', 'reader-1');

const order = (planId: string, subscriptionId: string = randomUUID()) => activate({ subscriptionId, planId, quantity: 1, version: 1 });
const withKey = (draft: Draft, key: string) => aMessage(draft, { key });
const count = async (id: string) => (await app.query<{ count: number }>('select count from counting.counts where id = $1', [id]))[0]?.count;
const letters = async (query = '') => (await reader.get<Page<Item>>(`/dead-letters${query}`)).body;
const letterOf = async (key: string) => (await letters(`?key=${encodeURIComponent(key)}`)).items[0]!;
const acts = async (subject: string) => (await reader.get<Page<Item>>(`/operator-acts?subject=${encodeURIComponent(subject)}`)).body.items;
const topic = 'landfall.fulfillment.commands.v1';

beforeEach(async () => {
  for (const table of ['dead_letter', 'blocked_key', 'job']) await app.query(`delete from counting.${table}`);
});

it('dead letters are listed by key with their head, the longest blocked first, page by page', async () => {
  const drafts = Array.from({ length: 5 }, () => order('poison'));
  for (const draft of drafts) await app.tryDeliver(draft, order('silver', draft.key));
  const first = await letters('?limit=2');
  const second = await letters(`?limit=2&after=${first.next}`);
  const third = await letters(`?limit=2&after=${second.next}`);
  expect([...first.items, ...second.items, ...third.items].map(({ key }) => key)).toEqual(drafts.map(({ key }) => key));
  expect([third.items.length, third.next]).toEqual([1, null]);
  expect(first.items[0]).toEqual({
    ...{
      id: expect.stringMatching(/^\d+$/) as string,
      consumer: `counting.${topic}`,
      key: drafts[0]!.key,
      state: 'failing',
      messages: 2,
    },
    ...{ reason: 'Error: no such plan', attempts: 1, type: 'landfall.fulfillment.activate.v1', bytes: expect.any(Number) as number },
    ...{ since: expect.stringMatching(/Z$/) as string, nextTryAt: expect.stringMatching(/Z$/) as string },
    ...{ messageId: expect.any(String) as string, partition: expect.any(Number) as number, offset: expect.any(String) as string },
  });
});

it('dead letters are found by state, consumer and key', async () => {
  const [failing, dead, waiting] = [order('poison'), order('broken'), order('later')];
  await app.tryDeliver(failing, dead, waiting);
  for (const [state, { key }] of Object.entries({ failing, dead, waiting })) {
    expect((await letters(`?state=${state}&consumer=counting.${topic}`)).items).toMatchObject([{ key, state }]);
    expect((await letters(`?key=${key}`)).items).toMatchObject([{ key, state }]);
  }
  expect((await letters('?consumer=counting')).items).toEqual([]);
});

it.each([
  '?limit=0',
  '?limit=201',
  '?limit=x',
  '?after=x',
  '?after=9223372036854775808',
  '?state=lost',
  '?stat=dead',
  '?consumer=%00',
  '?key=a&key=b',
])('are not listed by what is no filter: %s', async (query) => {
  expect(await operator.get(`/dead-letters${query}`)).toMatchObject({ status: 400, type: PROBLEM });
});

it('dead letters show everything but their data, and what waits behind them', async () => {
  const draft = order('poison');
  const message = aMessage(draft);
  const behind = [order('plan-of-Ada', draft.key), order('silver', draft.key)].map((each) => aMessage(each));
  await app.tryDeliver(message, ...behind);
  const { id } = await letterOf(draft.key);
  const { status, body } = await reader.get<Item>(`/dead-letters/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ id, first: id, key: draft.key, state: 'failing', attempts: 1, reason: 'Error: no such plan', messageId: message.id },
    ...{
      message: { id: message.id, type: message.type, source: 'landfall/spec', time: message.time, correlationId: message.correlationId },
    },
    ...{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, behind: 2 },
    following: behind.map((each) => ({ messageId: each.id, type: each.type })),
  });
  const next = (body['following'] as Item[])[0]!;
  expect((await reader.get<Item>(`/dead-letters/${next.id}`)).body).toMatchObject({ id: next.id, first: id, behind: 1 });
  expect(JSON.stringify([body, await letters()])).not.toMatch(/poison|Ada|planId|quantity/);
});

it('dead letters show what can be read of bytes that are no message of ours', async () => {
  const message = aMessage(order('silver'));
  await app.tryDeliver({ ...message, data: { subscriptionId: 7 } } as never);
  expect((await reader.get<Item>(`/dead-letters/${(await letterOf(message.key)).id}`)).body).toMatchObject({
    ...{ state: 'dead', message: { id: message.id, type: message.type } },
  });
});

it('dead letters are retried now, with all attempts before them, dead or not', async () => {
  const waiting = order('later');
  await app.deliver(waiting);
  await app.query('insert into counting.counts values ($1, 7)', [waiting.key]);
  await app.query(`update counting.blocked_key set next_try_at = now() + interval '1 hour', attempts = 50`);
  const { id } = await letterOf(waiting.key);
  expect(await operator.act(`/dead-letters/${id}/retry`)).toMatchObject({
    status: 200,
    body: { act: 'dead-letter.retry', before: { state: 'waiting', attempts: 50 }, after: { state: 'waiting', attempts: 0 } },
  });
  expect(await app.query(`select 1 from counting.blocked_key where next_try_at <= now()`)).toHaveLength(1);
  await app.redeliver();
  expect([await count(waiting.key), (await letters()).items]).toEqual([8, []]);

  const broken = order('broken');
  await app.tryDeliver(broken);
  const dead = await letterOf(broken.key);
  expect(await operator.act(`/dead-letters/${dead.id}/retry`)).toMatchObject({
    body: { before: { state: 'dead' }, after: { state: 'failing' } },
  });
  expect(await app.redeliver()).toBe(1);
  expect(await letterOf(broken.key)).toMatchObject({ state: 'dead', attempts: 1 });
});

it('dead letters are discarded one by one, and those behind go on in order', async () => {
  const draft = order('broken');
  await app.tryDeliver(draft, order('silver', draft.key), order('gold', draft.key));
  const { id } = await letterOf(draft.key);
  const { body } = await operator.act<Item>(`/dead-letters/${id}/discard`, { reason: '  a test order  ' });
  expect(body).toMatchObject({
    ...{ act: 'dead-letter.discard', subject: `dead-letters/${id}`, actor: 'operator-1', reason: 'a test order' },
    ...{ before: { key: draft.key, state: 'dead' }, after: { next: String(Number(id) + 1) } },
  });
  await app.redeliver();
  expect([await count(draft.key), (await letters()).items]).toEqual([2, []]);
  expect(await acts(`dead-letters/${id}`)).toEqual([body]);
});

it('dead letters that are behind another, gone or never there are told apart', async () => {
  const draft = order('broken');
  await app.tryDeliver(draft, order('silver', draft.key));
  const { id } = await letterOf(draft.key);
  const behind = String(Number(id) + 1);
  for (const act of ['retry', 'discard']) {
    expect(await operator.act(`/dead-letters/${behind}/${act}`)).toMatchObject({
      ...{ status: 409, type: PROBLEM },
      body: { code: 'NOT_FIRST', detail: `Dead letter ${behind} waits behind dead letter ${id} of the same key, which has to go first` },
    });
    expect(await operator.act(`/dead-letters/999999/${act}`)).toMatchObject({
      ...{ status: 404, type: PROBLEM, body: { code: 'NOT_FOUND', detail: 'There is no dead letter 999999' } },
    });
  }
  await operator.act(`/dead-letters/${id}/discard`);
  for (const act of ['retry', 'discard'])
    expect(await operator.act(`/dead-letters/${id}/${act}`)).toMatchObject({
      ...{ status: 409, body: { code: 'NOT_BLOCKED', detail: expect.stringContaining('blocks nothing any more') as string } },
    });
  expect(await reader.get(`/dead-letters/${id}`)).toMatchObject({ status: 404, type: PROBLEM });
  expect(await reader.get('/dead-letters/none')).toMatchObject({ status: 400, type: PROBLEM });
  expect(await acts(`dead-letters/${behind}`)).toEqual([]);
});

it.each([
  ['../../etc/passwd'],
  [`it's "quoted"; drop table x; --`],
  ['a/b:c d?e#f&g=h%20+'],
  ['ключ 鍵 💥'],
  ['.'],
  [Array.from({ length: 160 }, () => randomUUID()).join(':')],
])('dead letters are found by their key and acted on by their id, whatever the key holds: %.20s', async (key) => {
  await app.tryDeliver(withKey(order('poison'), key));
  const { id } = await letterOf(key);
  expect((await reader.get<Item>(`/dead-letters/${id}`)).status).toBe(200);
  expect((await operator.act(`/dead-letters/${id}/retry`)).status).toBe(200);
  expect((await operator.act(`/dead-letters/${id}/discard`)).status).toBe(200);
  expect((await letters()).items).toEqual([]);
});
