import { randomUUID } from 'node:crypto';
import { testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import * as given from '../tenant/tenant.builders';

const app = testApp(AppModule, { schema, migrations }); // the adapter none is the default

it('announces a tenant at once and once, however often the request is delivered, and asks no product', async () => {
  const subscriptionId = randomUUID();
  const request = given.aRequest({ subscriptionId });
  await app.deliver(request, request);
  await app.deliver(request);
  await app.deliver(given.aRequest({ subscriptionId })); // another message that says the same
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.provisioning.tenant-provisioned.v1',
      key: subscriptionId,
      data: { adapter: 'none', version: 2, tenantReference: null },
    },
  ]);
  expect(await app.jobs()).toEqual([]);
});

it('makes many tenants in one batch, each explained by its steps', async () => {
  const ids = Array.from({ length: 40 }, () => randomUUID());
  await app.deliver(...ids.map((subscriptionId) => given.aRequest({ subscriptionId, quantity: null })));
  expect((await app.sent()).map(({ key }) => key).sort()).toEqual([...ids].sort());
  const steps = await app.query('select step, version from provisioning.steps where subscription_id = any($1)', [ids]);
  expect(steps).toEqual(ids.map(() => ({ step: 'ready', version: 2 })));
});

it('passes over what is not for this service', async () => {
  const tenants = () => app.query<{ count: string }>('select count(*) from provisioning.tenants');
  const before = await tenants();
  await app.deliver(given.activated(randomUUID()));
  expect(await tenants()).toEqual(before);
  expect(await app.blockedKeys()).toEqual([]);
});

it('drops a request whose subscription has ended before (rule 3)', async () => {
  const subscriptionId = randomUUID();
  await app.deliver(given.unsubscribed(3, 'provisioning', subscriptionId), given.aRequest({ subscriptionId }));
  expect(await app.sent()).toEqual([]);
});
