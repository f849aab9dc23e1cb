import {
  activationFailed,
  cancellationFailed,
  changeFailed,
  purchaseConfirmed,
  subscriptionChangeRequested,
  subscriptionObserved,
  tenantProvisioned,
  type Cause,
} from '@landfall/contracts';
import { aSubscription, at, operationId } from '../testing/subscription.builders';
import { traced, traceOf } from './trace';
import { standingOf, type Transition } from './transition';
import { unchanged } from '../subscription/subscription';

const standing = standingOf(aSubscription());
const transition = (cause: Cause, changes: Partial<Transition> = {}): Transition => ({
  ...{ version: 1, sequence: 1, event: 'landfall.subscription.updated.v1', cause, operationId: null, action: null, reason: null },
  ...{ from: standing, to: standing, changes: [], effectiveAt: null, observedAt: at(10) },
  ...changes,
});
const whoDid = (cause: Cause, type?: string, changes: Partial<Transition> = {}): string => {
  const { actor, onBehalfOf } = traceOf(transition(cause, changes), { ...(type !== undefined && { type }) });
  const named = ({ kind, id }: typeof actor) => (id ? `${kind} ${id}` : kind);
  return onBehalfOf ? `${named(actor)} for ${named(onBehalfOf)}` : named(actor);
};
const asking = { event: subscriptionChangeRequested.type };
const decidedBy = (to: string | null): Partial<Transition> => ({
  ...{ event: 'operation-decided', operationId },
  changes: to ? [{ field: 'operation.decidedBy', from: null, to }] : [],
});

describe('who brought a change about follows from its cause', () => {
  it.each<[string, Cause, string | undefined, Partial<Transition>, string]>([
    ['a customer who came', { source: 'landing' }, undefined, {}, 'customer'],
    ['a customer who confirmed', { source: 'landing', actor: 'grace' }, purchaseConfirmed.type, {}, 'customer grace'],
    ['a tenant that is there', { source: 'landing' }, tenantProvisioned.type, {}, 'product for customer'],
    ['an activation that failed', { source: 'landing' }, activationFailed.type, {}, 'microsoft for customer'],
    ['an activation that is seen', { source: 'landing' }, subscriptionObserved.type, {}, 'microsoft for customer'],
    ['an operator who approves', { source: 'operator', actor: 'olga' }, undefined, {}, 'operator olga for customer'],
    ['a rejection that Microsoft did not carry out', { source: 'operator' }, cancellationFailed.type, {}, 'microsoft for operator'],
    ['an operation of the customer at Microsoft', { source: 'webhook', operationId }, undefined, { operationId }, 'microsoft'],
    ['a request of ours', { source: 'request', actor: 'olga' }, undefined, asking, 'operator olga'],
    ['a request that Microsoft refused', { source: 'request', actor: 'olga' }, changeFailed.type, {}, 'microsoft for operator olga'],
    ['a request of a product', { source: 'request', actor: 'crm' }, undefined, { ...asking, actorKind: 'product' }, 'product crm'],
    [
      'what Microsoft did at that of a product',
      { source: 'request', actor: 'crm', operationId },
      undefined,
      { operationId, actorKind: 'product' },
      'microsoft for product crm',
    ],
    [
      'what Microsoft did at it',
      { source: 'request', actor: 'olga', operationId },
      undefined,
      { operationId },
      'microsoft for operator olga',
    ],
    ['what was requested elsewhere', { source: 'request', operationId }, undefined, { operationId }, 'microsoft'],
    ['a sweep', { source: 'reconciliation' }, subscriptionObserved.type, {}, 'reconciliation'],
    ['a read that nothing explains', { source: 'observed' }, subscriptionObserved.type, {}, 'microsoft'],
    ['a verdict of the product', { source: 'webhook' }, undefined, decidedBy('product'), 'product'],
    ['a verdict of the catalog', { source: 'webhook' }, undefined, decidedBy('catalog'), 'rules'],
    ['a verdict that nobody was asked for', { source: 'request' }, undefined, decidedBy(null), 'rules'],
  ])('%s', (_case, cause, type, changes, expected) => {
    expect(whoDid(cause, type, changes)).toBe(expected);
  });
});

it('takes an id that is no plain text for none: history holds what Postgres can give back', () => {
  const trigger = { correlationId: 'a\u0000b', causationId: 'x'.repeat(201) };
  expect(traceOf(transition({ source: 'observed' }), trigger)).toMatchObject({ correlationId: null, causationId: null });
});

it('gives each decision of a batch its own trace, and an act its reason', () => {
  const change = { ...unchanged(aSubscription(), 150_000), newTransitions: [transition({ source: 'observed' })] };
  const first = traced({ causationId: 'm-1' }, { kind: 'changed', state: change, effects: [] });
  const state = first.kind === 'changed' ? first.state : change;
  const both = { ...state, newTransitions: [...state.newTransitions, transition({ source: 'operator', actor: 'olga' })] };
  expect(traced({ causationId: 'm-2', reason: 'they pay already' }, { kind: 'changed', state: both, effects: [] })).toMatchObject({
    state: {
      newTransitions: [
        { reason: null, trace: { causationId: 'm-1' } },
        { reason: 'they pay already', trace: { causationId: 'm-2' } },
      ],
    },
  });
});
