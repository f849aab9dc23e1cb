import type { OperationStatus, Snapshot } from '@landfall/contracts';
import { aSnapshot } from '@landfall/testing';
import { anOperation } from '../testing/samples';
import type { Operation } from './operation';
import {
  FOLLOW_LIMIT_MS,
  MISSING_EFFECT_LIMIT_MS,
  needsOperator,
  needsSubscription,
  settle,
  settlementOf,
  type Look,
} from './settlement.domain';

describe('the end of an operation', () => {
  const day = FOLLOW_LIMIT_MS;
  const gold = { planId: 'gold' };

  it.each<[string, string, OperationStatus | null, Partial<Snapshot>, number, string | null]>([
    ['has come: it succeeded and shows', 'ChangePlan', 'Succeeded', gold, 0, 'Succeeded'],
    ['waits for the subscription to show it', 'ChangePlan', 'Succeeded', {}, 0, null],
    ['is Failed as it stands', 'ChangePlan', 'Failed', {}, 0, 'Failed'],
    ['is Conflict as it stands', 'ChangePlan', 'Conflict', gold, 0, 'Conflict'],
    ['has not come while it is open', 'ChangePlan', 'InProgress', gold, 0, null],
    ['is named Expired after a day', 'ChangePlan', 'InProgress', {}, day, 'Expired'],
    ['is named Expired after a day of invisibility', 'ChangePlan', null, {}, day, 'Expired'],
    ['of a reinstatement comes with Subscribed (rule 7)', 'Reinstate', 'InProgress', { status: 'Subscribed' }, 0, 'Succeeded'],
    ['of a reinstatement may be Failed', 'Reinstate', 'Failed', { status: 'Suspended' }, 0, 'Failed'],
    ['has come with the end of the subscription (rule 3)', 'ChangePlan', 'InProgress', { status: 'Unsubscribed' }, 0, 'Expired'],
    ['stays what it was when the subscription has ended since', 'ChangePlan', 'Succeeded', { status: 'Unsubscribed' }, 0, 'Succeeded'],
  ])('%s', (_case, action, status, shown, openForMs, expected) => {
    const snapshot = aSnapshot({ quantity: 10, ...shown });
    expect(settlementOf(anOperation({ action }), { status, snapshot, openForMs, effectMissingForMs: 0 })).toBe(expected);
  });

  it.each<[string, string, Partial<Snapshot>, number, string | null]>([
    ['does not wait for ever: a later change may have replaced it', 'ChangePlan', {}, MISSING_EFFECT_LIMIT_MS, 'Succeeded'],
    ['waits as long after hours in which it was open', 'ChangePlan', {}, MISSING_EFFECT_LIMIT_MS - 1, null],
    ['of a reinstatement is not its own Succeeded (rule 7)', 'Reinstate', { status: 'Suspended' }, MISSING_EFFECT_LIMIT_MS, null],
    ['of a cancellation must show', 'Unsubscribe', {}, MISSING_EFFECT_LIMIT_MS, null],
  ])('that Microsoft calls Succeeded and does not show: %s', (_case, action, differing, effectMissingForMs, expected) => {
    const shown = {
      status: 'Succeeded',
      snapshot: aSnapshot({ quantity: 10, ...differing }),
      openForMs: 3_600_000,
      effectMissingForMs,
    } as const;
    expect(settlementOf(anOperation({ action }), shown)).toBe(expected);
  });

  it('needs the subscription to be read only where it has a say', () => {
    expect(needsSubscription({ action: 'ChangePlan' }, 'InProgress', 0)).toBe(false);
    expect(needsSubscription({ action: 'ChangePlan' }, null, 0)).toBe(false);
    expect(needsSubscription({ action: 'ChangePlan' }, 'Failed', 0)).toBe(true);
    expect(needsSubscription({ action: 'Reinstate' }, 'InProgress', 0)).toBe(true);
    expect(needsSubscription({ action: 'ChangePlan' }, 'InProgress', day)).toBe(true);
  });
});

describe('what is recorded of it', () => {
  const since = '2026-03-01T12:00:00.000Z';
  const aLook = (differing: Partial<Look> = {}): Look => ({
    ...{ status: 'Succeeded', snapshot: aSnapshot({ planId: 'gold' }), readAt: since, lookedAt: since, openForMs: 0 },
    ...differing,
  });
  const afterMs = (ms: number) => new Date(Date.parse(since) + ms).toISOString();

  it('is the end with its message, once', () => {
    const outcome = settle(anOperation(), aLook());
    expect(outcome).toMatchObject({
      kind: 'changed',
      state: { settled: 'Succeeded' },
      effects: [
        { type: 'landfall.fulfillment.operation-settled.v1', data: { settled: 'Succeeded', operationStatus: 'Succeeded', readAt: since } },
      ],
    });
    expect(settle(anOperation({ settled: 'Expired' }), aLook()).kind).toBe('ignored');
    expect(settle(undefined, aLook()).kind).toBe('ignored');
  });

  it('is since when its effect is missing: the first time counts', () => {
    const missing = aLook({ snapshot: aSnapshot() });
    expect(settle(anOperation(), missing)).toMatchObject({
      kind: 'changed',
      state: { settled: null, effectMissingSince: since },
      effects: [],
    });
    const known: Operation = anOperation({ effectMissingSince: since });
    expect(settle(known, { ...missing, lookedAt: afterMs(MISSING_EFFECT_LIMIT_MS - 1) }).kind).toBe('ignored');
    expect(settle(known, { ...missing, lookedAt: afterMs(MISSING_EFFECT_LIMIT_MS) })).toMatchObject({ state: { settled: 'Succeeded' } });
  });

  it('is nothing while it is open', () => {
    expect(settle(anOperation(), aLook({ status: 'InProgress' })).kind).toBe('ignored');
  });

  it('calls for an operator where it stayed open, and not where the subscription has ended (rule 3)', () => {
    expect(needsOperator('Expired', aLook())).toBe(true);
    expect(needsOperator('Expired', aLook({ snapshot: aSnapshot({ status: 'Unsubscribed' }) }))).toBe(false);
    expect(needsOperator('Failed', aLook())).toBe(false);
  });
});
