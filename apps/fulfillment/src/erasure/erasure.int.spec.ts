import { randomUUID } from 'node:crypto';
import { subscriptionContactErased } from '@landfall/contracts';
import { columnsWith, plantInMessages } from '@landfall/testing';
import { schema } from '../migrations';
import { fulfillmentApp } from '../testing/fulfillment.app';

const { app } = fulfillmentApp();

it('erases a person from every table of this service, and says so', async () => {
  const [subscriptionId, email] = [randomUUID(), 'grace@fabrikam.example'];
  await app.query(
    `insert into fulfillment.calls (request_id, registration, purpose, correlation_id, method, route, subscription_id, started_at, status, error)
     values ($1, 'default', 'reading', 'c', 'GET', '/saas/subscriptions/{subscriptionId}', $2, now(), 400, 'BadArgument: grace@fabrikam.example is unknown')`,
    [randomUUID(), subscriptionId],
  );
  await plantInMessages(app, schema, subscriptionId, email);
  expect(await columnsWith(app, email)).toHaveLength(6);
  await app.sent();

  const person = { erasureId: randomUUID(), tenantId: randomUUID(), objectId: randomUUID() };
  await app.deliver(subscriptionContactErased({ ...person, subscriptionIds: [subscriptionId] }));
  while ((await app.perform()) > 0);
  expect(await columnsWith(app, email)).toEqual([]);
  expect(await app.query('select error from fulfillment.calls')).toEqual([{ error: 'BadArgument: erased is unknown' }]);
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.contact-erased.v1', data: person }]);
});
