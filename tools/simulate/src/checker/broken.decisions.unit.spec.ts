import { activate, activationFailed, purchaseConfirmed, purchaseResolved, subscriptionUnsubscribed } from '@landfall/contracts';
import type * as Fulfillment from '@landfall/fulfillment/decisions';
import { ignored, type Outcome } from '@landfall/messaging';
import { TenantConsumer } from '@landfall/provisioning/decisions';
import { SubscriptionConsumer, type SubscriptionChange } from '@landfall/subscription/decisions';
import { simulate } from '../run';
import { drawnScenario } from '../scenario/scenario';
import { check } from './check';

const mockBroken: { askingFor?: typeof Fulfillment.askingFor } = {};
jest.mock('@landfall/fulfillment/decisions', () => {
  const real = jest.requireActual<typeof Fulfillment>('@landfall/fulfillment/decisions');
  return { ...real, askingFor: (...about: Parameters<typeof Fulfillment.askingFor>) => (mockBroken.askingFor ?? real.askingFor)(...about) };
});

afterEach(() => {
  jest.restoreAllMocks();
  delete mockBroken.askingFor;
});

type Decide = (state: never, message: never, facts: never) => Outcome<unknown>;

/** Replaces one decision in the table of a consumer. */
function breakDecision(consumer: { prototype: object }, table: string, type: string, broken: (real: Decide) => Decide): void {
  const prototype = consumer.prototype as Record<string, () => { decide: Record<string, Decide> }>;
  const real = prototype[table]!;
  jest.spyOn(prototype, table).mockImplementation(function (this: unknown) {
    const stages = real.call(this);
    return { ...stages, decide: { ...stages.decide, [type]: broken(stages.decide[type]!) } };
  });
}

/** What the checker finds in the runs of the first seeds, by kind and what it is about, until it has found all that is wanted. */
function found(...wanted: string[]): string[] {
  const known = new Set<string>();
  for (let seed = 1; seed <= 400 && !(wanted.length > 0 && wanted.every((one) => known.has(one))); seed++)
    for (const { kind, about } of check(simulate(drawnScenario(seed)))) known.add(`${kind} ${about}`);
  return wanted.length > 0 ? wanted.filter((one) => known.has(one)) : [...known];
}

describe('a decision that is wrong is found:', () => {
  it('none is, as they are', () => expect(found()).toEqual([]));

  it('Activate as soon as a purchase is registered', () => {
    breakDecision(SubscriptionConsumer, 'onFulfillmentEvents', purchaseResolved.type, (real) => (state, message, facts) => {
      const outcome = real(state, message, facts) as Outcome<SubscriptionChange>;
      if (outcome.kind !== 'changed') return outcome;
      const { id: subscriptionId, planId, quantity, version } = outcome.state.subscription;
      return { ...outcome, effects: [...outcome.effects, activate({ subscriptionId, planId, quantity, version })] };
    });
    expect(found('activated-unasked status', 'activated-unasked tenant')).toHaveLength(2);
  });

  it('a failed activation that nobody is told of', () => {
    breakDecision(SubscriptionConsumer, 'onFulfillmentEvents', activationFailed.type, () => () => ignored('broken'));
    expect(found('set-up stage')).toHaveLength(1);
  });

  it('a confirmation that counts each time', () => {
    breakDecision(SubscriptionConsumer, 'onGatewayEvents', purchaseConfirmed.type, (real) => (state, message, facts) => {
      const change = state as SubscriptionChange | undefined;
      const unconfirmed = change && { ...change, subscription: { ...change.subscription, stage: 'awaiting-customer' } };
      return real(unconfirmed as never, message, facts);
    });
    expect(found('told-twice confirmed')).toHaveLength(1);
  });

  it('a tenant that stays after the end of a subscription that was never used', () => {
    breakDecision(TenantConsumer, 'onSubscriptionEvents', subscriptionUnsubscribed.type, () => () => ignored('broken'));
    expect(found('set-up tenant')).toHaveLength(1);
  });

  it('a webhook at another publisher’s address that is followed with that publisher’s token', () => {
    mockBroken.askingFor = ({ registration = 'default' }) => ({ kind: 'through', registration });
    expect(found('other-registration Get Operation', 'other-registration Get Subscription')).toHaveLength(2);
  });
});
