import { operationDecided, webhookAnswered, type OperationStatus, type Snapshot } from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import { anOperation, operationId, subscriptionId } from '../testing/samples';
import type { Operation } from './operation';
import {
  ACKNOWLEDGEMENT_LIMIT,
  acknowledgementOf,
  acknowledgementsOf,
  answered,
  decided,
  FOLLOW_LIMIT_MS,
  LAG_LIMIT_MS,
  needsSnapshot,
  settlementOf,
} from './settlement.domain';

const decision = (verdict: 'accepted' | 'refused' = 'accepted') =>
  aMessage(operationDecided({ subscriptionId, operationId, action: 'ChangePlan', verdict, reason: null, version: 2 }));
const answer = aMessage(
  webhookAnswered({ subscriptionId, operationId, action: 'ChangePlan', status: 200, answeredAt: '2026-03-01T12:00:00.300Z' }),
);

describe('decision and answer', () => {
  it.each([
    ['the decision first', (known: Operation) => [decided(known, decision()), answered({ ...known, verdict: 'accepted' }, answer)]],
    ['the answer first', (known: Operation) => [answered(known, answer), decided({ ...known, answeredAt: 'x' }, decision())]],
  ])('bring the acknowledgement forward when both are there: %s', (_order, run) => {
    const [first, second] = run(anOperation());
    expect(first).toMatchObject({ kind: 'changed', effects: [] });
    expect(second).toMatchObject({ kind: 'changed', effects: [{ kind: 'settle-operation' }] });
    expect(second).not.toHaveProperty('effects.0.runAt'); // at once
  });

  it.each<[string, Partial<Operation>]>([
    ['was settled when it was verified', { operationStatus: 'Succeeded', settled: 'Succeeded' }],
    ['has been settled meanwhile', { settled: 'Failed' }],
    ['Microsoft does not show', { operationStatus: null }],
  ])('are kept without an acknowledgement for an operation that %s', (_case, known) => {
    expect(decided(anOperation({ ...known, answeredAt: 'x' }), decision('refused'))).toMatchObject({
      kind: 'changed',
      state: { verdict: 'refused' },
      effects: [],
    });
  });

  it('count once', () => {
    expect(decided(anOperation({ verdict: 'accepted' }), decision('refused')).kind).toBe('ignored');
    expect(answered(anOperation({ answeredAt: 'x' }), answer).kind).toBe('ignored');
    expect(decided(undefined, decision()).kind).toBe('ignored');
    expect(answered(undefined, answer).kind).toBe('ignored');
  });
});

describe('the acknowledgement', () => {
  const none = { attempts: 0, isConcluded: false };

  it.each<[string, Partial<Operation>, OperationStatus | null, 'Success' | 'Failure' | null]>([
    ['accepted', { verdict: 'accepted' }, 'InProgress', 'Success'],
    ['accepted before Microsoft began', { verdict: 'accepted' }, 'NotStarted', 'Success'],
    ['refused', { verdict: 'refused' }, 'InProgress', 'Failure'],
    ['undecided', { verdict: null }, 'InProgress', null],
    ['our own request', { verdict: 'accepted', source: 'Partner' }, 'InProgress', null],
    ['settled already', { verdict: 'accepted' }, 'Succeeded', null],
    ['invisible', { verdict: 'accepted' }, null, null],
    ['a reinstatement', { verdict: 'accepted', action: 'Reinstate' }, 'InProgress', 'Success'],
    ['a refused reinstatement, which cannot be refused (rule 7)', { verdict: 'refused', action: 'Reinstate' }, 'InProgress', null],
    ['an action that takes none', { verdict: 'accepted', action: 'Renew' }, 'InProgress', null],
  ])('of what is %s', (_case, operation, status, expected) => {
    expect(acknowledgementOf(anOperation(operation), status, none)).toBe(expected);
  });

  it('is sent again only where no proper answer came, and not for ever', () => {
    const word = (statuses: (number | null)[]) =>
      acknowledgementOf(anOperation({ verdict: 'refused' }), 'InProgress', acknowledgementsOf(statuses.map((status) => ({ status }))));
    expect(word([null])).toBe('Failure');
    expect(word([500, 503, 429, 403])).toBe('Failure');
    for (const status of [200, 400, 404, 409]) expect(word([null, status])).toBeNull();
    expect(word(Array.from({ length: ACKNOWLEDGEMENT_LIMIT }, () => null))).toBeNull();
  });
});

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
    expect(settlementOf(anOperation({ action }), { status, snapshot, openForMs, unshownForMs: 0 })).toBe(expected);
  });

  it.each<[string, string, Partial<Snapshot>, number, string | null]>([
    ['does not wait for ever: a later change may have replaced it', 'ChangePlan', {}, LAG_LIMIT_MS, 'Succeeded'],
    ['waits as long after hours in which it was open', 'ChangePlan', {}, LAG_LIMIT_MS - 1, null],
    ['of a reinstatement is not its own Succeeded (rule 7)', 'Reinstate', { status: 'Suspended' }, LAG_LIMIT_MS, null],
    ['of a cancellation must show', 'Unsubscribe', {}, LAG_LIMIT_MS, null],
  ])('that Microsoft calls Succeeded and does not show: %s', (_case, action, shown, unshownForMs, expected) => {
    const seen = { status: 'Succeeded', snapshot: aSnapshot({ quantity: 10, ...shown }), openForMs: 3_600_000, unshownForMs } as const;
    expect(settlementOf(anOperation({ action }), seen)).toBe(expected);
  });

  it('needs the subscription to be read only where it has a say', () => {
    expect(needsSnapshot({ action: 'ChangePlan' }, 'InProgress', 0)).toBe(false);
    expect(needsSnapshot({ action: 'ChangePlan' }, null, 0)).toBe(false);
    expect(needsSnapshot({ action: 'ChangePlan' }, 'Failed', 0)).toBe(true);
    expect(needsSnapshot({ action: 'Reinstate' }, 'InProgress', 0)).toBe(true);
    expect(needsSnapshot({ action: 'ChangePlan' }, 'InProgress', day)).toBe(true);
  });
});
