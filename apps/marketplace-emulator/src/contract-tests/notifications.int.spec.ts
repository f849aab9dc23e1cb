import { Publisher, type ReceivedWebhook } from '../testing/publisher';
import { guid, inWebhook, notification, sevenDigits } from './shapes';

const seats = { planId: 'silver', quantity: 20 };

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.stop());

const act = (id: string, action: string, body?: object) => publisher.control('POST', `/subscriptions/${id}/${action}`, body);
const of = (id: string, action: string) => (webhook: ReceivedWebhook) =>
  webhook.body.subscriptionId === id && webhook.body.action === action;
const webhookOf = async (id: string, action: string, count = 1) => (await publisher.webhooks(count, of(id, action))).at(-1)?.body;

it('ChangePlan names the new plan, and shows the subscription with the old one', async () => {
  const id = await publisher.subscribe(seats);
  await act(id, 'change-plan', { planId: 'gold' });
  expect(await webhookOf(id, 'ChangePlan')).toEqual(
    notification({
      action: 'ChangePlan',
      status: 'InProgress',
      planId: 'gold',
      quantity: 20,
      subscription: inWebhook('Subscribed', seats),
    }),
  );
});

it('after a refusal ChangePlan comes back with what the subscription has', async () => {
  const id = await publisher.subscribe(seats);
  await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 }); // a refusal is in time however busy the machine is
  publisher.answer = ({ planId }) => (planId === 'gold' ? 400 : 200);
  await act(id, 'change-plan', { planId: 'gold' });
  expect(await webhookOf(id, 'ChangePlan', 2)).toEqual(
    notification({ action: 'ChangePlan', status: 'InProgress', ...seats, subscription: inWebhook('Subscribed', seats) }),
  );
});

it('ChangeQuantity names the new seats, and shows the subscription with the old ones', async () => {
  const id = await publisher.subscribe(seats);
  await act(id, 'change-quantity', { quantity: 30 });
  expect(await webhookOf(id, 'ChangeQuantity')).toEqual(
    notification({
      action: 'ChangeQuantity',
      status: 'InProgress',
      planId: 'silver',
      quantity: 30,
      subscription: inWebhook('Subscribed', seats),
    }),
  );
});

it('a change that the publisher requested shows that', async () => {
  const id = await publisher.subscribe(seats);
  await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity: 25 });
  expect(await webhookOf(id, 'ChangeQuantity')).toEqual(
    notification({
      action: 'ChangeQuantity',
      status: 'InProgress',
      operationRequestSource: 'Partner',
      planId: 'silver',
      quantity: 25,
      subscription: inWebhook('Subscribed', seats),
    }),
  );
});

it('Renew carries the new term', async () => {
  const id = await publisher.subscribe(seats);
  const { term } = await publisher.truth(id);
  await act(id, 'renew');
  const renewed = await webhookOf(id, 'Renew');
  expect(renewed).toEqual(notification({ action: 'Renew', status: 'Succeeded', ...seats, subscription: inWebhook('Subscribed', seats) }));
  expect(Date.parse(renewed?.subscription.term.startDate as string) - Date.parse(term.endDate)).toBe(86_400_000);
});

it('Suspend is sent when it has happened, Reinstate before it does', async () => {
  const id = await publisher.subscribe(seats);
  await act(id, 'suspend');
  expect(await webhookOf(id, 'Suspend')).toEqual(
    notification({ action: 'Suspend', status: 'Succeeded', ...seats, subscription: inWebhook('Suspended', seats) }),
  );
  await act(id, 'reinstate');
  expect(await webhookOf(id, 'Reinstate')).toEqual(
    notification({ action: 'Reinstate', status: 'InProgress', ...seats, subscription: inWebhook('Suspended', seats) }),
  );
});

it('Unsubscribe of a flat rate has quantity 1 at the top and none in the subscription', async () => {
  const id = await publisher.subscribe({ offerId: 'contoso-reach', preview: true });
  await act(id, 'unsubscribe');
  const flat = { offerId: 'contoso-reach-preview', planId: 'base' };
  expect(await webhookOf(id, 'Unsubscribe')).toEqual(
    notification({
      action: 'Unsubscribe',
      status: 'Succeeded',
      ...flat,
      quantity: 1,
      subscription: inWebhook('Unsubscribed', { ...flat, quantity: null }),
    }),
  );
});

it('Subscribe announces an automatically activated purchase', async () => {
  const id = await publisher.buy({ planId: 'instant', quantity: 20 });
  const bought = { planId: 'instant', quantity: 20 };
  expect(await webhookOf(id, 'Subscribe')).toEqual(
    notification({ action: 'Subscribe', status: 'Succeeded', ...bought, subscription: inWebhook('Subscribed', bought) }),
  );
});

it('ChangePlan of 2021 has six members, where it is asked for', async () => {
  await publisher.control('PATCH', '/settings', { webhookPayloadVariants: ['minimal-2021'] });
  const id = await publisher.subscribe(seats);
  await act(id, 'change-plan', { planId: 'gold' });
  expect(await webhookOf(id, 'ChangePlan')).toEqual({
    id: guid,
    activityId: guid,
    subscriptionId: id,
    timeStamp: sevenDigits,
    action: 'ChangePlan',
    operationRequestSource: 'Azure',
  });
});
