import { limits } from '../../../limits';
import type { Operation } from '../../../operation/operation';
import { aCall, after, anOperation, stateBefore, findings, operationId, startMs } from '../../../testing/facts';
import type { CallEnded, DeliveryBegan } from '../../fact';
import { lateVeto, patchAfterConflict, patchBeforeAnswer, patchOfNews, unknownWord } from './acknowledgement.rules';

const patch = (seconds: number, status: unknown, operation: Operation = anOperation(), changes: Partial<CallEnded> = {}) =>
  aCall(seconds, {
    route: 'updateOperation',
    method: 'PATCH',
    operationId: operation.id,
    body: { status },
    before: stateBefore({ operation }),
    ...changes,
  });

describe('a PATCH before the answer', () => {
  const early = patch(11, 'Success', anOperation(), { before: stateBefore({ operation: anOperation(), answerWaits: true }) });

  it('is a breach where the answer to the webhook waits for it', () => {
    expect(findings(patchBeforeAnswer, [early])).toMatchObject([{ subject: operationId, requestId: 'request-11' }]);
  });

  it('is none where the answer came, nor for an operation of before the start, whose answer may have come then', () => {
    expect(findings(patchBeforeAnswer, [patch(11, 'Success')])).toEqual([]);
    expect(findings(patchBeforeAnswer, [early], { sinceMs: after(10.5) })).toEqual([]);
  });
});

describe('a PATCH with an unknown word', () => {
  it.each(['Succeeded', 'Failed', 'success', 1, undefined])('is a breach: %p', (word) => {
    expect(findings(unknownWord, [patch(11, word)])).toMatchObject([{ subject: operationId }]);
  });

  it.each(['Success', 'Failure'])('is none with %s', (word) => {
    expect(findings(unknownWord, [patch(11, word)])).toEqual([]);
  });
});

describe('a late veto', () => {
  const accepted = anOperation({ status: 'Succeeded', settledBy: 'ten-seconds' });
  const sent: DeliveryBegan = { kind: 'delivery-began', atMs: startMs, beganAtMs: startMs, operationId, attempt: 1, isExtra: false };
  const late = limits.vetoMs / 1_000 + 1;

  it('is a breach when the ten seconds have decided', () => {
    expect(findings(lateVeto, [sent, patch(late, 'Failure', accepted)])).toMatchObject([{ subject: operationId }]);
  });

  it('is none where the clock was moved over the ten seconds, where nothing is decided by them, or nothing is refused', () => {
    expect(findings(lateVeto, [sent, patch(1, 'Failure', accepted)])).toEqual([]);
    expect(findings(lateVeto, [patch(late, 'Failure', accepted)])).toEqual([]);
    expect(findings(lateVeto, [sent, patch(late, 'Failure')])).toEqual([]);
    expect(findings(lateVeto, [sent, patch(late, 'Success', accepted)])).toEqual([]);
  });
});

describe('a PATCH after 409', () => {
  const conflict = (seconds: number, changes: Partial<CallEnded> = {}) =>
    patch(seconds, 'Success', anOperation({ status: 'Succeeded' }), { status: 409, ...changes });

  it('is a breach when it comes three times', () => {
    expect(findings(patchAfterConflict, [conflict(1), conflict(2), conflict(3)])).toMatchObject([
      { done: expect.stringContaining('3 times') },
    ]);
  });

  it('is none where it was on its way already when the 409 came, as those are that the copies of a webhook lead to', () => {
    const atOnce = [3, 4, 5, 6].map((seconds) => conflict(seconds, { beganAtMs: after(2) }));
    expect(findings(patchAfterConflict, atOnce)).toEqual([]);
  });

  it('is none the first two times: an answer may have been lost, and a fault may have answered it', () => {
    expect(findings(patchAfterConflict, [conflict(1), conflict(2), conflict(3, { faultId: 'f' })])).toEqual([]);
  });
});

describe('a PATCH of news', () => {
  it.each(['Renew', 'Suspend', 'Unsubscribe', 'Subscribe'] as const)('is advice: %s', (action) => {
    expect(findings(patchOfNews, [patch(11, 'Success', anOperation({ action }))])).toHaveLength(1);
  });

  it.each(['ChangePlan', 'ChangeQuantity', 'Reinstate'] as const)('is none where an answer is waited for: %s', (action) => {
    expect(findings(patchOfNews, [patch(11, 'Success', anOperation({ action }))])).toEqual([]);
  });
});
