import { limits } from '../../limits';
import { aCall, after, aSubscription, findings, subscriptionId } from '../../testing/facts';
import { activateWithoutResolve } from './activation.rules';

const pending = aSubscription({ status: 'PendingFulfillmentStart' });
const activate = (seconds: number, subscription = pending) =>
  aCall(seconds, {
    route: 'activateSubscription',
    method: 'POST',
    subscriptionId: subscription.id,
    before: { subscription, operation: undefined, answerWaits: false },
  });
const resolve = (seconds: number, id = subscriptionId) =>
  aCall(seconds, { route: 'resolveSubscription', method: 'POST', purchaseToken: { subscriptionId: id } });
const list = (seconds: number) => aCall(seconds, { route: 'listSubscriptions' });

describe('Activate without Resolve', () => {
  it('is a breach', () => {
    expect(findings(activateWithoutResolve, [activate(2)])).toMatchObject([{ subject: subscriptionId, severity: 'breach' }]);
  });

  it('is advice where the purchase is known from the list', () => {
    expect(findings(activateWithoutResolve, [list(2), activate(3)])).toMatchObject([{ severity: 'advice' }]);
    expect(findings(activateWithoutResolve, [list(0), activate(3)])).toMatchObject([{ severity: 'breach' }]);
  });

  it('is none after a Resolve, also where a fault has answered it', () => {
    expect(findings(activateWithoutResolve, [resolve(2), activate(3)])).toEqual([]);
    expect(findings(activateWithoutResolve, [{ ...resolve(2), status: 500, faultId: 'f' }, activate(3)])).toEqual([]);
  });

  it('is none for what is active already: the plan is activated automatically', () => {
    expect(findings(activateWithoutResolve, [activate(3, aSubscription())])).toEqual([]);
  });

  it('is not judged for a purchase of before the start, or of so long ago that its Resolve may be forgotten', () => {
    expect(findings(activateWithoutResolve, [activate(3)], { sinceMs: after(2) })).toEqual([]);
    const others = Array.from({ length: limits.rememberedPerRule }, (_, index) => resolve(3, `other-${index}`));
    expect(findings(activateWithoutResolve, [resolve(2), ...others, activate(4)])).toEqual([]);
  });
});
