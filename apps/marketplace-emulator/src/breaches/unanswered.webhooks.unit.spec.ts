import { limits } from '../limits';
import { aDelivery, after, operationId, startMs } from '../testing/facts';
import type { DeliveryBegan } from './fact';
import { UnansweredWebhooks } from './unanswered.webhooks';

let webhooks: UnansweredWebhooks;

beforeEach(() => {
  webhooks = new UnansweredWebhooks();
});

const began = (changes: Partial<DeliveryBegan> = {}): DeliveryBegan => ({
  kind: 'delivery-began',
  atMs: startMs,
  beganAtMs: startMs,
  operationId,
  attempt: 1,
  isExtra: false,
  ...changes,
});
const waits = () => webhooks.answerWaits(operationId, after(1));

it('sees that the answer waits for the PATCH when it does not come while the PATCH is held', async () => {
  webhooks.began(began());
  expect(await waits()).toBe(true);
});

it('sees that it does not when the answer comes in that time, or nothing comes and the webhook has failed', async () => {
  webhooks.began(began());
  const waiting = waits();
  webhooks.ended(aDelivery(1));
  expect(await waiting).toBe(false);
});

it('sees that it does not when a copy was answered: to the publisher they are the same webhook', async () => {
  webhooks.began(began());
  webhooks.began(began({ isExtra: true }));
  webhooks.ended(aDelivery(1, { kind: 'duplicate' }));
  expect(await waits()).toBe(false);
});

it('sees that it does when no more than a forged one was answered, or a copy was lost', async () => {
  webhooks.began(began());
  webhooks.ended(aDelivery(1, { kind: 'forged', answer: { status: 401, body: '' } }));
  webhooks.ended(aDelivery(1, { kind: 'duplicate', answer: null }));
  expect(await waits()).toBe(true);
});

it.each([
  ['nothing is on its way', undefined],
  ['it is another try of a webhook that the publisher has seen before', began({ attempt: 2 })],
  ['it was sent once more by hand', began({ isExtra: true })],
])('holds nothing when %s', async (_what, fact) => {
  if (fact) webhooks.began(fact);
  expect(await Promise.race([waits(), 'held'])).toBe(false);
});

it('holds nothing when the answer is late anyway, and a refusal has to come in time', async () => {
  webhooks.began(began());
  expect(await webhooks.answerWaits(operationId, startMs + limits.webhookAnswerMs + 1)).toBe(false);
});

it('holds nothing any more when it is cleared', async () => {
  webhooks.began(began());
  const waiting = waits();
  webhooks.clear();
  expect(await waiting).toBe(false);
});
