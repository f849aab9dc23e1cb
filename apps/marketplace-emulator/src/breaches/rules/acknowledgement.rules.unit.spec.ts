import { aCall, after, anOperation, findings, operationId } from '../../testing/facts';
import { patchBeforeAnswer } from './acknowledgement.rules';

const patch = (answerWaits: boolean) =>
  aCall(11, { route: 'updateOperation', before: { subscription: undefined, operation: anOperation(), answerWaits } });

describe('a PATCH before the answer', () => {
  it('is a breach where the answer to the webhook waits for it', () => {
    expect(findings(patchBeforeAnswer, [patch(true)])).toMatchObject([{ subject: operationId, requestId: 'request-11' }]);
  });

  it('is none where the answer came, nor for an operation of before the start, whose answer may have come then', () => {
    expect(findings(patchBeforeAnswer, [patch(false)])).toEqual([]);
    expect(findings(patchBeforeAnswer, [patch(true)], { sinceMs: after(10.5) })).toEqual([]);
  });
});
