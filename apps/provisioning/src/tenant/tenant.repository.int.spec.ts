import { randomUUID } from 'node:crypto';
import { testApp } from '@landfall/testing';
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
  const first = database.transaction(async (tx) => {
    await tenants.lock(tx, [subscriptionId]);
    locked.resolve();
    await secondAsks.promise;
    await tenants.save(tx, [unchanged({ ...unknownTenant(subscriptionId), state: 'ended', version: 3 })]);
  });
  await locked.promise;
  const second = database.transaction((tx) => tenants.lock(tx, [subscriptionId]));
  await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 300))]);
  secondAsks.resolve();
  await first;
  expect((await second).get(subscriptionId)).toMatchObject({ tenant: { state: 'ended', version: 3 } });
});
