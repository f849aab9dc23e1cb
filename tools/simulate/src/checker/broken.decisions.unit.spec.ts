import {
  activate,
  activationFailed,
  cancellationFailed,
  emptyCatalog,
  operationSettled,
  operationVerified,
  purchaseConfirmed,
  purchaseResolved,
  subscriptionUnsubscribed,
  type Message,
  type MessageOf,
} from '@landfall/contracts';
import type * as Fulfillment from '@landfall/fulfillment/decisions';
import { ignored, type Outcome } from '@landfall/messaging';
import { TenantConsumer } from '@landfall/provisioning/decisions';
import { SubscriptionConsumer, type SubscriptionChange } from '@landfall/subscription/decisions';
import { allFaults } from '../microsoft/faults';
import { simulate } from '../run';
import { drawnScenario } from '../scenario/scenario';
import { check } from './check';
import { isAvoidable } from './violation';

const mockBroken: { askingFor?: typeof Fulfillment.askingFor } = {};
jest.mock('@landfall/fulfillment/decisions', () => {
  const real = jest.requireActual<typeof Fulfillment>('@landfall/fulfillment/decisions');
  return { ...real, askingFor: (...about: Parameters<typeof Fulfillment.askingFor>) => (mockBroken.askingFor ?? real.askingFor)(...about) };
});

let faults = allFaults;
afterEach(() => {
  faults = allFaults;
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

const realSettlement = new SubscriptionConsumer(undefined as never, undefined as never, 150_000, {
  current: emptyCatalog,
}).onFulfillmentEvents().decide[operationSettled.type] as Decide;

/** What the checker finds in the runs of the first seeds, by kind and what it is about, until it has found all that is wanted. */
function found(...wanted: string[]): string[] {
  const known = new Set<string>();
  for (let seed = 1; seed <= 400 && !(wanted.length > 0 && wanted.every((one) => known.has(one))); seed++)
    for (const { kind, about } of check(simulate(drawnScenario(seed, faults))).filter(isAvoidable)) known.add(`${kind} ${about}`);
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

  it('a refusal that is told when we decide, before Microsoft shows it (rule 8)', () => {
    breakDecision(SubscriptionConsumer, 'onFulfillmentEvents', operationVerified.type, (real) => (state, message, facts) => {
      const outcome = real(state, message, facts) as Outcome<SubscriptionChange>;
      if (outcome.kind !== 'changed') return outcome;
      const isRefused = outcome.effects.some((effect) => 'data' in effect && (effect.data as { verdict?: string }).verdict === 'refused');
      if (!isRefused) return outcome;
      const failed = operationSettled({ ...(message as MessageOf<typeof operationVerified>).data, settled: 'Failed', read: null });
      const told = realSettlement(outcome.state as never, { ...(message as Message), ...failed } as never, undefined as never);
      return told.kind === 'changed' ? { ...told, effects: [...outcome.effects, ...told.effects] } : outcome;
    });
    expect(found('refusal-untrue change-refused')).toHaveLength(1);
  });

  it('a verdict that is forgotten when the operation ends (rule 8)', () => {
    breakDecision(SubscriptionConsumer, 'onFulfillmentEvents', operationSettled.type, (real) => (state, message, facts) => {
      const change = state as SubscriptionChange | undefined;
      const forgotten = change && {
        ...change,
        operations: change.operations.map((one) => ({ ...one, verdict: 'accepted', reason: null })),
      };
      return real(forgotten as never, message, facts);
    });
    expect(found('refusal-untold ChangePlan')).toHaveLength(1);
    faults = { ...allFaults, answerLost: 1, patchFails: 1 }; // Microsoft does all the same what we refuse
    expect(found('overruled-untold plan-changed')).toHaveLength(1);
  });

  it('a purchase that is set up although it waits for an approval', () => {
    breakDecision(SubscriptionConsumer, 'onGatewayEvents', purchaseConfirmed.type, (real) => (state, message, facts) => {
      const change = state as SubscriptionChange | undefined;
      const elsewhere = change && { ...change, subscription: { ...change.subscription, offerId: 'not in the catalog' } };
      return real(elsewhere as never, message, facts);
    });
    expect(found('activated-unasked approval')).toHaveLength(1);
  });

  it('a failed cancellation that nobody is told of', () => {
    breakDecision(SubscriptionConsumer, 'onFulfillmentEvents', cancellationFailed.type, () => () => ignored('broken'));
    faults = { ...allFaults, activateVoid: 1 };
    expect(found('set-up stage')).toHaveLength(1);
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
