import { changeFailed, type Settlement } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import * as given from '../testing/subscription.builders';
import type { Subscription, SubscriptionChange } from '../subscription/subscription';
import type { Requested } from './request';
import { requestChange } from './request.domain';

const { requestId, operationId, at } = given;
const toGold: Requested = { action: 'ChangePlan', planId: 'gold', quantity: null };
const toTwelve: Requested = { action: 'ChangeQuantity', planId: null, quantity: 12 };
const cancellation: Requested = { action: 'Unsubscribe', planId: null, quantity: null };
const by = { actor: 'operator-1', actorKind: 'operator' as const, reason: 'Asked by mail.', requestedAt: at(15) };

const request = (change: SubscriptionChange, requested: Requested = toGold, id = requestId, catalog = given.aCatalog()) =>
  requestChange(change, id, requested, by, catalog);
/** A subscription for which something is pending. */
const asked = (requested: Requested = toGold, changes: Partial<Subscription> = {}) =>
  given.changeOf(request(given.loaded(changes), requested));
const announcedFor = (requested: Requested, changes: object = {}) =>
  given.announced({ ...requested, source: 'Partner', timeStamp: null, requestId, ...changes });
/** The same, when Microsoft has named its operation. */
const taken = (requested: Requested = toGold) => given.changeOf(given.decide(asked(requested), announcedFor(requested)));
const endOf = (requested: Requested, settled: Settlement, changes: object = {}) =>
  given.settled({ ...requested, source: 'Partner', settled, read: given.aRead(30), ...changes });
const stateOf = (change: SubscriptionChange) => change.requests.find(({ id }) => id === requestId);

describe('a request', () => {
  it.each([toGold, toTwelve])('changes nothing, tells products of $action, and has Microsoft asked', (requested) => {
    const outcome = request(given.loaded(), requested);
    expect(given.emitted(outcome)).toEqual(['change-requested', 'fulfillment.change-subscription']);
    expect(given.eventOf(outcome, 'change-requested')).toMatchObject({
      requestId,
      requested,
      cause: { source: 'request', actor: 'operator-1' },
    });
    expect(given.subscriptionOf(outcome)).toMatchObject({ planId: 'silver', quantity: 10, status: 'Subscribed' });
    expect(stateOf(given.changeOf(outcome))).toMatchObject({ ...requested, state: 'pending', operationId: null, endedAt: null });
  });

  it('of a cancellation is told with its reason', () => {
    expect(given.eventOf(request(given.loaded(), cancellation), 'cancellation-requested')).toMatchObject({ requestId, reason: by.reason });
  });

  it.each<[string, Partial<Subscription>, Requested, string]>([
    ['another plan, of what has ended', { status: 'Unsubscribed', access: 'ended' }, toGold, 'has ended'],
    ['a cancellation of what has ended', { status: 'Unsubscribed', access: 'ended' }, cancellation, 'has ended'],
    ['another plan while suspended', { status: 'Suspended' }, toGold, 'suspended'],
    ['more seats while suspended', { status: 'Suspended' }, toTwelve, 'suspended'],
    ['another plan before the activation', { status: 'PendingFulfillmentStart' }, toGold, 'not activated'],
    ['a cancellation before the activation', { status: 'PendingFulfillmentStart' }, cancellation, 'rejecting it'],
    ['the plan that it has', { planId: 'gold' }, toGold, 'has the plan gold already'],
    ['the seats that it has', { quantity: 12 }, toTwelve, 'has 12 seats already'],
    ['seats of a flat rate', { quantity: null }, toTwelve, 'flat rate'],
    ['another plan of what a reseller sold', { allowedCustomerOperations: ['Read'] }, toGold, 'no Update'],
    ['more seats of what a reseller sold', { allowedCustomerOperations: ['Read'] }, toTwelve, 'no Update'],
    ['a cancellation of what a reseller sold', { allowedCustomerOperations: ['Read', 'Update'] }, cancellation, 'no Delete'],
    ['a move that the catalog does not allow', { planId: 'bronze' }, toGold, 'not possible'],
    ['seats beyond those of the catalog', {}, { ...toTwelve, quantity: 51 }, 'at most 50 seats'],
  ])('for %s is refused in words, before any call', (_what, changes, requested, words) => {
    expect(request(given.loaded(changes), requested)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(words),
      effects: [],
    });
  });

  it('for a cancellation is taken while suspended, and where Microsoft has not said what is allowed', () => {
    expect(request(given.loaded({ status: 'Suspended' }), cancellation).kind).toBe('changed');
    expect(request(given.loaded({ allowedCustomerOperations: [] }), cancellation).kind).toBe('changed');
  });

  it.each([
    ['a second change', toGold, toTwelve, true],
    ['a second cancellation', cancellation, cancellation, true],
    ['a change beside a cancellation', cancellation, toGold, true],
    ['a cancellation beside a change', toGold, cancellation, false],
  ])('%s: one change and one cancellation at a time (rule 10)', (_what, first, second, isRefused) => {
    const outcome = request(asked(first), second, operationId);
    expect(outcome).toMatchObject(isRefused ? { kind: 'refused', reason: expect.stringContaining(requestId) } : { kind: 'changed' });
  });
});

describe('the operation of a request', () => {
  it('changes nothing while it is open: 202 means received, not done (pitfall 16)', () => {
    const change = taken();
    expect(stateOf(change)).toMatchObject({ state: 'pending', operationId });
    const open = given.decide(change, given.verified({ ...toGold, source: 'Partner' }));
    expect(given.emitted(open)).toEqual(['operation-decided']);
    expect(given.subscriptionOf(open).planId).toBe('silver');
    expect(stateOf(given.changeOf(open))).toMatchObject({ state: 'pending' });
  });

  it.each([
    ['plan-changed', toGold, { planId: 'gold' }],
    ['quantity-changed', toTwelve, { quantity: 12 }],
    ['unsubscribed', cancellation, { status: 'Unsubscribed' }],
  ])('that has succeeded is told once, by %s, with the request as its cause (rule 4)', (event, requested, current) => {
    const outcome = given.decide(taken(requested), endOf(requested, 'Succeeded'));
    expect(given.emitted(outcome)).toEqual([event]);
    expect(given.eventOf(outcome, event)).toMatchObject({ current, cause: { source: 'request', operationId, actor: 'operator-1' } });
    expect(stateOf(given.changeOf(outcome))).toMatchObject({ state: 'succeeded', failure: null });
    expect(given.decide(given.changeOf(outcome), endOf(requested, 'Succeeded')).kind).toBe('ignored');
  });

  it.each([toGold, cancellation])('that has failed is told with Microsoft’s words and code: $action (pitfalls 16 and 21)', (requested) => {
    const failure = { code: '400', message: 'Not possible in this term.' };
    const outcome = given.decide(taken(requested), endOf(requested, 'Failed', { failure }));
    const event = requested === cancellation ? 'cancellation-failed' : 'change-failed';
    expect(given.emitted(outcome)).toEqual([event]);
    expect(given.eventOf(outcome, event)).toMatchObject({
      requestId,
      outcome: 'failed',
      code: '400',
      status: 'Subscribed',
      planId: 'silver',
    });
    expect(stateOf(given.changeOf(outcome))).toMatchObject({ state: 'failed', failure: expect.stringContaining('Not possible') });
  });

  it('that ends as Conflict has changed nothing', () => {
    const outcome = given.decide(taken(), endOf(toGold, 'Conflict'));
    expect(given.eventOf(outcome, 'change-failed')).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('already') });
  });

  it.each(['Vanished', 'Stuck', 'Invisible'] as const)(
    'that ends as %s is unconfirmed when the closing read shows nothing of it (rule 10)',
    (lost) => {
      const waiting = given.decide(taken(), endOf(toGold, lost));
      expect(given.emitted(waiting)).toEqual([]);
      const [order] = given.orders(waiting);
      const outcome = given.decide(given.changeOf(waiting), given.ordered(given.aRead(190), order!));
      expect(given.eventOf(outcome, 'change-failed')).toMatchObject({ outcome: 'unconfirmed' });
      expect(stateOf(given.changeOf(outcome))).toMatchObject({ state: 'unconfirmed' });
    },
  );

  it('that was never shown, and whose effect is, is what the change is booked on (rule 13)', () => {
    const waiting = given.decide(taken(), endOf(toGold, 'Invisible', { timeStamp: at(18) }));
    const [order] = given.orders(waiting);
    const outcome = given.decide(given.changeOf(waiting), given.ordered(given.aRead(190, { planId: 'gold' }), order!));
    expect(given.eventOf(outcome, 'plan-changed')).toMatchObject({ cause: { source: 'request', operationId, actor: 'operator-1' } });
    expect(stateOf(given.changeOf(outcome))).toMatchObject({ state: 'succeeded' });
  });

  it('ends the request, and the value of the record alone does not (rule 10)', () => {
    const shown = given.decide(asked(), given.observed(given.aRead(25, { planId: 'gold' }), 'webhook'));
    expect(given.eventOf(shown, 'plan-changed')).toMatchObject({ cause: { source: 'observed' } });
    expect(stateOf(given.changeOf(shown))).toMatchObject({ state: 'pending' });
    const named = given.decide(given.changeOf(shown), announcedFor(toGold));
    const outcome = given.decide(given.changeOf(named), endOf(toGold, 'Succeeded', { timeStamp: at(18) }));
    expect(given.emitted(outcome)).toEqual([]);
    expect(stateOf(given.changeOf(outcome))).toMatchObject({ state: 'succeeded' });
  });

  it('counts as well when its webhook, or its end, came before our call was answered', () => {
    const early = given.decide(asked(), given.verified({ ...toGold, source: 'Azure' }));
    const settled = given.decide(given.changeOf(early), endOf(toGold, 'Failed', { source: 'Azure' }));
    const outcome = given.decide(given.changeOf(settled), announcedFor(toGold));
    expect(given.eventOf(outcome, 'change-failed')).toMatchObject({ outcome: 'failed' });
  });
});

it('is unconfirmed where its operation was given up before our call was answered', () => {
  const waiting = given.decide(asked(), endOf(toGold, 'Vanished', { source: 'Azure' }));
  const [order] = given.orders(waiting);
  const read = given.decide(given.changeOf(waiting), given.ordered(given.aRead(190), order!));
  const outcome = given.decide(given.changeOf(read), announcedFor(toGold));
  expect(given.eventOf(outcome, 'change-failed')).toMatchObject({ outcome: 'unconfirmed' });
});

describe('a request whose answer was lost (rule 9)', () => {
  it('knows its operation by our source, its target, and that it did not begin before the request', () => {
    const seen = (changes: object) =>
      stateOf(given.changeOf(given.decide(asked(), given.verified({ ...toGold, source: 'Partner', ...changes }))));
    expect(seen({})).toMatchObject({ operationId });
    expect(seen({ timeStamp: at(4) })).toMatchObject({ operationId: null });
    expect(seen({ source: 'Azure' })).toMatchObject({ operationId: null });
    expect(seen({ planId: 'bronze' })).toMatchObject({ operationId: null });
  });

  it('is what the change is booked on that the read shows which was made for it', () => {
    const outcome = given.decide(asked(), given.observed(given.aRead(40, { planId: 'gold', autoRenew: false }), 'request'));
    expect(given.eventOf(outcome, 'plan-changed')).toMatchObject({ cause: { source: 'request', actor: 'operator-1' } });
    expect(given.eventOf(outcome, 'updated')).toMatchObject({ cause: { source: 'observed' } });
    expect(stateOf(given.changeOf(outcome))).toMatchObject({ state: 'succeeded' });
  });

  it('is unconfirmed where nothing was shown of it, once', () => {
    const end = aMessage(
      changeFailed({
        ...given.loaded().subscription,
        subscriptionId: given.subscriptionId,
        requestId,
        outcome: 'unconfirmed',
        reason: 'never shown',
        code: null,
        failedAt: at(90),
      }),
    );
    const outcome = given.decide(asked(), end);
    expect(given.eventOf(outcome, 'change-failed')).toMatchObject({ outcome: 'unconfirmed', reason: 'never shown' });
    expect(given.decide(given.changeOf(outcome), end).kind).toBe('ignored');
  });
});

it('ends all requests with the subscription: the cancellation has come true, and whether the change was done before nobody sees any more (rules 3 and 10)', () => {
  const both = given.changeOf(request(asked(), cancellation, operationId));
  const outcome = given.decide(both, given.observed(given.aRead(40, { status: 'Unsubscribed' })));
  expect(given.emitted(outcome)).toEqual(['unsubscribed', 'change-failed']);
  expect(
    given
      .changeOf(outcome)
      .requests.map(({ action, state }) => [action, state])
      .sort(),
  ).toEqual([
    ['ChangePlan', 'unconfirmed'],
    ['Unsubscribe', 'succeeded'],
  ]);
});

it('is what explains a read also where Microsoft never shows its operation, and only the webhook says when it began (rule 13)', () => {
  const dated = given.decide(taken(), given.announced({ ...toGold, source: 'Partner', timeStamp: at(18) }));
  const shown = given.decide(given.changeOf(dated), given.observed(given.aRead(30, { planId: 'gold' })));
  expect(given.eventOf(shown, 'plan-changed')).toMatchObject({ cause: { source: 'request', operationId } });
  expect(stateOf(given.changeOf(shown))).toMatchObject({ state: 'succeeded' });
});
