import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { testApp, until } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { anEvent, bucketsOf, catalogText, catalogWith, differences, report, subscribed } from '../testing/usage.fixture';
import { HeldRelease } from './held.release';

const catalogFile = catalogWith('emails');
const app = testApp(AppModule, { schema, migrations, env: { CATALOG_FILE: catalogFile } });

afterEach(async () => expect(await differences(app)).toEqual([]));

const heldOf = (subscriptionId: string) =>
  app.query<{ id: string; waits_for: string }>('select id, waits_for from billing.usage_held where subscription_id = $1 order by number', [
    subscriptionId,
  ]);
const refusedOf = (subscriptionId: string) =>
  app.query('select id, code from billing.usage_refused where subscription_id = $1 order by number', [subscriptionId]);
const reports = { data: { meter: 'reports', quantity: '4' } };

it('holds what names an unknown subscription or meter, once, and the other records go on', async () => {
  const [unknown, known] = [randomUUID(), await subscribed(app)];
  const [event, counted] = [anEvent(unknown), anEvent(known)];
  await report(app, event, anEvent(known, reports), counted, event);
  await report(app, event, { ...event, time: new Date(0).toISOString() });
  expect(await heldOf(unknown)).toEqual([{ id: event.id, waits_for: 'subscription' }]);
  expect(await heldOf(known)).toMatchObject([{ waits_for: 'meter' }]);
  expect(await bucketsOf(app, known)).toMatchObject([{ meter: 'emails', records: 1 }]);
  expect(await refusedOf(unknown)).toMatchObject([{ code: 'too-late' }]);
  await report(app, { ...event, data: { meter: 'emails', quantity: '8' } });
  expect(await refusedOf(unknown)).toMatchObject([{ code: 'too-late' }, { code: 'other-content' }]);
});

it('counts what was held by itself once its subscription becomes known, however much that is', async () => {
  const id = randomUUID();
  for (let batch = 0; batch < 3; batch++) await report(app, ...Array.from({ length: 400 }, () => anEvent(id)));
  expect(await heldOf(id)).toHaveLength(1200);
  await subscribed(app, id);
  await until(async () => (await heldOf(id)).length === 0);
  expect(await bucketsOf(app, id)).toMatchObject([{ records: 1200, is_dirty: true }]);
});

it('counts it once where it came again meanwhile, and two copies release at the same time', async () => {
  const id = randomUUID();
  const events = Array.from({ length: 600 }, () => anEvent(id));
  await report(app, ...events);
  const other = await app.copy();
  await subscribed(app, id);
  await Promise.all([app.get<HeldRelease>(HeldRelease).release(), other.get<HeldRelease>(HeldRelease).release(), report(other, ...events)]);
  await until(async () => (await heldOf(id)).length === 0);
  expect(await bucketsOf(app, id)).toMatchObject([{ records: 600 }]);
  expect(await refusedOf(id)).toEqual([]);
});

it('refuses what is held where other content of its source and id was counted before', async () => {
  const id = randomUUID();
  const event = anEvent(id);
  await report(app, event);
  await app.query('update billing.usage_held set quantity = 7 where subscription_id = $1', [id]);
  const other = await app.copy(); // which has never looked for the subscription
  await subscribed(app, id);
  await report(other, event);
  await until(async () => (await heldOf(id)).length === 0);
  expect(await bucketsOf(app, id)).toMatchObject([{ quantity: '1', records: 1 }]);
  expect(await refusedOf(id)).toMatchObject([{ code: 'other-content' }]);
});

it('counts it by itself when a catalog comes that has its meter, and says meanwhile what it waits for', async () => {
  const id = randomUUID();
  await report(app, anEvent(id, reports));
  expect(await heldOf(id)).toMatchObject([{ waits_for: 'subscription' }]);
  await subscribed(app, id);
  await until(async () => (await heldOf(id))[0]!.waits_for === 'meter');
  writeFileSync(catalogFile, catalogText(['emails', 'reports']));
  await until(async () => (await heldOf(id)).length === 0);
  expect(await bucketsOf(app, id)).toMatchObject([{ meter: 'reports', quantity: '4' }]);
});

it('refuses what was held for too long, and tells of it', async () => {
  const id = randomUUID();
  const [old, young] = [anEvent(id), anEvent(id)];
  await report(app, old, young);
  await app.query(`update billing.usage_held set held_at = now() - interval '8 days' where id = $1`, [old.id]);
  await app.sent();
  await app.get<HeldRelease>(HeldRelease).release();
  await until(async () => (await heldOf(id)).length === 1);
  expect(await refusedOf(id)).toEqual([{ id: old.id, code: 'never-known' }]);
  expect(await app.sent()).toMatchObject([{ type: 'landfall.billing.usage-refused.v1', data: { id: old.id } }]);
});
