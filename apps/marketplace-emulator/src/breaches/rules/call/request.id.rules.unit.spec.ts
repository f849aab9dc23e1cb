import { aCall, findings } from '../../../testing/facts';
import { noRequestId, sameRequestId } from './request.id.rules';

describe('x-ms-requestid', () => {
  it('that is missing is reported once per route', () => {
    const calls = [
      aCall(1, { sentRequestId: null }),
      aCall(2, { sentRequestId: null }),
      aCall(3, { sentRequestId: null, route: 'listOperations' }),
    ];
    expect(findings(noRequestId, calls)).toMatchObject([
      { subject: 'getSubscription' },
      { subject: 'getSubscription' },
      { subject: 'listOperations' },
    ]);
    expect(findings(noRequestId, [aCall(1)])).toEqual([]);
  });

  it('that is used for different calls is reported, and for a retry of the same call it is not', () => {
    const first = aCall(1, { sentRequestId: 'same', path: '/api/saas/subscriptions/1' });
    const retry = aCall(2, { sentRequestId: 'same', path: '/api/saas/subscriptions/1' });
    const other = aCall(3, { sentRequestId: 'same', path: '/api/saas/subscriptions/2' });
    expect(findings(sameRequestId, [first, retry])).toEqual([]);
    expect(findings(sameRequestId, [first, other])).toMatchObject([{ subject: 'same', done: expect.stringContaining('subscriptions/1') }]);
  });
});
