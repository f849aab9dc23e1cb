import { operationDecided, webhookAnswered, type OperationStatus } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import { anOperation, operationId, subscriptionId } from '../testing/samples';
import { ACKNOWLEDGEMENT_LIMIT, acknowledgementOf, maySendAcknowledgement, recordAnswer, recordVerdict } from './acknowledgement.domain';
import type { Operation } from './operation';

const decision = (verdict: 'accepted' | 'refused' = 'accepted') =>
  aMessage(operationDecided({ subscriptionId, operationId, action: 'ChangePlan', verdict, reason: null, version: 2 }));
const answer = aMessage(
  webhookAnswered({ subscriptionId, operationId, action: 'ChangePlan', status: 200, answeredAt: '2026-03-01T12:00:00.300Z' }),
);

describe('decision and answer', () => {
  it.each([
    [
      'the decision first',
      (known: Operation) => [recordVerdict(known, decision()), recordAnswer({ ...known, verdict: 'accepted' }, answer)],
    ],
    ['the answer first', (known: Operation) => [recordAnswer(known, answer), recordVerdict({ ...known, answeredAt: 'x' }, decision())]],
  ])('bring the acknowledgement forward when both are there: %s', (_order, run) => {
    const [first, second] = run(anOperation());
    expect(first).toMatchObject({ kind: 'changed', effects: [] });
    expect(second).toMatchObject({ kind: 'changed', effects: [{ kind: 'follow-operation' }] });
    expect(second).not.toHaveProperty('effects.0.runAt'); // at once
  });

  it.each<[string, Partial<Operation>]>([
    ['was settled when it was verified', { operationStatus: 'Succeeded', settled: 'Succeeded' }],
    ['has been settled meanwhile', { settled: 'Failed' }],
    ['Microsoft does not show', { operationStatus: null }],
  ])('are kept without an acknowledgement for an operation that %s', (_case, known) => {
    expect(recordVerdict(anOperation({ ...known, answeredAt: 'x' }), decision('refused'))).toMatchObject({
      kind: 'changed',
      state: { verdict: 'refused' },
      effects: [],
    });
  });

  it('count once', () => {
    expect(recordVerdict(anOperation({ verdict: 'accepted' }), decision('refused')).kind).toBe('ignored');
    expect(recordAnswer(anOperation({ answeredAt: 'x' }), answer).kind).toBe('ignored');
    expect(recordVerdict(undefined, decision()).kind).toBe('ignored');
    expect(recordAnswer(undefined, answer).kind).toBe('ignored');
  });
});

describe('the acknowledgement', () => {
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
    expect(acknowledgementOf(anOperation(operation), status)).toBe(expected);
  });

  it('is sent again only where no proper answer came, and not for ever', () => {
    const sentAgain = (statuses: (number | null)[]) => maySendAcknowledgement(statuses.map((status) => ({ status })));
    expect(sentAgain([])).toBe(true);
    expect(sentAgain([null])).toBe(true);
    expect(sentAgain([500, 503, 429, 403])).toBe(true);
    for (const status of [200, 400, 404, 409]) expect(sentAgain([null, status])).toBe(false);
    expect(sentAgain(Array.from({ length: ACKNOWLEDGEMENT_LIMIT }, () => null))).toBe(false);
  });
});
