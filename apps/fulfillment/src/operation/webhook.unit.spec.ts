import {
  anOpenOperation,
  anOperation,
  anOperationReading,
  anUnreadableWebhook,
  aRead,
  aWebhook,
  deliveryId,
  notShown,
  operationId,
  pace,
  receivedAt,
  seen,
  shown,
  subscriptionId,
  timeStamp,
} from '../testing/samples';
import type { Operation } from './operation';
import * as webhook from './webhook.domain';
import { lookForUnnamed, unnamedBy } from './webhook.domain';

/** Without the jobs that a read of an active subscription overtakes: `observation/overtaken.int.spec.ts` tells of these. */
const told = <O extends { readonly effects: readonly object[] }>(outcome: O): O => ({
  ...outcome,
  effects: outcome.effects.filter((effect) => !('overtaken' in effect)),
});
const takeUp = (...given: Parameters<typeof webhook.takeUp>) => told(webhook.takeUp(...given));
const takeUpUnnamed = (...given: Parameters<typeof webhook.takeUpUnnamed>) => told(webhook.takeUpUnnamed(...given));
const first = (differing: Partial<ReturnType<typeof seen>> = {}) => ({ ...seen(differing), pace, outstanding: [] });
const listed = (differing: object = {}) => ({ ...anOperationReading(), operationId, ...differing });

describe('a webhook', () => {
  it('is taken up as what it announces, and followed by a job that waits for nothing', () => {
    expect(takeUp(undefined, aWebhook(), first({ operation: notShown }))).toMatchObject({
      kind: 'changed',
      state: { subscriptionId, operationId, action: 'ChangePlan', planId: 'gold', quantity: null, timeStamp, status: null, settled: null },
      effects: [
        { type: 'landfall.fulfillment.operation-announced.v1' },
        { type: 'landfall.fulfillment.subscription-observed.v1' },
        { kind: 'follow-operation', key: `operation:${subscriptionId}/${operationId}/ChangePlan`, afterMs: 250 },
      ],
    });
  });

  it('takes over what the webhook of another registration named first and never saw, also where that was given up, and nothing that was seen to end', () => {
    const named = (settled: Operation['settled']) => anOperation({ registration: 'fabrikam', settled });
    for (const settled of [null, 'Invisible', 'Vanished'] as const)
      expect(takeUp(named(settled), aWebhook(), first())).toMatchObject({
        kind: 'changed',
        state: { registration: 'default', settled: null },
      });
    expect(takeUp(named('Succeeded'), aWebhook(), first())).toMatchObject({ kind: 'ignored' });
    expect(takeUp(named('Invisible'), aWebhook(), first({ read: null }))).toMatchObject({ kind: 'ignored' });
  });

  it('whose operation has ended by the first look is done with it', () => {
    const outcome = takeUp(
      undefined,
      aWebhook({ action: 'Suspend' }),
      first({ operation: shown({ action: 'Suspend', status: 'Succeeded' }) }),
    );
    expect(outcome).toMatchObject({ state: { settled: 'Succeeded' }, effects: [{ type: 'landfall.fulfillment.operation-verified.v1' }] });
  });

  it('about an operation that is followed already changes nothing (rule 4)', () => {
    expect(takeUp(anOpenOperation(), aWebhook(), first())).toMatchObject({ kind: 'ignored', effects: [] });
    expect(takeUp(anOperation({ receivedAt }), aWebhook(), first())).toMatchObject({ kind: 'ignored', effects: [] });
  });

  it('begins the wait anew, once, for what something else had named and Microsoft has not shown so far: it may do it only now (contract 4.5)', () => {
    const named = anOperation({ source: 'Partner', receivedAt: null, answeredAt: null, ageMs: 149_000, receivedMs: 149_000 });
    const webhook = aWebhook({ source: 'Partner', answeredAt: receivedAt });
    const outcome = takeUp(named, webhook, first({ operation: notShown }));
    expect(outcome).toMatchObject({
      kind: 'changed',
      state: { receivedAt, answeredAt: receivedAt, ageMs: 0, settled: null },
      effects: [{ kind: 'follow-operation' }],
    });
    const held = takeUp(named, aWebhook({ source: 'Partner' }), first({ operation: notShown }));
    expect(held).toMatchObject({ kind: 'changed', state: { receivedAt, answeredAt: null } });
    if (held.kind !== 'changed') return;
    expect(takeUp(held.state, aWebhook({ source: 'Partner' }), first({ operation: notShown }))).toMatchObject({ kind: 'ignored' });
    expect(takeUp({ ...named, registration: 'fabrikam' }, webhook, first({ read: null }))).toMatchObject({ kind: 'ignored' });
  });

  it('that was answered when it was stored is acknowledged as soon as it is decided, and waits for no second message', () => {
    const answeredAt = receivedAt;
    expect(takeUp(undefined, aWebhook({ answeredAt }), first())).toMatchObject({ state: { answeredAt } });
    expect(takeUp(undefined, aWebhook(), first())).toMatchObject({ state: { answeredAt: null } });
    const known = anOpenOperation({ verdict: 'accepted' }); // listed as outstanding, and decided, before its webhook came
    expect(takeUp(known, aWebhook({ answeredAt }), first())).toMatchObject({
      kind: 'changed',
      state: { answeredAt },
      effects: [{ kind: 'follow-operation' }],
    });
    expect(takeUp({ ...known, answeredAt }, aWebhook({ answeredAt }), first())).toMatchObject({ kind: 'ignored', effects: [] });
  });

  it('that was answered lets be looked at anew what was given up: Microsoft may decide now (contract 4.5)', () => {
    expect(takeUp(anOperation({ settled: 'Invisible' }), aWebhook({ answeredAt: receivedAt }), first())).toMatchObject({
      state: { settled: null, answeredAt: receivedAt },
      effects: [{ kind: 'follow-operation' }],
    });
  });

  it('at the address of another registration answers nothing', () => {
    const known = anOpenOperation({ registration: 'fabrikam', settled: 'Succeeded' });
    expect(takeUp(known, aWebhook({ answeredAt: receivedAt }), first())).toMatchObject({ kind: 'ignored' });
  });

  it('says when an operation began that Microsoft named in its answer to our call and does not show: that is passed on, and explains what is read', () => {
    const named = anOperation({ source: 'Partner', timeStamp: null });
    expect(takeUp(named, aWebhook({ source: 'Partner' }), first({ operation: notShown }))).toMatchObject({
      kind: 'changed',
      state: { timeStamp },
      effects: [{ type: 'landfall.fulfillment.operation-announced.v1', data: { timeStamp } }],
    });
    expect(takeUp(named, aWebhook({ source: 'Partner', answeredAt: receivedAt }), first({ operation: notShown }))).toMatchObject({
      state: { timeStamp, answeredAt: receivedAt },
      effects: [{ type: 'landfall.fulfillment.operation-announced.v1' }],
    });
    expect(takeUp({ ...named, status: 'InProgress' }, aWebhook(), first())).toMatchObject({ kind: 'ignored' });
  });

  it('names no seats where it says 0', () => {
    const outcome = takeUp(undefined, aWebhook({ action: 'ChangeQuantity', quantity: 0 }), first({ operation: notShown }));
    expect(outcome).toMatchObject({ state: { quantity: null, planId: null } });
  });
});

describe('a webhook without an operation that could be asked for', () => {
  it('is announced under the id of its delivery where nothing is outstanding, and searched for', () => {
    expect(takeUpUnnamed(undefined, anUnreadableWebhook(), first({ operation: notShown }))).toMatchObject({
      state: { operationId: deliveryId, action: 'ChangePlan', planId: 'gold', isUnnamed: true },
      effects: [
        { type: 'landfall.fulfillment.operation-announced.v1', data: { operationId: deliveryId, timeStamp, planId: 'gold' } },
        { type: 'landfall.fulfillment.subscription-observed.v1' },
        { kind: 'follow-operation', key: `operation:${subscriptionId}/${deliveryId}/ChangePlan`, afterMs: 250 },
      ],
    });
  });

  it('follows what is outstanding as if its webhook had come, and announces nothing of its own where that is what was meant', () => {
    const seenNow = { ...first({ operation: notShown }), outstanding: [listed()] };
    expect(takeUpUnnamed(undefined, anUnreadableWebhook({ isRevert: true }), seenNow)).toMatchObject({
      kind: 'ignored',
      effects: [
        { type: 'landfall.fulfillment.subscription-observed.v1' },
        {
          kind: 'follow-operation',
          payload: {
            subscriptionId,
            operationId,
            action: 'ChangePlan',
            listed: { source: 'Azure', planId: 'gold', timeStamp, isRevert: true },
          },
        },
      ],
    });
  });

  it.each([
    ['another action', { action: 'Reinstate', planId: null }],
    ['another target', { planId: 'bronze' }],
  ])('goes on searching where what is outstanding has %s', (_what, differing) => {
    const seenNow = { ...first({ operation: notShown }), outstanding: [listed(differing)] };
    const outcome = takeUpUnnamed(undefined, anUnreadableWebhook({ isRevert: true }), seenNow);
    expect(outcome).toMatchObject({ kind: 'changed', state: { settled: null } });
    expect(outcome.effects).toContainEqual(
      expect.objectContaining({ payload: expect.objectContaining({ operationId, listed: expect.objectContaining({ isRevert: false }) }) }),
    );
  });

  it('ends its search with the one that was meant: no change is explained by the id of a delivery', () => {
    const known = { ...unnamedBy(anUnreadableWebhook().data), ageMs: 5_000 };
    const looked = lookForUnnamed(known, { ...seen({ operation: notShown }), outstanding: [listed()] }, pace);
    expect(looked).toMatchObject({
      operation: { settled: 'Invisible' },
      againAfterMs: null,
      effects: [{ data: { settled: 'Invisible', operationId: deliveryId } }, { kind: 'follow-operation', payload: { operationId } }],
    });
  });

  it('settles as Invisible with the last look', () => {
    const known = { ...unnamedBy(anUnreadableWebhook().data), ageMs: pace.copyLagMs };
    expect(lookForUnnamed(known, { ...seen({ operation: notShown }), outstanding: [] }, pace).effects).toMatchObject([
      { type: 'landfall.fulfillment.operation-settled.v1', data: { settled: 'Invisible' } },
    ]);
  });

  it('without an action announces nothing, and still has every look published', () => {
    const outcome = takeUpUnnamed(undefined, anUnreadableWebhook({ action: null }), first({ operation: notShown }));
    expect(outcome.effects).toMatchObject([{ type: 'landfall.fulfillment.subscription-observed.v1' }, { kind: 'follow-operation' }]);
    const known = { ...unnamedBy(anUnreadableWebhook({ action: null }).data), ageMs: pace.copyLagMs };
    const last = lookForUnnamed(known, { ...seen({ operation: notShown, read: aRead({ quantity: 11 }) }), outstanding: [] }, pace);
    expect(last).toMatchObject({
      operation: { settled: 'Invisible' },
      effects: [{ type: 'landfall.fulfillment.subscription-observed.v1', data: { read: { snapshot: { quantity: 11 } } } }],
    });
  });
});
