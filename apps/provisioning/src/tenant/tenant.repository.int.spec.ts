import { randomUUID } from 'node:crypto';
import { inTransaction } from '@landfall/messaging';
import { manyMore, scraped, testApp } from '@landfall/testing';
import { DataSource } from 'typeorm';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { TenantRepository } from './tenant.repository';
import { unchanged, unknownTenant } from './tenant';

const app = testApp(AppModule, { schema, migrations });

it('lets nobody decide about a subscription that another topic is just making known', async () => {
  const [tenants, database] = [app.get(TenantRepository), app.get(DataSource)];
  const subscriptionId = randomUUID();
  const [locked, secondAsks] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = inTransaction(database, async (tx) => {
    await tenants.lock(tx, [subscriptionId]);
    locked.resolve();
    await secondAsks.promise;
    await tenants.save(tx, [unchanged({ ...unknownTenant(subscriptionId), state: 'ended', version: 3 })]);
  });
  await locked.promise;
  const second = inTransaction(database, (tx) => tenants.lock(tx, [subscriptionId]));
  await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 300))]);
  secondAsks.resolve();
  await first;
  expect((await second).get(subscriptionId)).toMatchObject({ tenant: { state: 'ended', version: 3 } });
});

it('reads as little for the metrics of a scrape however many tenants are waited for', async () => {
  const first = unchanged({ ...unknownTenant(randomUUID()), state: 'ended', version: 3 });
  await inTransaction(app.get(DataSource), (tx) => app.get(TenantRepository).save(tx, [first]));
  await manyMore(app, 'provisioning.tenants', {
    ...{ subscription_id: 'gen_random_uuid()', request_id: 'gen_random_uuid()', state: `(array['failed', 'unreleased'])[1 + n % 2]` },
    ...{ adapter: `'none'`, publisher_id: `'fabrikam'`, offer_id: `'team'`, is_preview: 'false', plan_id: `'silver'` },
    ...{ beneficiary_tenant_id: `'t'`, beneficiary_object_id: `'o'` },
  });
  const asked = await scraped(app, 'provisioning.tenants');
  expect(asked.map(({ pages, sql }) => pages < 20 || { pages, sql })).toEqual([true, true, true, true]);
});
