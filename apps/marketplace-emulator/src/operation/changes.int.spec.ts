import { Publisher, until } from '../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.stop());

describe('a change by the customer', () => {
  it('is refused, from either side, where the new plan does not allow the seats that there are', async () => {
    const id = await publisher.subscribe({ quantity: 5 });
    const byCustomer = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'platinum' });
    expect(byCustomer).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('10 to 100000 seats, and the subscription has 5') },
    });
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { planId: 'platinum' })).status).toBe(400);
    expect((await publisher.truth(id)).operations).toEqual([]);
    const large = await publisher.subscribe({ quantity: 20 });
    expect((await publisher.api('PATCH', `/saas/subscriptions/${large}`, { planId: 'starter' })).status).toBe(202);
    expect(
      (await publisher.api('PATCH', `/saas/subscriptions/${await publisher.subscribe({ quantity: 30 })}`, { planId: 'starter' })).status,
    ).toBe(400);
  });

  it('sends the new plan at the top and the old one in the snapshot, and takes effect when nobody objects in time', async () => {
    await publisher.control('PATCH', '/settings', { autoAcceptMs: 3_000 }); // time to look before it takes effect, however busy the machine is
    const id = await publisher.subscribe({ quantity: 10 });
    const { status, body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    expect(status).toBe(202);
    const [webhook] = await publisher.webhooks(1);
    expect(webhook?.body).toMatchObject({
      id: body.operationId,
      activityId: body.operationId,
      action: 'ChangePlan',
      status: 'InProgress',
      operationRequestSource: 'Azure',
      planId: 'gold',
      quantity: 10,
      subscriptionId: id,
      purchaseToken: null,
      subscription: { planId: 'silver', quantity: 10, saasSubscriptionStatus: 'Subscribed', term: { chargeDuration: null } },
    });
    expect((await publisher.truth(id)).planId).toBe('silver');
    expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
    expect((await publisher.truth(id)).planId).toBe('gold');
  });

  it('takes effect at once when the publisher answers Success', async () => {
    const id = await publisher.subscribe();
    await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 });
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 7 });
    await publisher.webhooks(1);
    const path = `/saas/subscriptions/${id}/operations/${body.operationId}`;
    expect((await publisher.api('GET', path)).body).toMatchObject({ status: 'InProgress', quantity: 7, action: 'ChangeQuantity' });
    expect((await publisher.api('PATCH', path, { status: 'Success' })).status).toBe(200);
    expect((await publisher.api('GET', path)).body.status).toBe('Succeeded');
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body.quantity).toBe(7);
  });

  it('has no effect when the publisher answers Failure, and no compensating webhook follows that', async () => {
    const id = await publisher.subscribe();
    await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 });
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await publisher.webhooks(1);
    await publisher.api('PATCH', `/saas/subscriptions/${id}/operations/${body.operationId}`, { status: 'Failure' });
    expect(await publisher.truth(id)).toMatchObject({
      planId: 'silver',
      pendingOperationId: null,
      operations: [{ status: 'Failed', settledBy: 'publisher' }],
    });
  });

  it('is refused by a 4xx, and a compensating webhook with the current value follows', async () => {
    const id = await publisher.subscribe();
    await publisher.control('PATCH', '/settings', { autoAcceptMs: 3_000 }); // a refusal is in time, however busy the machine is
    publisher.answer = (body) => (body.planId === 'gold' ? 400 : 200);
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Failed', settledBy: 'answer' });
    const [, revert] = await publisher.webhooks(2);
    expect(revert?.body).toMatchObject({
      action: 'ChangePlan',
      status: 'InProgress',
      planId: 'silver',
      subscription: { planId: 'silver' },
    });
    expect(revert?.body.id).not.toBe(body.operationId);
    expect(await publisher.settled(id, revert?.body.id as string)).toMatchObject({ status: 'Succeeded', reverts: body.operationId });
    expect((await publisher.truth(id)).planId).toBe('silver');
  });

  it('is not refused by a 4xx that comes too late', async () => {
    await publisher.control('PATCH', '/settings', { autoAcceptMs: 20 });
    const id = await publisher.subscribe();
    publisher.answer = () => new Promise((resolve) => setTimeout(() => resolve(400), 60));
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
  });

  it('is tried again after a 500 and after silence, with the same id, and fails when the tries are used up', async () => {
    await publisher.control('PATCH', '/settings', { maxRetries: 2, webhookTimeoutMs: 1_000 });
    const id = await publisher.subscribe();
    const answers: (number | 'hang')[] = [500, 'hang', 503];
    publisher.answer = () => answers.shift() ?? 200;
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Failed', settledBy: 'retries-exhausted' });
    expect(publisher.received.map((webhook) => webhook.body.id)).toEqual(Array(3).fill(body.operationId));
    const { deliveries } = (await publisher.control('GET', `/deliveries?subscriptionId=${id}`)).body;
    expect(deliveries).toMatchObject([
      { attempt: 1, answer: { status: 500 }, verdict: 'failed' },
      { attempt: 2, answer: null, error: 'no answer within 1000 ms', verdict: 'failed' },
      { attempt: 3, answer: { status: 503 }, verdict: 'failed' },
    ]);
    expect((await publisher.truth(id)).planId).toBe('silver');
  });

  it('locks the subscription: a second one within the ten seconds is refused, and the first one wins', async () => {
    const id = await publisher.subscribe({ quantity: 2 });
    const first = await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 5 });
    expect(await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 6 })).toMatchObject({ status: 409 });
    expect(await publisher.api('PATCH', `/saas/subscriptions/${id}`, { planId: 'gold' })).toMatchObject({
      status: 400,
      body: { code: 'Failed' },
    });
    expect(await publisher.api('DELETE', `/saas/subscriptions/${id}`)).toMatchObject({ status: 409 });
    await publisher.settled(id, first.body.operationId);
    const second = await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 6 });
    await publisher.settled(id, second.body.operationId);
    expect(await publisher.truth(id)).toMatchObject({ quantity: 6, planId: 'silver' });
  });
});

describe('a change by the publisher', () => {
  it('reads NotStarted, then InProgress with a webhook of source Partner, then Succeeded', async () => {
    await publisher.control('PATCH', '/settings', { operationStartDelayMs: 80 });
    const id = await publisher.subscribe();
    const accepted = await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity: 4 });
    expect(accepted).toMatchObject({ status: 202, body: undefined });
    expect(accepted.headers.get('retry-after')).toBe('10');
    const location = accepted.headers.get('operation-location') as string;
    expect(new URL(location).host).toBe(publisher.emulator.linkHosts[1]);
    expect(location).toContain(accepted.headers.get('operation-id'));
    expect((await publisher.api('GET', location)).body).toMatchObject({ status: 'NotStarted', operationRequestSource: 'Partner' });
    const [webhook] = await publisher.webhooks(1);
    expect(webhook?.body).toMatchObject({
      action: 'ChangeQuantity',
      operationRequestSource: 'Partner',
      quantity: 4,
      subscription: { quantity: 1 },
    });
    await until('Succeeded', async () => (await publisher.api('GET', location)).body.status === 'Succeeded');
    expect((await publisher.truth(id)).quantity).toBe(4);
  });

  it.each([
    ['both fields', { planId: 'gold', quantity: 5 }],
    ['neither field', {}],
    ['an unknown plan', { planId: 'brass' }],
    ['the plan it has', { planId: 'silver' }],
    ['a plan that is no longer sold', { planId: 'bronze' }],
    ['seats beyond the limit', { quantity: 101 }],
    ['the seats it has', { quantity: 1 }],
    ['seats as a text', { quantity: '5' }],
    ['half a seat', { quantity: 1.5 }],
  ])('is refused by 400 for %s', async (_what, body) => {
    const id = await publisher.subscribe();
    expect(await publisher.api('PATCH', `/saas/subscriptions/${id}`, body)).toMatchObject({ status: 400, body: { code: 'BadArgument' } });
  });

  it('is refused by 400 for a subscription that a reseller sold, and so is a cancellation', async () => {
    const id = await publisher.subscribe({ channel: 'csp' });
    expect((await publisher.truth(id)).allowedCustomerOperations).toEqual(['Read']);
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { planId: 'gold' })).status).toBe(400);
    expect((await publisher.api('DELETE', `/saas/subscriptions/${id}`)).status).toBe(400);
  });

  it('is refused by 400 before activation', async () => {
    const id = await publisher.buy();
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { planId: 'gold' })).status).toBe(400);
  });
});

describe('PATCH of an operation', () => {
  it('answers 409 once the operation is settled, 404 for an unknown one, and ignores an unknown word', async () => {
    const id = await publisher.subscribe();
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    const path = `/saas/subscriptions/${id}/operations/${body.operationId}`;
    expect((await publisher.api('PATCH', path, { status: 'Perhaps' })).status).toBe(200);
    await publisher.settled(id, body.operationId);
    expect((await publisher.api('PATCH', path, { status: 'Failure' })).status).toBe(409);
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}/operations/${id}`, { status: 'Success' })).status).toBe(404);
    expect((await publisher.truth(id)).planId).toBe('gold');
  });
});

describe('the list of operations', () => {
  it('holds only what waits for the publisher', async () => {
    const id = await publisher.subscribe();
    expect((await publisher.api('GET', `/saas/subscriptions/${id}/operations`)).body).toEqual({});
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    expect((await publisher.api('GET', `/saas/subscriptions/${id}/operations`)).body).toMatchObject({
      operations: [{ id: body.operationId, status: 'InProgress' }],
    });
    await publisher.settled(id, body.operationId);
    expect((await publisher.api('GET', `/saas/subscriptions/${id}/operations`)).body).toEqual({});
  });
});

it('refuses a plan that is not sold for the term of the subscription', async () => {
  const monthly = await publisher.subscribe({ planId: 'silver' });
  const refused = await publisher.api('PATCH', `/saas/subscriptions/${monthly}`, { planId: 'enterprise' });
  expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining('not available')]);
  const annual = await publisher.subscribe({ planId: 'silver', termUnit: 'P1Y' });
  expect((await publisher.api('PATCH', `/saas/subscriptions/${annual}`, { planId: 'enterprise' })).status).toBe(202);
});
