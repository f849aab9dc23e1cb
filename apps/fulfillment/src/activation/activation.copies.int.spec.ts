import { activate } from '@landfall/contracts';
import { fulfillmentApp } from '../testing/fulfillment.app';

const { app, marketplace, incoming, performLater } = fulfillmentApp();

it('activates once where two copies of this service look for work at once, also while Microsoft takes its time', async () => {
  marketplace.show({ status: 'PendingFulfillmentStart' });
  marketplace.takingMs = (call) => (call === 'activate' ? 300 : 0);
  const { id: subscriptionId } = marketplace.subscription!;
  await app.deliver(incoming(activate({ subscriptionId, planId: 'silver', quantity: 10, version: 3 })));
  await Promise.all([app.perform(), app.perform(), app.perform()]);
  await performLater();
  expect(marketplace.times('activate')).toBe(1);
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.fulfillment.subscription-observed.v1',
      data: { occasion: 'activation', read: { snapshot: { status: 'Subscribed' } } },
    },
  ]);
  expect(await app.jobs()).toEqual([]);
});
