import { randomUUID } from 'node:crypto';
import { usage } from '@landfall/contracts';
import { testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import {
  anEvent,
  aRecord,
  bucketsOf,
  catalogWith,
  differences,
  report,
  subscribed,
  toldRefusals,
  withoutRounds,
} from '../testing/usage.fixture';

const app = testApp(AppModule, {
  schema,
  migrations,
  overrides: withoutRounds,
  env: () => ({ CATALOG_FILE: catalogWith('emails', 'reports') }),
});

afterEach(async () => expect(await differences(app)).toEqual([]));

const day = 86_400_000;

const refusedOf = (subscriptionId: string) =>
  app.query<{ code: string; bytes: Buffer; partition: number }>(
    'select code, bytes, partition from billing.usage_refused where subscription_id = $1 order by number',
    [subscriptionId],
  );

it('counts what was used by subscription, meter and hour, exactly', async () => {
  const id = await subscribed(app);
  const hour = Math.floor(Date.now() / 3_600_000 - 2) * 3_600_000;
  const [before, after] = [hour - 1, hour].map((at) => ({ time: new Date(at).toISOString() }));
  const data = (quantity: string | number) => ({ data: { meter: 'emails', quantity } });
  await report(
    app,
    anEvent(id, { ...before, ...data('0.1') }),
    anEvent(id, { ...before, ...data(0.2) }),
    anEvent(id, { ...after, ...data('-3') }),
  );
  await report(app, anEvent(id, { ...before, ...data('0.000001') }), anEvent(id, { ...before, data: { meter: 'reports', quantity: 5 } }));
  expect(await bucketsOf(app, id)).toEqual([
    { meter: 'emails', quantity: '0.300001', records: 3, is_dirty: true },
    { meter: 'emails', quantity: '-3', records: 1, is_dirty: true },
    { meter: 'reports', quantity: '5', records: 1, is_dirty: true },
  ]);
});

it('counts a record once: twice in a batch, delivered again after a crash, and to two copies at the same time', async () => {
  const id = await subscribed(app);
  const other = await app.copy();
  const batch = Array.from({ length: 500 }, () => anEvent(id));
  const twice = [...batch, ...batch.slice(0, 50)].map(aRecord);
  await app.deliverRecords(usage, twice);
  await app.deliverRecords(usage, twice);
  const reversed = Array.from({ length: 500 }, () => anEvent(id)).map(aRecord);
  const both = [app, other, app, other].map((copy, index) => copy.deliverRecords(usage, index % 2 ? reversed : [...reversed].reverse()));
  await Promise.all(both);
  expect(await bucketsOf(app, id)).toMatchObject([{ quantity: '1000', records: 1000 }]);
  expect(await refusedOf(id)).toEqual([]);
});

it('refuses the same source and id with other content, in the batch of the first, or later, and takes the first', async () => {
  const id = await subscribed(app);
  const event = anEvent(id);
  const other = { ...event, data: { meter: 'emails', quantity: '2' } };
  await report(app, event, other, event, { ...event, source: 'another' });
  await report(app, other, { ...event, subject: await subscribed(app) });
  expect(await bucketsOf(app, id)).toMatchObject([{ quantity: '2', records: 2 }]);
  expect(await refusedOf(id)).toMatchObject([{ code: 'other-content' }]); // the same bytes are kept once
  expect(await toldRefusals(app)).toMatchObject([
    { type: 'landfall.billing.usage-refused.v1', key: id, data: { subscriptionId: id, source: 'mailer', id: event.id } },
    { type: 'landfall.billing.usage-refused.v1' },
  ]);
});

it('takes what was refused once it is corrected, also in the same batch', async () => {
  const id = await subscribed(app);
  const event = anEvent(id);
  const wrong = { ...event, time: new Date(Date.now() + 3_600_000).toISOString() };
  await report(app, wrong, event);
  expect(await bucketsOf(app, id)).toMatchObject([{ records: 1 }]);
  expect(await refusedOf(id)).toMatchObject([{ code: 'in-future' }]);
  await toldRefusals(app);
});

it('knows what it has counted also when it comes again too late, or its meter is gone', async () => {
  const id = await subscribed(app);
  const event = anEvent(id);
  await report(app, event);
  app.clock.advance(8 * day);
  try {
    await report(app, event, { ...event, id: randomUUID() }, { ...event, data: { meter: 'emails', quantity: '9' } });
  } finally {
    app.clock.advance(-8 * day);
  }
  expect(await bucketsOf(app, id)).toMatchObject([{ records: 1 }]);
  expect(await refusedOf(id)).toMatchObject([{ code: 'too-late' }, { code: 'too-late' }]);
});

it('keeps what can not be read as it came, told of where its subscription can be read, and takes the 497 beside it', async () => {
  await toldRefusals(app);
  const id = await subscribed(app);
  const poisonous: Record<number, unknown> = {
    0: Buffer.from([0, 255]).toString('latin1'),
    250: { ...anEvent(id), data: { meter: 'emails', quantity: 'many' } },
    499: '{}',
  };
  const events = Array.from({ length: 500 }, (_, index) => poisonous[index] ?? anEvent(id));
  await report(app, ...events);
  await report(app, ...events);
  expect(await bucketsOf(app, id)).toMatchObject([{ quantity: '497', records: 497 }]);
  expect(await refusedOf(id)).toMatchObject([{ code: 'quantity', bytes: Buffer.from(JSON.stringify(events[250])), partition: 0 }]);
  expect(await toldRefusals(app)).toMatchObject([{ key: id, data: { reason: expect.stringContaining('decimal number') as string } }]);
  expect(await app.blockedKeys()).toEqual([]);
});

it('refuses just that one which the tables refuse, whatever its reason, and takes the others', async () => {
  const id = await subscribed(app);
  await app.query(`alter table billing.usage add constraint spec check (quantity <> 13)`);
  const events = Array.from({ length: 500 }, (_, index) => anEvent(id, index === 321 ? { data: { meter: 'emails', quantity: 13 } } : {}));
  await report(app, ...events);
  await app.query(`alter table billing.usage drop constraint spec`);
  expect(await bucketsOf(app, id)).toMatchObject([{ quantity: '499', records: 499 }]);
  expect(await refusedOf(id)).toMatchObject([{ code: 'not-storable' }]);
});
