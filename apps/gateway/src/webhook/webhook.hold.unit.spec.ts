import type { WebhookRepository } from './webhook.repository';
import { HeldAnswers } from './webhook.hold';
import type { Standing } from './webhook.standing';

const standing: Standing = {
  ...{ deliveryId: 'one', verdict: 'refused', reason: 'no', settled: null },
  ...{ answer: null, isReported: false, isInTime: true },
};

it('learns the decision although the reply to one query is lost', async () => {
  const decided = jest.fn<Promise<Standing[]>, [string[]]>(async () => [standing]);
  decided.mockReturnValueOnce(new Promise(() => undefined));
  const held = new HeldAnswers({ decided } as unknown as WebhookRepository);
  expect(await held.standingOf('one', 30_000, new AbortController().signal)).toEqual(standing);
  expect(decided).toHaveBeenCalledTimes(2);
});

it('asks no further while the replies to several queries are lost, and ends by its limit', async () => {
  const decided = jest.fn<Promise<Standing[]>, [string[]]>(() => new Promise(() => undefined));
  const held = new HeldAnswers({ decided } as unknown as WebhookRepository);
  expect(await held.standingOf('one', 3_000, new AbortController().signal)).toBeNull();
  expect(decided.mock.calls.length).toBeLessThanOrEqual(3);
  expect(held.size).toBe(0);
});
