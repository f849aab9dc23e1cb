import { changeFailed, settlement, type Message } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import * as fc from 'fast-check';
import * as given from '../testing/subscription.builders';
import type { SubscriptionChange } from '../subscription/subscription';
import type { Requested } from './request';
import { requestChange } from './request.domain';

fc.configureGlobal({ seed: 1 });

const { requestId, subscriptionId, at } = given;
const targets: readonly Requested[] = [
  { action: 'ChangePlan', planId: 'gold', quantity: null },
  { action: 'ChangeQuantity', planId: null, quantity: 12 },
  { action: 'Unsubscribe', planId: null, quantity: null },
];

type News = (requested: Requested, index: number) => Message;
const reached = ({ action, planId, quantity }: Requested) => ({
  ...(planId && { planId }),
  ...(quantity && { quantity }),
  ...(action === 'Unsubscribe' && { status: 'Unsubscribed' as const }),
});

/** What may come about a request, in whatever order, and however often. */
const news: readonly News[] = [
  (requested) => given.announced({ ...requested, source: 'Partner', timeStamp: null, requestId }),
  (requested) => given.announced({ ...requested, source: 'Partner' }),
  (requested, index) => given.verified({ ...requested, source: 'Partner', read: given.aRead(20 + index) }),
  ...settlement.options.map(
    (settled): News =>
      (requested, index) =>
        given.settled({ ...requested, source: 'Partner', settled, read: given.aRead(20 + index) }),
  ),
  (_requested, index) => given.observed(given.aRead(20 + index)),
  (requested, index) => given.observed(given.aRead(20 + index, reached(requested)), 'request'),
  (_requested, index) =>
    aMessage(
      changeFailed({ subscriptionId, requestId, outcome: 'unconfirmed', reason: 'never shown', code: null, failedAt: at(20 + index) }),
    ),
  (_requested, index) => given.ordered(given.aRead(200 + index), { order: 2, closes: [] }),
];

const told = (types: readonly string[], ...kinds: string[]): number => types.filter((type) => kinds.includes(type)).length;

it('ends at most once, in whatever order its news comes, and is told as it ended (rules 4 and 10)', () => {
  const orders = fc.array(fc.nat({ max: news.length - 1 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...targets), orders, (requested, order) => {
      const by = { actor: 'operator-1', actorKind: 'operator' as const, reason: 'Asked by mail.', requestedAt: at(15) };
      let change: SubscriptionChange = given.changeOf(requestChange(given.loaded(), requestId, requested, by, given.aCatalog()));
      const types: string[] = [];
      const states: string[] = [];
      for (const [index, which] of order.entries()) {
        const outcome = given.decide(change, news[which]!(requested, index));
        types.push(...given.emitted(outcome));
        if (outcome.kind === 'changed') change = outcome.state;
        states.push(change.requests[0]!.state);
      }
      const ends = new Set(states.filter((state) => state !== 'pending'));
      const end = states.at(-1)!;
      const done = told(types, 'plan-changed', 'quantity-changed', 'unsubscribed');
      expect(ends.size).toBeLessThanOrEqual(1);
      expect(told(types, 'change-failed', 'cancellation-failed')).toBe(end === 'failed' || end === 'unconfirmed' ? 1 : 0);
      if (end === 'succeeded') expect(done).toBe(1);
    }),
    { numRuns: 2_000 },
  );
});
