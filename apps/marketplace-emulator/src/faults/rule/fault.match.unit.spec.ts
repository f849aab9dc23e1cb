import type { FaultContext } from '../fault.context';
import { isInScope } from './fault.match';
import type { FaultScope } from './fault.rule';

const [one, other] = ['10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002'];
const context: FaultContext = {
  surface: 'fulfillment',
  route: 'getOperation',
  method: 'GET',
  subscriptions: [{ subscriptionId: one, offerId: 'contoso', planId: 'gold' }],
  action: 'ChangePlan',
  initiator: 'Azure',
  operationStatus: 'InProgress',
  operationKey: '3/1',
};

it.each<[string, FaultScope, boolean]>([
  ['everything, without a condition', {}, true],
  ['the surface', { surface: ['fulfillment'] }, true],
  ['another surface', { surface: ['metering'] }, false],
  ['one of several routes', { route: ['getSubscription', 'getOperation'] }, true],
  ['another route', { route: ['getSubscription'] }, false],
  ['the method', { method: ['GET'] }, true],
  ['another method', { method: ['PATCH'] }, false],
  ['the subscription', { subscriptionId: [one] }, true],
  ['another subscription', { subscriptionId: [other] }, false],
  ['offer and plan', { offerId: ['contoso'], planId: ['gold'] }, true],
  ['the offer with another plan', { offerId: ['contoso'], planId: ['silver'] }, false],
  ['action and initiator', { action: ['ChangePlan'], initiator: ['Azure'] }, true],
  ['the action of somebody else', { action: ['ChangePlan'], initiator: ['Partner'] }, false],
  ['all conditions but one', { surface: ['fulfillment'], route: ['getOperation'], action: ['Suspend'] }, false],
])('is about %s: %j %s', (_what, scope, expected) => {
  expect(isInScope(scope, context)).toBe(expected);
});

it('is not about a call of which nothing is known, unless it has no conditions', () => {
  const unknownCall = { ...context, route: null, subscriptions: [], action: null, initiator: null };
  for (const scope of [{ route: ['getOperation'] }, { subscriptionId: [one] }, { action: ['ChangePlan'] }] as FaultScope[]) {
    expect(isInScope(scope, unknownCall)).toBe(false);
  }
  expect(isInScope({ surface: ['fulfillment'] }, unknownCall)).toBe(true);
});

it('holds the conditions on the subscription against one and the same of a batch', () => {
  const batch: FaultContext = {
    ...context,
    subscriptions: [
      { subscriptionId: one, offerId: 'contoso', planId: 'gold' },
      { subscriptionId: other, offerId: 'contoso', planId: 'silver' },
    ],
  };
  expect(isInScope({ subscriptionId: [other], planId: ['silver'] }, batch)).toBe(true);
  expect(isInScope({ subscriptionId: [one], planId: ['silver'] }, batch)).toBe(false);
});
