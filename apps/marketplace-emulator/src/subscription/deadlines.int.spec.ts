import { Publisher } from '../testing/publisher';
import { advance, dayMs, microsoftsWaits, webhooksOf, termDate } from '../testing/timeline';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start({ settings: microsoftsWaits });
});

afterEach(() => publisher.stop());

const truth = (id: string) => publisher.truth(id);
const settings = (changes: object) => publisher.control('PATCH', '/settings', changes);

describe('a purchase that nobody activates', () => {
  let id: string;
  let deadlineMs: number;

  beforeEach(async () => {
    id = await publisher.buy();
    deadlineMs = Date.parse((await truth(id)).created) + 30 * dayMs;
  });

  it('is Unsubscribed thirty days after it was bought, and not half a minute before', async () => {
    await advance(publisher, termDate(deadlineMs - 30_000));
    expect([(await truth(id)).saasSubscriptionStatus, publisher.received]).toEqual(['PendingFulfillmentStart', []]);
    await advance(publisher, 'PT31S');
    expect(webhooksOf(publisher, id)).toEqual([{ action: 'Unsubscribe', at: termDate(deadlineMs) }]);
    const after = await truth(id);
    expect(after).toMatchObject({ saasSubscriptionStatus: 'Unsubscribed', deadline: null });
    expect(after.term).toEqual({ termUnit: 'P1M' }); // it never began (contract 3.2)
    expect((await publisher.api('POST', `/saas/subscriptions/${id}/activate`)).status).toBe(404);
  });

  it('is so without a webhook where that is set', async () => {
    await settings({ activationDeadlineWebhook: 'none' });
    await advance(publisher, 'P31D');
    expect([(await truth(id)).saasSubscriptionStatus, publisher.received]).toEqual(['Unsubscribed', []]);
  });

  it('is activated by an Activate that came in time, even when that takes until after the deadline', async () => {
    await settings({ activationDelayMs: 60_000 });
    await advance(publisher, termDate(deadlineMs - 10_000));
    await publisher.api('POST', `/saas/subscriptions/${id}/activate`);
    await advance(publisher, 'PT20S');
    expect((await truth(id)).saasSubscriptionStatus).toBe('PendingFulfillmentStart');
    await advance(publisher, 'PT50S');
    expect(await truth(id)).toMatchObject({ saasSubscriptionStatus: 'Subscribed', deadline: { what: 'end-of-term' } });
    expect(publisher.received).toEqual([]);
  });

  it('has no such deadline any more once it is activated', async () => {
    await publisher.api('POST', `/saas/subscriptions/${id}/activate`);
    await publisher.untilStatus(id, 'Subscribed');
    await advance(publisher, 'P32D');
    expect(webhooksOf(publisher, id).map(({ action }) => action)).toEqual(['Renew']);
  });
});

describe('a subscription that is not paid', () => {
  let id: string;
  let deadlineMs: number;

  beforeEach(async () => {
    id = await publisher.subscribe({ termUnit: 'P1Y' });
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    const [webhook] = await publisher.webhooks(1);
    const { deadline } = await truth(id);
    deadlineMs = Date.parse(deadline.at);
    expect(deadline.what).toBe('end-of-suspension');
    expect(Math.abs(Date.parse(webhook?.body.timeStamp ?? '') + 30 * dayMs - deadlineMs)).toBeLessThan(1_000);
  });

  const reinstate = async (): Promise<string> => (await publisher.control('POST', `/subscriptions/${id}/reinstate`)).body.operationId;

  it('is Unsubscribed after thirty days of suspension, and not half a minute before', async () => {
    await advance(publisher, termDate(deadlineMs - 30_000));
    expect((await truth(id)).saasSubscriptionStatus).toBe('Suspended');
    await advance(publisher, 'PT31S');
    expect((await truth(id)).saasSubscriptionStatus).toBe('Unsubscribed');
    expect(webhooksOf(publisher, id)[1]).toEqual({ action: 'Unsubscribe', at: termDate(deadlineMs) });
  });

  it('goes on when the payment comes in, and has thirty new days at its next suspension', async () => {
    await advance(publisher, termDate(deadlineMs - dayMs));
    await reinstate();
    await advance(publisher, 'P10D');
    expect((await truth(id)).saasSubscriptionStatus).toBe('Subscribed');
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await advance(publisher, 'P29D');
    expect((await truth(id)).saasSubscriptionStatus).toBe('Suspended');
    await advance(publisher, 'P2D');
    expect(webhooksOf(publisher, id).map(({ action }) => action)).toEqual(['Suspend', 'Reinstate', 'Suspend', 'Unsubscribe']);
  });

  it('is not ended while its Reinstate is on the way, but when that was never received', async () => {
    publisher.answer = ({ action }) => (action === 'Reinstate' ? 503 : 200);
    await advance(publisher, termDate(deadlineMs - 3_600_000));
    const operationId = await reinstate();
    await advance(publisher, 'PT6H');
    expect(await truth(id)).toMatchObject({ saasSubscriptionStatus: 'Suspended', pendingOperationId: operationId });
    // on a busy machine a delivery may take its ten seconds, and the tries after it come later
    const isSettled = async () =>
      (await truth(id)).operations.some(
        (operation: { id: string; settledBy?: string }) => operation.id === operationId && operation.settledBy,
      );
    for (let more = 0; more < 4 && !(await isSettled()); more += 1) await advance(publisher, 'PT4H');
    expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Failed', settledBy: 'retries-exhausted' });
    expect((await truth(id)).saasSubscriptionStatus).toBe('Unsubscribed');
    expect(webhooksOf(publisher, id).at(-1)?.action).toBe('Unsubscribe');
  });

  it('can be cancelled in the meantime, and ends once', async () => {
    await advance(publisher, 'P1D');
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    await advance(publisher, 'P1Y');
    expect(webhooksOf(publisher, id).map(({ action }) => action)).toEqual(['Suspend', 'Unsubscribe']);
  });
});

describe('the refund of a term of a year', () => {
  const cancel = async (id: string) => {
    const { headers } = await publisher.api('DELETE', `/saas/subscriptions/${id}`);
    await advance(publisher, 'PT1S');
    return publisher.settled(id, headers.get('operation-id') as string);
  };
  const refundMs = 72 * 3_600_000;

  it.each([
    ['within 72 hours of the purchase', -30_000, 'Succeeded'],
    ['later than that', 1_000, 'Failed'],
  ])('can be had %s', async (_, afterWindowMs, status) => {
    const id = await publisher.subscribe({ termUnit: 'P1Y' });
    await advance(publisher, termDate(Date.parse((await truth(id)).created) + refundMs + afterWindowMs));
    expect((await cancel(id)).status).toBe(status);
    expect((await truth(id)).saasSubscriptionStatus).toBe(status === 'Succeeded' ? 'Unsubscribed' : 'Subscribed');
  });

  it.each([
    ['within 72 hours of a renewal', -30_000, 'Succeeded'],
    ['later than that', 1_000, 'Failed'],
  ])('can be had %s', async (_, afterWindowMs, status) => {
    const id = await publisher.subscribe({ termUnit: 'P1Y' });
    const { deadline } = await truth(id);
    await advance(publisher, termDate(Date.parse(deadline.at) + refundMs + afterWindowMs));
    expect((await cancel(id)).status).toBe(status);
  });

  it('does not matter for a term of a month', async () => {
    const id = await publisher.subscribe();
    await advance(publisher, 'P10D');
    expect((await cancel(id)).status).toBe('Succeeded');
  });
});
