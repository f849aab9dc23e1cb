import { Publisher } from '../testing/publisher';
import { advance, afterTerm, microsoftsWaits, webhooksOf, termDate } from '../testing/timeline';

let publisher: Publisher;
let id: string;
let end: string;

const change = (body: object) => publisher.control('PATCH', `/subscriptions/${id}`, body);
const truth = () => publisher.truth(id);

/** Starter has a free month; a purchase of it with a term of a year becomes a paid year afterwards. */
beforeEach(async () => {
  publisher = await Publisher.start({ settings: microsoftsWaits });
  id = await publisher.subscribe({ planId: 'starter', trial: true, termUnit: 'P1Y' });
  end = afterTerm(await truth());
});

afterEach(() => publisher.stop());

it('lasts for a month, and becomes paid by itself without a webhook', async () => {
  const { term } = await truth();
  expect(Date.parse(end) - Date.parse(term.startDate)).toBeLessThanOrEqual(31 * 86_400_000);
  await advance(publisher, termDate(Date.parse(end) - 30_000));
  expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body).toMatchObject({ isFreeTrial: true, term });
  await advance(publisher, 'PT31S');
  const { body } = await publisher.api('GET', `/saas/subscriptions/${id}`);
  expect(body).toMatchObject({ isFreeTrial: false, saasSubscriptionStatus: 'Subscribed', term: { startDate: end, termUnit: 'P1Y' } });
  expect(Date.parse(body.term.endDate) - Date.parse(end)).toBeGreaterThan(363 * 86_400_000);
  expect(publisher.received).toEqual([]);
  await advance(publisher, 'P1Y');
  expect(webhooksOf(publisher, id)).toEqual([{ action: 'Renew', at: afterTerm(body) }]);
});

it('announces its end by Renew where that is set', async () => {
  await publisher.control('PATCH', '/settings', { renewAtTrialEnd: 'sent' });
  await advance(publisher, end);
  expect(webhooksOf(publisher, id)).toEqual([{ action: 'Renew', at: end }]);
  expect(publisher.received[0]?.body.subscription).toMatchObject({ isFreeTrial: false, term: { startDate: end } });
});

it('ends the subscription where the customer does not want to go on', async () => {
  await change({ autoRenew: false });
  await advance(publisher, end);
  expect(webhooksOf(publisher, id)).toEqual([{ action: 'Unsubscribe', at: end }]);
});

it('ends in a suspension where the first payment does not come in', async () => {
  await change({ nextPaymentFails: true });
  await advance(publisher, end);
  expect(webhooksOf(publisher, id)).toEqual([{ action: 'Suspend', at: end }]);
  expect(await truth()).toMatchObject({ saasSubscriptionStatus: 'Suspended', isFreeTrial: false });
});

it('can be cancelled by the publisher at any time', async () => {
  await advance(publisher, 'P10D');
  await publisher.api('DELETE', `/saas/subscriptions/${id}`);
  await advance(publisher, 'PT1S');
  expect((await truth()).saasSubscriptionStatus).toBe('Unsubscribed');
});

it('cannot be made a paid one before its end', async () => {
  const { status, body } = await publisher.control('POST', `/subscriptions/${id}/renew`);
  expect({ status, body }).toMatchObject({ status: 409, body: { error: expect.stringContaining('free trial') } });
});

it('ends at once with a change to a plan that has none, and the paid term begins', async () => {
  await advance(publisher, 'P10D');
  await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  await advance(publisher, 'PT11S');
  const { body } = await publisher.control('GET', '/clock');
  const after = await truth();
  expect(after).toMatchObject({ planId: 'gold', isFreeTrial: false, term: { startDate: `${body.now.slice(0, 10)}T00:00:00Z` } });
  await advance(publisher, 'P1Y');
  expect(webhooksOf(publisher, id).map(({ action }) => action)).toEqual(['ChangePlan', 'Renew']);
});

it('goes on with the days that are left after a refused change, and after one to another plan with a trial', async () => {
  const withTrial = await publisher.control('PATCH', `/offers/${publisher.emulator.perSeatOfferId}/plans/gold`, { hasFreeTrials: true });
  expect(withTrial.status).toBe(200);
  await advance(publisher, 'P10D');
  publisher.answer = ({ planId }) => (planId === 'silver' ? 400 : 200);
  for (const planId of ['silver', 'gold']) {
    await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId });
    await advance(publisher, 'PT30S');
  }
  expect(await truth()).toMatchObject({ planId: 'gold', isFreeTrial: true });
  expect(afterTerm(await truth())).toBe(end);
  await advance(publisher, end);
  expect(await truth()).toMatchObject({ isFreeTrial: false, term: { startDate: end } });
});
