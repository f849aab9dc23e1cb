import { aDelivery, findings, operationId } from '../../testing/facts';
import { lateAnswer } from './answer.rules';

describe('a late answer', () => {
  it('is a breach after more than five seconds, whatever it says', () => {
    expect(findings(lateAnswer, [aDelivery(1, { tookMs: 5_001 })])).toMatchObject([
      { subject: operationId, done: expect.stringContaining('answered 200 after 5.0 s') },
    ]);
    const none = aDelivery(2, { tookMs: 10_000, answer: null, error: 'no answer within 10000 ms', verdict: 'failed' });
    expect(findings(lateAnswer, [none])).toMatchObject([{ done: expect.stringContaining('no answer after 10.0 s') }]);
  });

  it('is none within five seconds, nor where a fault made it late', () => {
    expect(findings(lateAnswer, [aDelivery(1, { tookMs: 5_000 }), aDelivery(2, { tookMs: 9_000, faultId: 'f' })])).toEqual([]);
  });
});
