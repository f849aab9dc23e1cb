import { DEFAULT_REGISTRATION, operationDecided, webhookAnswered } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import { anOpenOperation, anOperation, operationId, pace, receivedAt, seen, shown, subscriptionId, unanswered } from '../testing/samples';
import { ACKNOWLEDGE_AFTER_MS, acknowledged, dueAcknowledgement, recordAnswer, recordVerdict } from './acknowledgement.domain';
import { look } from './look.domain';
import type { Operation } from './operation';

const about = { subscriptionId, operationId, action: 'ChangePlan' };
const decided = aMessage(operationDecided({ ...about, registration: 'default', verdict: 'accepted', reason: null, version: 2 }));
const answeredAt = (registration: string) => aMessage(webhookAnswered({ ...about, registration, status: 200, answeredAt: receivedAt }));
const answered = answeredAt(DEFAULT_REGISTRATION);
const complete = (differing: Partial<Operation> = {}) => anOpenOperation({ verdict: 'accepted', answeredAt: receivedAt, ...differing });

it('brings the acknowledgement forward with the second of decision and answer', () => {
  expect(recordVerdict(anOpenOperation(), decided)).toMatchObject({ state: { verdict: 'accepted' }, effects: [] });
  expect(recordAnswer(anOpenOperation(), answered)).toMatchObject({ state: { answeredAt: receivedAt }, effects: [] });
  const job = { kind: 'follow-operation', payload: about };
  expect(recordAnswer(anOpenOperation({ verdict: 'accepted' }), answered)).toMatchObject({ effects: [job] });
  expect(recordVerdict(anOpenOperation({ answeredAt: receivedAt }), decided)).toMatchObject({ effects: [job] });
});

it.each(['Invisible', 'Vanished', 'Stuck'] as const)('looks anew at one that was given up as %s: Microsoft may decide now', (settled) => {
  const known = anOpenOperation({ settled, ageMs: 700_000, shownMs: 600_000, verdict: 'accepted' });
  expect(recordAnswer(known, answered)).toMatchObject({
    state: { settled: null, status: null, shownMs: null, ageMs: 0, receivedAt: null, verdict: 'accepted', answeredAt: receivedAt },
    effects: [{ kind: 'follow-operation', payload: about }],
  });
});

it('looks anew at one that Microsoft has never shown when the webhook came again and was answered again: it had not had the answer before', () => {
  const again = { ...answered, data: { ...answered.data, answeredAt: '2026-03-01T12:01:40.000Z' } };
  const earlier = { answeredAt: receivedAt, ageMs: 100_000, verdict: 'accepted' } as const;
  for (const settled of [null, 'Invisible', 'Vanished'] as const)
    expect(recordAnswer(anOperation({ ...earlier, settled }), again)).toMatchObject({
      state: { settled: null, ageMs: 0, answeredAt: again.data.answeredAt },
      effects: [{ kind: 'follow-operation', payload: about }],
    });
  expect(recordAnswer(anOpenOperation(earlier), again)).toMatchObject({ kind: 'ignored' });
  expect(recordAnswer(anOpenOperation({ ...earlier, status: 'Succeeded', settled: 'Succeeded' }), again)).toMatchObject({
    kind: 'ignored',
  });
});

it('acknowledges once more what is still open when the webhook was answered again: the acknowledgement before that answer came too early (pitfall 19)', () => {
  const again = { ...answered, data: { ...answered.data, answeredAt: '2026-03-01T12:01:40.000Z' } };
  for (const sent of [{ isAcknowledged: true }, { acknowledgements: 3, receivedMs: 100_000 }])
    expect(recordAnswer(complete(sent), again)).toMatchObject({
      state: { isAcknowledged: false, acknowledgements: 0, answeredAt: again.data.answeredAt },
      effects: [{ kind: 'follow-operation', payload: about }],
    });
});

it('waits for the answer at the address of the operation’s own registration', () => {
  expect(recordAnswer(anOpenOperation({ verdict: 'accepted' }), answeredAt('fabrikam'))).toMatchObject({ kind: 'ignored' });
  expect(recordAnswer(anOpenOperation({ verdict: 'accepted', registration: 'fabrikam' }), answeredAt('fabrikam'))).toMatchObject({
    kind: 'changed',
  });
});

it.each([
  ['an operation that was not shown yet', anOperation({ answeredAt: receivedAt })],
  ['an operation that has ended', anOpenOperation({ answeredAt: receivedAt, status: 'Succeeded', settled: 'Succeeded' })],
  ['our own request', anOpenOperation({ answeredAt: receivedAt, source: 'Partner' })],
])('records the decision about %s, and sends nothing', (_what, known) => {
  expect(recordVerdict(known, decided)).toMatchObject({ kind: 'changed', effects: [] });
});

it('decides and answers an operation once, and none that is not followed', () => {
  expect(recordVerdict(undefined, decided)).toMatchObject({ kind: 'ignored' });
  expect(recordAnswer(undefined, answered)).toMatchObject({ kind: 'ignored' });
  expect(recordVerdict(anOpenOperation({ verdict: 'refused' }), decided)).toMatchObject({ kind: 'ignored' });
  expect(recordAnswer(anOpenOperation({ answeredAt: receivedAt }), answered)).toMatchObject({ kind: 'ignored' });
});

it.each([
  ['ChangePlan', 'accepted', 'Success'],
  ['ChangePlan', 'refused', 'Failure'],
  ['ChangeQuantity', 'refused', 'Failure'],
  ['Reinstate', 'accepted', 'Success'], // rule 7
  ['Reinstate', 'refused', null],
  ['Suspend', 'accepted', null],
  ['Transfer', 'accepted', null],
] as const)('sends for %s that is %s: %s', (action, verdict, acknowledgement) => {
  const operation = complete({ action, verdict });
  expect(look(operation, seen({ operation: shown({ action }) }), pace).acknowledge).toBe(acknowledgement);
});

it.each([
  ['nobody has decided', { verdict: null }],
  ['it is our own request', { source: 'Partner' }],
  ['Microsoft needs none any more', { isAcknowledged: true }],
  ['our answer may not have left', { answeredAt: null }],
] as const)('sends nothing while %s', (_why, differing) => {
  expect(look(complete(differing), seen({ operation: shown({ source: null }) }), pace).acknowledge).toBeNull();
});

it('does not wait for our answer longer than seven seconds from the receipt, and wakes for it in time', () => {
  const at = (receivedMs: number) => look(complete({ answeredAt: null, ageMs: 1_000, receivedMs }), seen(), pace);
  expect(at(ACKNOWLEDGE_AFTER_MS - 1_200)).toMatchObject({ acknowledge: null, againAfterMs: 1_200 });
  expect(at(ACKNOWLEDGE_AFTER_MS).acknowledge).toBe('Success');
});

it('sends although Get Operation was not answered just then: the ten seconds run', () => {
  expect(look(complete(), seen({ operation: unanswered }), pace).acknowledge).toBe('Success');
});

describe('an acknowledgement of unknown outcome (rule 9)', () => {
  it('is read after soon, five times, then less often', () => {
    const pauses = [0, 3, 4, 20].map((acknowledgements) => acknowledged(complete({ acknowledgements }), 'unknown').againAfterMs);
    expect(pauses).toEqual([500, 500, 10_000, 10_000]);
    expect(acknowledged(complete(), 'unknown').operation).toMatchObject({ acknowledgements: 1, isAcknowledged: false });
  });

  it('is sent again for a change until ten seconds, for a reinstatement until it ends', () => {
    const again = (action: string, receivedMs: number) => dueAcknowledgement(complete({ action, receivedMs, acknowledgements: 1 }));
    expect([again('ChangePlan', 9_999), again('ChangePlan', 10_000)]).toEqual(['Success', null]);
    expect(again('Reinstate', 500_000)).toBe('Success');
  });

  it('is none where Microsoft has surely not taken it: it can still be sent after ten seconds', () => {
    const refused = acknowledged(complete({ receivedMs: 9_000 }), 'not-taken');
    expect(refused).toMatchObject({ againAfterMs: 500, operation: { acknowledgements: 0, isAcknowledged: false } });
    expect(dueAcknowledgement({ ...refused.operation, receivedMs: 60_000 })).toBe('Success');
    expect(acknowledged(complete({ receivedMs: 10_000 }), 'not-taken').againAfterMs).toBe(10_000);
  });

  it('is still the first one when the decision came late', () => {
    expect(dueAcknowledgement(complete({ receivedMs: 60_000 }))).toBe('Success');
  });
});

it('sends none again after a proper answer, and reads at once what it led to', () => {
  const { operation, againAfterMs } = acknowledged(complete(), 'over');
  expect([againAfterMs, dueAcknowledgement(operation)]).toEqual([0, null]);
});
