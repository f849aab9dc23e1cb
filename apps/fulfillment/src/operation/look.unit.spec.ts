import {
  anOpenOperation,
  anOperation,
  aRead,
  date,
  notShown,
  pace,
  seen,
  shown,
  subscriptionId,
  timeStamp,
  unanswered,
} from '../testing/samples';
import { asksForSubscription, disagreementOf, firstLook, look } from './look.domain';
import type { Operation } from './operation';

const types = (effects: readonly { type?: string; kind?: string; overtaken?: string }[]) =>
  effects.map(({ type, kind, overtaken }) => type?.replace(/^landfall\.fulfillment\.|\.v1$/g, '') ?? kind ?? `overtaken ${overtaken}`);

const second = 1_000;
const minute = 60 * second;

/** The ages at which an operation that stays invisible is looked at, when every look is answered. */
function agesOfLooks(action: string): number[] {
  const ages = [0];
  let looked = firstLook(anOperation({ action }), seen({ operation: notShown }), pace);
  while (looked.againAfterMs !== null) {
    const ageMs = looked.operation.ageMs + looked.againAfterMs;
    ages.push(ageMs);
    looked = look({ ...looked.operation, ageMs }, seen({ operation: notShown }), pace);
  }
  return ages;
}

describe('an operation that Microsoft never shows (rule 5)', () => {
  it('is looked at each second while Microsoft’s ten seconds run, where it is a change', () => {
    const first10 = Array.from({ length: 10 }, (_, past) => (past + 1) * second);
    const expected = [0, 250, ...first10, 15 * second, 30 * second, minute, pace.copyLagMs];
    expect(agesOfLooks('ChangePlan')).toEqual(expected);
    expect(agesOfLooks('ChangeQuantity')).toEqual(expected);
  });

  it.each(['Suspend', 'Reinstate', 'Unsubscribe', 'Renew', 'Transfer'])('is looked at less often where it is a fact: %s', (action) => {
    expect(agesOfLooks(action)).toEqual([0, 250, second, 5 * second, 15 * second, minute, pace.copyLagMs]);
  });

  it('is announced at the first look, with what its webhook said', () => {
    const { effects, operation } = firstLook(anOperation({ isRevert: true }), seen({ operation: notShown, read: null }), pace);
    expect(effects).toMatchObject([
      {
        type: 'landfall.fulfillment.operation-announced.v1',
        data: { action: 'ChangePlan', planId: 'gold', quantity: null, source: 'Azure', timeStamp, isRevert: true },
      },
    ]);
    expect(operation.settled).toBeNull();
  });

  it('is announced as well where Microsoft did not answer: that is a fact, and holds nobody up', () => {
    const { effects, againAfterMs } = firstLook(anOperation(), seen({ operation: unanswered, read: null }), pace);
    expect(types(effects)).toEqual(['operation-announced']);
    expect(againAfterMs).toBe(250);
  });

  it('has each snapshot published that differs from the one before, and no other', () => {
    const first = firstLook(anOperation(), seen({ operation: notShown, read: aRead() }), pace);
    const same = look(first.operation, seen({ operation: notShown, read: aRead() }), pace);
    const other = look(same.operation, seen({ operation: notShown, read: aRead({ planId: 'gold' }) }), pace);
    const back = look(other.operation, seen({ operation: notShown, read: aRead() }), pace);
    expect([first, same, other, back].map(({ effects }) => types(effects))).toEqual([
      ['operation-announced', 'subscription-observed'],
      [],
      ['subscription-observed'],
      ['subscription-observed'],
    ]);
    expect(other.effects).toMatchObject([
      { data: { subscriptionId, occasion: 'webhook', read: { snapshot: { planId: 'gold' } }, closes: [] } },
    ]);
  });

  it('ends with the last look as Invisible, whose snapshot goes with it in any case', () => {
    const known = firstLook(anOperation(), seen({ operation: notShown }), pace).operation;
    const { effects, operation, againAfterMs } = look({ ...known, ageMs: pace.copyLagMs }, seen({ operation: notShown }), pace);
    expect(effects).toMatchObject([
      {
        type: 'landfall.fulfillment.operation-settled.v1',
        data: { settled: 'Invisible', read: { snapshot: { planId: 'silver' } }, timeStamp },
      },
    ]);
    expect([operation.settled, againAfterMs]).toEqual(['Invisible', null]);
  });

  it.each([
    ['the operation', { operation: unanswered }],
    ['the subscription', { operation: notShown, read: null }],
  ])('has its last look repeated, ever later, until it is answered: without %s it is none', (_what, answers) => {
    const at = (ageMs: number) => look(anOperation({ ageMs }), seen(answers), pace);
    expect(at(pace.copyLagMs).operation.settled).toBeNull();
    expect(
      [at(pace.copyLagMs), at(pace.copyLagMs + minute), at(pace.copyLagMs + 60 * minute)].map(({ againAfterMs }) => againAfterMs),
    ).toEqual([2 * second, 30 * second, minute]);
    expect(at(24 * 60 * minute).operation.settled).toBe('Invisible'); // not for ever
  });

  it('is verified by whichever look shows it first', () => {
    const known = firstLook(anOperation(), seen({ operation: notShown }), pace).operation;
    const { effects, operation } = look({ ...known, ageMs: 6_500 }, seen(), pace);
    expect(types(effects)).toEqual(['operation-verified']);
    expect(operation).toMatchObject({ status: 'InProgress', shownMs: 0, seenOpenAt: date });
  });
});

describe('an operation that Microsoft shows', () => {
  it('is verified with what was read, not with what its webhook said (rule 1)', () => {
    const known = anOperation({ planId: 'bronze', source: null, timeStamp: null, isRevert: true });
    const { effects } = firstLook(known, seen({ operation: shown({ planId: 'gold', source: 'Azure' }) }), pace);
    expect(effects).toMatchObject([
      {
        type: 'landfall.fulfillment.operation-verified.v1',
        data: {
          planId: 'gold',
          source: 'Azure',
          timeStamp,
          isRevert: true,
          operationStatus: 'InProgress',
          operationDate: date,
          seenOpenAt: date,
        },
      },
    ]);
  });

  it('keeps what its webhook said where the answer leaves it out (rule 1)', () => {
    const { effects } = firstLook(anOperation(), seen({ operation: shown({ planId: null, source: null, timeStamp: null }) }), pace);
    expect(effects).toMatchObject([{ data: { planId: 'gold', source: 'Azure', timeStamp } }]);
  });

  it('names no target of an action that has none, whatever is said', () => {
    const said = { action: 'Suspend', planId: 'gold', quantity: 5 };
    const { effects } = firstLook(
      anOperation({ ...said, planId: null, quantity: null }),
      seen({ operation: shown({ ...said, status: 'Succeeded' }) }),
      pace,
    );
    expect(effects).toMatchObject([{ data: { action: 'Suspend', planId: null, quantity: null } }]);
  });

  it.each(['Succeeded', 'Failed', 'Conflict'] as const)('and that has ended by then needs nothing more: %s', (status) => {
    const { effects, operation, againAfterMs, acknowledge } = firstLook(anOperation(), seen({ operation: shown({ status }) }), pace);
    expect(effects).toMatchObject([
      { type: 'landfall.fulfillment.operation-verified.v1', data: { operationStatus: status, seenOpenAt: null } },
    ]);
    expect([operation.settled, againAfterMs, acknowledge]).toEqual([status, null, null]);
  });

  it('and has ended is settled with the read beside it, which is asked for once more where it was not answered', () => {
    const ended = shown({ status: 'Succeeded' });
    const first = firstLook(anOperation(), seen({ operation: ended, read: null }), pace);
    expect(first).toMatchObject({ effects: [], acknowledge: null, againAfterMs: 500, operation: { status: 'Succeeded', settled: null } });
    expect(look(first.operation, seen({ operation: ended }), pace).effects).toMatchObject([{ data: { settled: 'Succeeded', read: {} } }]);
    const silent = look(first.operation, seen({ operation: unanswered, read: null }), pace);
    expect(silent).toMatchObject({ effects: [{ data: { settled: 'Succeeded', read: null } }], againAfterMs: null });
  });

  it('is verified although the subscription was not answered, and once more with the read: an unknown one is decided only then (rule 6)', () => {
    const verified = (read: unknown) => ({
      ...{ type: 'landfall.fulfillment.operation-verified.v1', data: { operationStatus: 'InProgress', read } },
    });
    const first = firstLook(anOperation(), seen({ read: null }), pace);
    expect(first).toMatchObject({ effects: [verified(null)], againAfterMs: 500 });
    expect(asksForSubscription(first.operation)).toBe(true);
    const silent = look(first.operation, seen({ read: null }), pace);
    expect(silent).toMatchObject({ effects: [], againAfterMs: 500 });
    expect(look(silent.operation, seen({ operation: unanswered }), pace).effects).toMatchObject([verified({ snapshot: {} })]);
    const later = { ...silent.operation, ageMs: 10 * second, shownMs: 10 * second };
    expect(look(later, seen({ read: null }), pace)).toMatchObject({ effects: [], againAfterMs: 2 * second });
    expect(look(later, seen(), pace).effects).toMatchObject([verified({ snapshot: {} })]);
  });

  it('is told once more with each read that differs until it is decided: the first one may have said too little (rule 6)', () => {
    const { operation } = firstLook(anOperation(), seen({ read: aRead({ status: undefined }) }), pace);
    const again = look(operation, seen(), pace);
    expect(types(again.effects)).toEqual(['operation-verified']);
    expect(look(again.operation, seen(), pace).effects).toEqual([]);
    const decided = { ...operation, verdict: 'accepted' } as const;
    expect(asksForSubscription(decided)).toBe(false);
    expect(types(look(decided, seen(), pace).effects)).toEqual(['subscription-observed']);
  });

  it.each([
    ['subscription', { subscriptionId: '00000000-0000-4000-8000-000000000009' }],
    ['action', { action: 'ChangeQuantity' }],
  ])('and that is about another %s is not the one that was announced', (_what, differing) => {
    const { effects, operation } = firstLook(anOperation(), seen({ operation: shown(differing), read: null }), pace);
    expect(types(effects)).toEqual(['operation-announced']);
    expect(operation.status).toBeNull();
  });

  it.each([
    [0, 2 * second],
    [29 * second, 2 * second],
    [30 * second, 10 * second],
    [119 * second, 10 * second],
    [2 * minute, minute],
    [9 * minute, minute],
  ])('and stays open is looked at again: at the age of %d ms after %d ms', (shownMs, againAfterMs) => {
    expect(look(anOpenOperation({ shownMs, ageMs: shownMs }), seen(), pace)).toMatchObject({ againAfterMs, effects: [{}] });
  });

  it('has its newest sight as open kept', () => {
    const later = '2026-03-01T12:00:31.000Z';
    const { operation } = look(anOpenOperation(), seen({ operation: shown({ date: later }) }), pace);
    expect(operation).toMatchObject({ seenOpenAt: later, operationDate: later });
    const { effects } = look(operation, seen({ operation: shown({ status: 'Succeeded', date: '2026-03-01T12:00:33.000Z' }) }), pace);
    expect(effects).toMatchObject([{ data: { settled: 'Succeeded', seenOpenAt: later, operationDate: '2026-03-01T12:00:33.000Z' } }]);
  });

  it.each(['Succeeded', 'Failed', 'Conflict'] as const)('settles with its end and the read beside it: %s', (status) => {
    const { effects, operation, againAfterMs } = look(anOpenOperation(), seen({ operation: shown({ status }) }), pace);
    expect(effects).toMatchObject([
      {
        type: 'landfall.fulfillment.operation-settled.v1',
        data: { settled: status, read: { snapshot: { planId: 'silver' } }, operationDate: date },
      },
    ]);
    expect([operation.settled, againAfterMs]).toEqual([status, null]);
  });

  it('asks once more for the read beside the end, and then does without', () => {
    const answers = seen({ operation: shown({ status: 'Succeeded' }), read: null });
    const first = look(anOpenOperation(), answers, pace);
    expect(first).toMatchObject({ effects: [], againAfterMs: 500, operation: { settled: null } });
    expect(look(first.operation, answers, pace).effects).toMatchObject([{ data: { settled: 'Succeeded', read: null } }]);
    for (const operation of [unanswered, notShown]) {
      expect(look(first.operation, seen({ operation }), pace).effects).toMatchObject([{ data: { settled: 'Succeeded', read: {} } }]);
    }
  });

  it('is not settled by Microsoft’s silence, but for a day', () => {
    const silent = (shownMs: number) => look(anOpenOperation({ shownMs }), seen({ operation: unanswered, read: null }), pace);
    expect(silent(20 * minute).operation.settled).toBeNull();
    expect(silent(24 * 60 * minute).operation.settled).toBe('Stuck');
  });

  it('is Stuck when it stays open for ten minutes', () => {
    expect(look(anOpenOperation({ shownMs: 599 * second }), seen(), pace).operation.settled).toBeNull();
    expect(look(anOpenOperation({ shownMs: 600 * second }), seen(), pace)).toMatchObject({
      operation: { settled: 'Stuck' },
      effects: [{ data: { settled: 'Stuck', seenOpenAt: date } }],
      againAfterMs: null,
    });
  });

  it('is Vanished when it is not shown any more for 15 s, and not before', () => {
    const first = look(anOpenOperation(), seen({ operation: notShown }), pace);
    expect(first).toMatchObject({ operation: { goneMs: 0, settled: null }, againAfterMs: 2 * second });
    const gone = (goneMs: number) => look({ ...first.operation, goneMs }, seen({ operation: notShown }), pace);
    expect(gone(14 * second)).toMatchObject({ operation: { settled: null }, againAfterMs: second });
    expect(gone(15 * second).effects).toMatchObject([{ data: { settled: 'Vanished' } }]);
    expect(look({ ...first.operation, goneMs: 14 * second }, seen(), pace).operation.goneMs).toBeNull();
    expect(look({ ...first.operation, goneMs: 14 * second }, seen({ operation: unanswered }), pace).operation.goneMs).toBe(14 * second);
  });
});

it('that has ended is looked at no more, whoever asks', () => {
  const ended: Operation = anOpenOperation({ settled: 'Succeeded', status: 'Succeeded' });
  expect(look(ended, seen(), pace)).toEqual({ operation: ended, effects: [], acknowledge: null, againAfterMs: null });
});

describe('what a payload says otherwise than Microsoft shows', () => {
  it.each([
    ['nothing', anOperation(), shown(), null],
    ['the target', anOperation({ planId: 'bronze' }), shown(), 'target'],
    [
      'the number of seats',
      anOperation({ action: 'ChangeQuantity', planId: null, quantity: 5 }),
      shown({ action: 'ChangeQuantity', quantity: 6 }),
      'target',
    ],
    ['the action', anOperation(), shown({ action: 'ChangeQuantity' }), 'operation'],
    ['what has no meaning for the action', anOperation(), shown({ quantity: 77 }), null],
    ['what one of them leaves out', anOperation({ planId: null }), shown(), null],
    ['what was read before', anOpenOperation({ planId: 'bronze' }), shown(), null],
    ['anything that is not shown', anOperation({ planId: 'bronze' }), notShown, null],
  ])('is told: %s', (_what, announced, answer, about) => {
    expect(disagreementOf(announced, answer)).toBe(about);
  });
});
