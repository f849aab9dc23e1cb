import { randomUUID } from 'node:crypto';
import { subscriptionContactErased } from '@landfall/contracts';
import { columnsWith, plantInMessages, testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import * as given from '../tenant/tenant.builders';

const app = testApp(AppModule, { schema, migrations });

it('erases a person from every table of this service, and says so', async () => {
  const [subscriptionId, other, email] = [randomUUID(), randomUUID(), 'grace@fabrikam.example'];
  await app.deliver(given.aRequest({ subscriptionId }), given.aRequest({ subscriptionId: other }));
  await app.query(`update provisioning.tenants set last_failure = 'no licence for grace@fabrikam.example' where subscription_id = $1`, [
    subscriptionId,
  ]);
  await app.query(`update provisioning.steps set reason = 'no licence for grace@fabrikam.example' where subscription_id = $1`, [
    subscriptionId,
  ]);
  await app.query(`update provisioning.steps set reason = 'ada@fabrikam.example' where subscription_id = $1`, [other]);
  await plantInMessages(app, schema, subscriptionId, email);
  expect(await columnsWith(app, email)).toHaveLength(7);
  await app.sent();

  const person = { erasureId: randomUUID(), tenantId: randomUUID(), objectId: randomUUID() };
  await app.deliver(subscriptionContactErased({ ...person, subscriptionIds: [subscriptionId] }));
  while ((await app.perform()) > 0);
  expect(await columnsWith(app, email)).toEqual([]);
  expect(await app.sent()).toMatchObject([{ type: 'landfall.provisioning.contact-erased.v1', data: person }]);
  expect(await app.query(`select last_failure as failure from provisioning.tenants where subscription_id = $1`, [subscriptionId])).toEqual([
    { failure: 'no licence for erased' },
  ]);
  expect(await columnsWith(app, 'ada@fabrikam.example')).toEqual(['provisioning.steps.reason']); // another person's subscription
});
