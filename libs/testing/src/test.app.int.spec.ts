import { activate, purchaseResolved } from '@landfall/contracts';
import { Clock } from '@landfall/service-defaults';
import { config, CountingModule, migrations } from './fixtures/counting.module';
import { Partner } from './fixtures/partner';
import { aMessage, aSnapshot, testApp } from './index';

const asked: string[] = [];
const partner = { refuse: (id: string) => (asked.push(id), Promise.resolve('out of stock')) };
const app = testApp(CountingModule, {
  schema: 'counting',
  migrations,
  env: () => ({ GREETING: 'hello' }),
  overrides: [[Partner, partner]],
});

let number = 0;
const order = (planId = 'silver') => {
  const subscriptionId = `00000000-0000-4000-8000-${String(++number).padStart(12, '0')}`;
  return activate({ subscriptionId, planId, quantity: 1, version: 1 });
};
const count = async (id: string) => (await app.query<{ count: number }>('select count from counting.counts where id = $1', [id]))[0]?.count;

it('delivers the same draft as the same message, and a new draft as a new one', async () => {
  const draft = order();
  await app.deliver(draft);
  await app.deliver(draft, draft);
  expect(await count(draft.key)).toBe(1);
  await app.deliver({ ...draft }, aMessage(draft, { id: '00000000-0000-4000-8000-00000000beef' }));
  expect(await count(draft.key)).toBe(3);
});

it('performs due jobs against the fake, and gives what was sent once, decoded', async () => {
  await app.query('delete from counting.job');
  const draft = order();
  await app.deliver(draft);
  expect(await app.jobs()).toMatchObject([{ kind: 'ask', key: draft.key, state: 'ready' }]);
  expect(await app.perform()).toBe(1);
  expect(asked).toContain(draft.key);
  expect(await app.sent()).toMatchObject([
    { type: 'landfall.fulfillment.activation-failed.v1', key: draft.key, data: { subscriptionId: draft.key, reason: 'out of stock' } },
  ]);
  expect(await app.sent()).toEqual([]);
});

it('fails a spec whose message became a dead letter, unless it says that it may be', async () => {
  await expect(app.deliver(order('poison'))).rejects.toThrow('no such plan');
  const second = order('poison');
  await app.tryDeliver(second);
  expect(await app.blockedKeys()).toEqual(expect.arrayContaining([expect.objectContaining({ key: second.key, state: 'failing' })]));
});

it('lets a message wait, and redelivers it when the spec asks for it', async () => {
  const later = order('later');
  await app.deliver(later);
  expect(await count(later.key)).toBeUndefined();
  await app.query('insert into counting.counts values ($1, 7)', [later.key]);
  await app.redeliver();
  expect(await count(later.key)).toBe(8);
});

it('says which topic the service does not consume', async () => {
  const resolved = purchaseResolved({
    purchaseId: aSnapshot().subscriptionId,
    subscriptionId: aSnapshot().subscriptionId,
    read: { snapshot: { subscriptionId: aSnapshot().subscriptionId }, readNo: 1, date: '2026-01-01T00:00:00.000Z' },
    plans: [],
  });
  await expect(app.deliver(resolved)).rejects.toThrow('does not consume landfall.fulfillment.events.v1');
});

it('opens the endpoints to who has a role', async () => {
  const draft = order();
  await app.deliver(draft);
  const url = `/counts/${draft.key}`;
  expect((await app.http({ url })).statusCode).toBe(401);
  const answer = await app.http({ url, headers: { authorization: await app.bearer('landfall.read') } });
  expect([answer.statusCode, answer.json()]).toEqual([200, { count: 1 }]);
});

it('holds business time in its hand, also that of jobs', async () => {
  await app.query('delete from counting.job');
  await app.deliver(order());
  await app.query(`update counting.job set run_at = now() + interval '1 day'`);
  expect(await app.perform()).toBe(0);
  app.clock.advance(2 * 24 * 3_600_000);
  expect(app.get(Clock).now().getTime()).toBeGreaterThan(Date.now() + 24 * 3_600_000);
  expect(await app.perform()).toBe(1);
});

it('gives the service its settings and a role that owns nothing', async () => {
  expect(config.values.GREETING).toBe('hello');
  const role = new URL(config.values.DATABASE_URL).username;
  const owned = await app.query('select 1 from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = $1', [role]);
  expect(owned).toEqual([]);
});
