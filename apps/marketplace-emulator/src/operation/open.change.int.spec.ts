import { Publisher } from '../testing/publisher';

let publisher: Publisher;

afterEach(() => publisher.stop());

const start = async (openChangeAtSuspend: 'ends' | 'stays') => {
  publisher = await Publisher.start({ settings: { openChangeAtSuspend, autoAcceptMs: 3_600_000 } });
};
const act = async (id: string, action: string, body?: object) => {
  const answer = await publisher.control('POST', `/subscriptions/${id}/${action}`, body);
  expect(answer.status).toBe(202);
  return answer.body.operationId as string;
};
const webhookOf = (operationId: string) => publisher.webhooks(1, ({ body }) => body.id === operationId);
const patch = (id: string, operationId: string) =>
  publisher.api('PATCH', `/saas/subscriptions/${id}/operations/${operationId}`, { status: 'Success' });

it('ends without effect when the subscription is suspended', async () => {
  await start('ends');
  const id = await publisher.subscribe({ quantity: 5 });
  const change = await act(id, 'change-quantity', { quantity: 9 });
  await webhookOf(change);
  await act(id, 'suspend');
  expect(await publisher.settled(id, change)).toMatchObject({ status: 'Failed', settledBy: 'superseded' });
  expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Suspended', quantity: 5, pendingOperationId: null });
});

describe('where it stays open', () => {
  it('ends later with its effect, while the subscription is Suspended, by the ten seconds or by the publisher', async () => {
    await start('stays');
    for (const way of ['ten-seconds', 'publisher'] as const) {
      const id = await publisher.subscribe({ quantity: 5 });
      const change = await act(id, 'change-quantity', { quantity: 9 });
      await webhookOf(change);
      await act(id, 'suspend');
      expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Suspended', quantity: 5, pendingOperationId: change });
      if (way === 'publisher') expect((await patch(id, change)).status).toBe(200);
      else await publisher.control('POST', '/clock/advance', { duration: 'PT2H' });
      expect(await publisher.settled(id, change)).toMatchObject({ status: 'Succeeded', settledBy: way });
      expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Suspended', quantity: 9, pendingOperationId: null });
    }
  });

  it('lets the payment come in, and locks the subscription until it ends itself', async () => {
    await start('stays');
    const id = await publisher.subscribe({ quantity: 5 });
    const change = await act(id, 'change-quantity', { quantity: 9 });
    await webhookOf(change);
    await act(id, 'suspend');
    const reinstate = await act(id, 'reinstate');
    await webhookOf(reinstate);
    expect((await publisher.control('POST', `/subscriptions/${id}/reinstate`)).status).toBe(409);
    expect((await publisher.api('DELETE', `/saas/subscriptions/${id}`)).status).toBe(409);
    expect((await patch(id, reinstate)).status).toBe(200);
    expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Subscribed', quantity: 5, pendingOperationId: change });
    expect((await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' })).status).toBe(409);
    expect((await patch(id, change)).status).toBe(200);
    expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Subscribed', quantity: 9, pendingOperationId: null });
  });

  it('lets no payment come in beside a cancellation, which alone is open then', async () => {
    await start('stays');
    await publisher.control('PATCH', '/settings', { operationStartDelayMs: 3_600_000 });
    const id = await publisher.subscribe();
    await act(id, 'suspend');
    expect((await publisher.api('DELETE', `/saas/subscriptions/${id}`)).status).toBe(202);
    expect((await publisher.control('POST', `/subscriptions/${id}/reinstate`)).status).toBe(409);
  });

  it('ends without effect when the subscription does, and a Reinstate beside it', async () => {
    await start('stays');
    const id = await publisher.subscribe({ quantity: 5 });
    const change = await act(id, 'change-quantity', { quantity: 9 });
    await act(id, 'suspend');
    const reinstate = await act(id, 'reinstate');
    await act(id, 'unsubscribe');
    for (const operationId of [change, reinstate])
      expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Failed', settledBy: 'superseded' });
    expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Unsubscribed', quantity: 5, pendingOperationId: null });
  });
});
