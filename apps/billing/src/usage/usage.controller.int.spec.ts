import { randomUUID } from 'node:crypto';
import { testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { anEvent, bucketsOf, catalogWith, differences, report, subscribed } from '../testing/usage.fixture';
import { UsageCleaner } from './usage.cleaner';
import { BATCH_TYPE, EVENT_TYPE, takeEventsAsBytes } from './usage.requests';

const app = testApp(AppModule, { schema, migrations, env: () => ({ CATALOG_FILE: catalogWith('emails') }), configure: takeEventsAsBytes });

afterEach(async () => expect(await differences(app)).toEqual([]));

const post = async (payload: unknown, type = EVENT_TYPE, role: Parameters<typeof app.bearer>[0] = 'landfall.usage') =>
  app.http({
    method: 'POST',
    url: '/usage',
    headers: { authorization: await app.bearer(role), 'content-type': type },
    payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
  });
const get = async (url: string) => app.http({ url, headers: { authorization: await app.bearer('landfall.read') } });

it('answers each event by what became of it, in their order', async () => {
  const [id, unknown] = [await subscribed(app), randomUUID()];
  const [event, held] = [anEvent(id), anEvent(unknown)];
  const answer = await post([event, held, event, { ...event, time: 'now' }, 7], BATCH_TYPE);
  expect(answer.statusCode).toBe(200);
  const { source, id: eventId } = event;
  expect(answer.json()).toEqual({
    results: [
      { source, id: eventId, result: 'accepted' },
      { source, id: held.id, result: 'held', waitsFor: 'subscription' },
      { source, id: eventId, result: 'duplicate' },
      { source, id: eventId, result: 'refused', code: 'no-usage', reason: expect.stringContaining('time') as string },
      { source: null, id: null, result: 'refused', code: 'unreadable', reason: expect.any(String) as string },
    ],
  });
  expect((await post(event)).json()).toMatchObject({ results: [{ result: 'duplicate' }] });
});

it('is the same path as the topic, and reads numbers as they are written', async () => {
  const id = await subscribed(app);
  const event = anEvent(id, { data: { meter: 'emails', quantity: '0.1' } });
  const written = JSON.stringify(event).replace('"0.1"', '0.10');
  await report(app, event);
  expect((await post(`[${written}]`, BATCH_TYPE)).json()).toMatchObject({ results: [{ result: 'duplicate' }] });
  const sum = JSON.stringify(anEvent(id)).replace('"1"', '0.30000000000000004');
  expect((await post(sum)).json()).toMatchObject({ results: [{ result: 'refused', code: 'quantity' }] });
});

it('takes a thousand events at once, and the same from two clients at the same time once', async () => {
  const id = await subscribed(app);
  const events = Array.from({ length: 1_000 }, () => anEvent(id));
  const answers = await Promise.all([post(events, BATCH_TYPE), post([...events].reverse(), BATCH_TYPE)]);
  const outcomes = answers.flatMap((answer) => answer.json<{ results: { result: string }[] }>().results.map(({ result }) => result));
  expect(outcomes.filter((result) => result === 'accepted')).toHaveLength(1_000);
  expect(outcomes.filter((result) => result === 'duplicate')).toHaveLength(1_000);
  expect(await bucketsOf(app, id)).toMatchObject([{ records: 1_000 }]);
});

it('refuses just that event which the tables refuse', async () => {
  const id = await subscribed(app);
  await app.query(`alter table billing.usage add constraint spec check (quantity <> 13)`);
  const events = [1, 13, 2].map((quantity) => anEvent(id, { data: { meter: 'emails', quantity } }));
  const answer = await post(events, BATCH_TYPE);
  await app.query(`alter table billing.usage drop constraint spec`);
  expect(answer.json()).toMatchObject({
    results: [{ result: 'accepted' }, { result: 'refused', code: 'not-storable' }, { result: 'accepted' }],
  });
});

it.each<[string, unknown, string, number]>([
  ['no JSON', '{', EVENT_TYPE, 400],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), EVENT_TYPE, 400],
  ['no list', '{}', BATCH_TYPE, 400],
  ['more than a thousand events', Array.from({ length: 1_001 }, () => ({})), BATCH_TYPE, 400],
  ['more than a mebibyte', `"${'x'.repeat(1024 * 1024)}"`, EVENT_TYPE, 413],
  ['another type', '{}', 'application/json', 415],
])('answers a problem where the whole can not be read: %s', async (_what, payload, type, status) => {
  const answer = await post(payload, type);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

it('lets nobody report but who has the role of its own, which reads nothing', async () => {
  const event = anEvent(randomUUID());
  for (const role of ['landfall.read', 'landfall.admin', 'landfall.personal'] as const)
    expect((await post(event, EVENT_TYPE, role)).statusCode).toBe(403);
  const asProduct = { authorization: await app.bearer('landfall.usage') };
  expect((await app.http({ url: '/usage/refused', headers: asProduct })).statusCode).toBe(403);
});

it('shows operators what is refused and held, by pages, the newest first', async () => {
  const id = randomUUID();
  const events = Array.from({ length: 5 }, () => anEvent(id));
  for (const event of events) await report(app, event, { ...event, time: '?' });
  const held = await get(`/usage/held?subscriptionId=${id}&limit=3`);
  expect(held.json()).toMatchObject({
    items: [4, 3, 2].map((index) => ({
      id: events[index]!.id,
      meter: 'emails',
      quantity: '1',
      waitsFor: 'subscription',
      content: JSON.stringify(events[index]),
    })),
  });
  const { next } = held.json<{ next: string }>();
  expect((await get(`/usage/held?subscriptionId=${id}&limit=3&after=${next}`)).json()).toMatchObject({
    items: [{ id: events[1]!.id }, { id: events[0]!.id }],
    next: null,
  });
  const refused = await get(`/usage/refused?subscriptionId=${id}&code=no-usage&limit=1`);
  expect(refused.json()).toMatchObject({
    items: [{ code: 'no-usage', source: 'mailer', partition: 0, offset: expect.any(String) as string }],
    next: expect.any(String) as string,
  });
  expect((await get('/usage/refused?after=x')).statusCode).toBe(400);
});

it('deletes records when they are older than anything that may come again, and no others', async () => {
  const id = await subscribed(app);
  const [old, young, refused] = [anEvent(id), anEvent(id), anEvent(id, { data: {} })];
  await report(app, old, young, refused);
  await app.query(`update billing.usage set received_at = now() - interval '46 days' where id = $1`, [old.id]);
  await app.query(`update billing.usage_refused set refused_at = now() - interval '46 days' where id = $1`, [refused.id]);
  expect(await app.get<UsageCleaner>(UsageCleaner).clean()).toBe(2);
  expect(await app.query('select id from billing.usage where subscription_id = $1', [id])).toEqual([{ id: young.id }]);
  await app.query('update billing.buckets set quantity = quantity - 1, records = records - 1 where subscription_id = $1', [id]); // for the comparison above
});
