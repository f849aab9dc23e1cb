import { aCall, findings } from '../../../testing/facts';
import { sameRequestId } from './request.id.rules';

describe('x-ms-requestid', () => {
  it('that is missing is no breach: the contract says that the header is optional', () => {
    expect(findings(sameRequestId, [aCall(1, { sentRequestId: null }), aCall(2, { sentRequestId: null })])).toEqual([]);
  });

  it('that is used for different calls is reported, and for a retry of the same call it is not', () => {
    const first = aCall(1, { sentRequestId: 'same', path: '/api/saas/subscriptions/1' });
    const retry = aCall(2, { sentRequestId: 'same', path: '/api/saas/subscriptions/1' });
    const other = aCall(3, { sentRequestId: 'same', path: '/api/saas/subscriptions/2' });
    expect(findings(sameRequestId, [first, retry])).toEqual([]);
    expect(findings(sameRequestId, [first, other])).toMatchObject([{ subject: 'same', done: expect.stringContaining('subscriptions/1') }]);
  });
});
