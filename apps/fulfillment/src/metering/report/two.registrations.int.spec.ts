import { randomUUID } from 'node:crypto';
import { DEFAULT_REGISTRATION, reportUsage, type UsageEvent } from '@landfall/contracts';
import { aMessage, testApp } from '@landfall/testing';
import { AppModule } from '../../app.module';
import { migrations, schema } from '../../migrations';
import { RegistrationClients } from '../../registration/registration.clients';
import { RegistrationRepository } from '../../registration/registration.repository';
import { FakeMarketplace } from '../../testing/fake.marketplace';

const hourMs = 3_600_000;
const ours = new FakeMarketplace();
const theirs = new FakeMarketplace();
const clients = new RegistrationClients(
  new Map([
    [DEFAULT_REGISTRATION, ours],
    ['fabrikam', theirs],
  ]),
);
const publisher = { PUBLISHER_TENANT_ID: randomUUID(), PUBLISHER_CLIENT_ID: randomUUID(), PUBLISHER_CLIENT_SECRET: 'only-for-specs' };
const app = testApp(AppModule, { schema, migrations, env: publisher, overrides: [[RegistrationClients, clients]] });

async function subscriptionOf(registration: string): Promise<string> {
  const id = randomUUID();
  await app.get(RegistrationRepository).bind(id, registration);
  return id;
}
const eventOf = (subscriptionId: string): UsageEvent => ({
  ...{ subscriptionId, dimension: 'email', planId: 'silver', quantity: '1', effectiveStartTime: '2026-03-01T10:00:00.000Z' },
});
const handOver = (...events: UsageEvent[]) => {
  const deadline = new Date(app.clock.now().getTime() + 20 * hourMs).toISOString();
  return app.deliver(
    aMessage(reportUsage({ batchId: randomUUID(), publisherId: 'contoso', deadline, events }), { time: app.clock.now().toISOString() }),
  );
};
const later = async () => {
  app.clock.advance(60_000);
  await app.perform();
};

it('reports the events of a batch through the registration of each, and answers once for all', async () => {
  const [one, other, third] = [
    await subscriptionOf(DEFAULT_REGISTRATION),
    await subscriptionOf('fabrikam'),
    await subscriptionOf(DEFAULT_REGISTRATION),
  ];
  await handOver(...[one, other, third].map(eventOf));
  await app.perform();
  expect(await app.sent()).toEqual([]); // the others are to come
  await later();
  expect(ours.usage.batches.map((batch) => batch.map(({ subscriptionId }) => subscriptionId))).toEqual([[one, third]]);
  expect(theirs.usage.batches.map((batch) => batch.map(({ subscriptionId }) => subscriptionId))).toEqual([[other]]);
  expect(await app.sent()).toMatchObject([
    { data: { results: [one, other, third].map((subscriptionId) => ({ subscriptionId, status: 'Accepted' })) } },
  ]);
  expect(await app.jobs()).toEqual([]);
});

it('reports what belongs to a registration while nobody knows yet to which one the rest does', async () => {
  ours.reset();
  const [unknown, one] = [randomUUID(), await subscriptionOf(DEFAULT_REGISTRATION)];
  await handOver(...[unknown, one].map(eventOf));
  await app.perform();
  expect(ours.usage.batches).toMatchObject([[{ subscriptionId: one }]]);
  expect(await app.sent()).toEqual([]);
  await app.get(RegistrationRepository).bind(unknown, 'fabrikam');
  for (let tries = 0; tries < 5; tries += 1) await later();
  expect(await app.sent()).toMatchObject([{ data: { results: [{ status: 'Accepted' }, { status: 'Accepted' }] } }]);
});
