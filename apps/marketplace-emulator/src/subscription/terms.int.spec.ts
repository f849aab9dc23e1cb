import { Publisher } from '../testing/publisher';
import { advance, afterTerm, businessNow, microsoftsWaits, webhooksOf, termDate } from '../testing/timeline';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start({ settings: microsoftsWaits });
});

afterEach(() => publisher.stop());

const change = (id: string, body: object) => publisher.control('PATCH', `/subscriptions/${id}`, body);

/** The next day of a month that is in the future, at 10:00. */
async function goTo(isDay: (date: Date) => boolean): Promise<void> {
  const date = new Date((await businessNow(publisher)) + 36 * 3_600_000);
  date.setUTCHours(10, 0, 0, 0);
  while (!isDay(date)) date.setUTCDate(date.getUTCDate() + 1);
  await advance(publisher, date.toISOString());
}

describe('a subscription that is renewed', () => {
  it.each([
    ['P1M', 'P1Y', 12],
    ['P1Y', 'P3Y', 3],
  ])('of %s sends every renewal in %s, each at midnight with its new term, in its order', async (termUnit, duration, renewals) => {
    const id = await publisher.subscribe({ termUnit });
    let { term } = await publisher.truth(id);
    expect((await advance(publisher, duration)).webhooks).toBe(renewals);
    const webhooks = await publisher.webhooks(renewals);
    for (const { body } of webhooks) {
      const renewedAt = afterTerm({ term });
      term = body.subscription.term;
      expect(body).toMatchObject({
        action: 'Renew',
        status: 'Succeeded',
        subscription: { saasSubscriptionStatus: 'Subscribed', term: { termUnit, startDate: renewedAt } },
      });
      expect(body.timeStamp).toBe(renewedAt.replace('Z', '.0000000Z'));
    }
    expect(await publisher.truth(id)).toMatchObject({
      term: { startDate: term.startDate, endDate: term.endDate },
      pendingOperationId: null,
    });
    expect(publisher.received).toHaveLength(renewals);
  });

  it('keeps the day on which it began: the 31st', async () => {
    await goTo((date) => date.getUTCDate() === 31 && date.getUTCMonth() === 0);
    const id = await publisher.subscribe();
    await advance(publisher, 'P1Y');
    const days = publisher.received.map(({ body }) => (body.subscription.term as { startDate: string }).startDate.slice(5, 10));
    const leap = days.includes('02-29') ? '02-29' : '02-28';
    const others = ['03-31', '04-30', '05-31', '06-30', '07-31', '08-31', '09-30', '10-31', '11-30', '12-31', '01-31'];
    expect(days).toEqual([leap, ...others]);
    expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Subscribed');
  });

  it('keeps the day on which it began: 29 February', async () => {
    await goTo((date) => date.getUTCDate() === 29 && date.getUTCMonth() === 1);
    await publisher.subscribe({ termUnit: 'P1Y' });
    await advance(publisher, 'P4Y');
    const days = publisher.received.map(({ body }) => (body.subscription.term as { startDate: string }).startDate.slice(5, 10));
    expect(days).toEqual(['02-28', '02-28', '02-28', '02-29']);
  });

  it('is not renewed again at the end of a term that was renewed before it was over', async () => {
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/renew`);
    const second = await publisher.truth(id);
    await advance(publisher, termDate(Date.parse(afterTerm(second)) - 30_000));
    expect(webhooksOf(publisher, id)).toHaveLength(1);
    await advance(publisher, 'PT31S');
    expect(webhooksOf(publisher, id)[1]).toEqual({ action: 'Renew', at: afterTerm(second) });
  });
});

describe('at the end of a term', () => {
  let id: string;
  let end: string;

  beforeEach(async () => {
    id = await publisher.subscribe();
    end = afterTerm(await publisher.truth(id));
  });

  it('nothing has happened half a minute before, and it has happened afterwards', async () => {
    await advance(publisher, termDate(Date.parse(end) - 30_000));
    expect(publisher.received).toEqual([]);
    await advance(publisher, 'PT31S');
    expect(webhooksOf(publisher, id)).toEqual([{ action: 'Renew', at: end }]);
  });

  it('a subscription without autoRenew is over, and only Unsubscribe is sent', async () => {
    expect(await change(id, { autoRenew: false })).toMatchObject({ status: 200, body: { autoRenew: false } });
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body.autoRenew).toBe(false);
    await advance(publisher, termDate(Date.parse(end) - 30_000));
    expect([(await publisher.truth(id)).saasSubscriptionStatus, publisher.received]).toEqual(['Subscribed', []]);
    await advance(publisher, 'P1Y');
    expect(webhooksOf(publisher, id)).toEqual([{ action: 'Unsubscribe', at: end }]);
    expect(publisher.received[0]?.body).toMatchObject({
      operationRequestSource: 'Azure',
      status: 'Succeeded',
      subscription: { saasSubscriptionStatus: 'Unsubscribed' },
    });
  });

  it('a subscription whose autoRenew was switched off and on again goes on', async () => {
    await change(id, { autoRenew: false });
    await change(id, { autoRenew: true });
    await advance(publisher, 'P35D');
    expect(webhooksOf(publisher, id)).toEqual([{ action: 'Renew', at: end }]);
  });

  it('a payment that fails suspends instead of renewing, and is caught up on when it comes in', async () => {
    await change(id, { nextPaymentFails: true });
    const { term } = await publisher.truth(id);
    await advance(publisher, end);
    expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Suspended', nextPaymentFails: false, term });
    await advance(publisher, 'P10D');
    const { body } = await publisher.control('POST', `/subscriptions/${id}/reinstate`);
    await advance(publisher, 'PT11S');
    const { settledAt } = await publisher.settled(id, body.operationId);
    expect(webhooksOf(publisher, id).map(({ action }) => action)).toEqual(['Suspend', 'Reinstate', 'Renew']);
    expect(webhooksOf(publisher, id)[0]?.at).toBe(end);
    expect(publisher.received[2]?.body).toMatchObject({ timeStamp: settledAt, subscription: { term: { startDate: end } } });
    const next = afterTerm(await publisher.truth(id));
    await advance(publisher, next);
    expect(webhooksOf(publisher, id).slice(3)).toEqual([{ action: 'Renew', at: next }]);
  });

  it('a suspended subscription neither renews nor ends; what was due takes place when it is reinstated', async () => {
    await advance(publisher, termDate(Date.parse(end) - 5 * 86_400_000));
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await change(id, { autoRenew: false });
    await advance(publisher, 'P10D');
    expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Suspended');
    await publisher.control('POST', `/subscriptions/${id}/reinstate`);
    await advance(publisher, 'PT11S');
    expect(webhooksOf(publisher, id).map(({ action }) => action)).toEqual(['Suspend', 'Reinstate', 'Unsubscribe']);
  });

  it('an open change stays open through a renewal, and takes effect', async () => {
    await publisher.control('PATCH', '/settings', { autoAcceptMs: 600_000 }); // or it might be over before one has looked
    await advance(publisher, termDate(Date.parse(end) - 300_000));
    await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await publisher.webhooks(1);
    await advance(publisher, end);
    expect(await publisher.truth(id)).toMatchObject({ planId: 'silver', pendingOperationId: expect.any(String) });
    await advance(publisher, 'PT10M');
    expect(await publisher.truth(id)).toMatchObject({ planId: 'gold', pendingOperationId: null, term: { startDate: end } });
  });

  it('an open change ends with the subscription', async () => {
    await change(id, { autoRenew: false });
    await advance(publisher, termDate(Date.parse(end) - 5_000));
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await publisher.webhooks(1);
    await advance(publisher, 'P1D');
    expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Failed', settledBy: 'superseded' });
    expect(await publisher.truth(id)).toMatchObject({ planId: 'silver', saasSubscriptionStatus: 'Unsubscribed' });
  });
});

describe('the switches of a renewal', () => {
  it.each([
    ['(body)', {}, 'autoRenew or nextPaymentFails'],
    ['autoRenew', { autoRenew: 'no' }, 'boolean'],
    ['(body)', { autoRenew: true, planId: 'gold' }, 'planId'],
  ])('refuse a wrong %s: %j', async (field, body, problem) => {
    const id = await publisher.subscribe();
    expect(await change(id, body)).toMatchObject({
      status: 400,
      body: { problems: [{ field, problem: expect.stringContaining(problem) }] },
    });
  });

  it('are there only for a subscription that can still end', async () => {
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    expect((await change(id, { autoRenew: false })).status).toBe(409);
    expect((await change('c0a7e1de-0000-4000-8000-000000000000', { autoRenew: false })).status).toBe(404);
  });
});
