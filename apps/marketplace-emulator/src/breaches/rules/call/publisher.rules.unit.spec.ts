import { aCall, findings, subscriptionId } from '../../../testing/facts';
import { foreignSubscription } from './publisher.rules';

it('finds a call about the subscription of another application, and nothing in one about an own', () => {
  expect(findings(foreignSubscription, [aCall(1, { isForeign: true, status: 403, subscriptionId })])).toMatchObject([{ subscriptionId }]);
  expect(findings(foreignSubscription, [aCall(1, { subscriptionId })])).toEqual([]);
});
