import { aCall, anOperation, aSubscription, stateBefore, findings, subscriptionId } from '../../../testing/facts';
import type { CallEnded } from '../../fact';
import { blindAgainstLock, resellersPurchase, twoChangesAtOnce } from './change.rules';

const change = (seconds: number, changes: Partial<CallEnded> = {}) =>
  aCall(seconds, { route: 'updateSubscription', method: 'PATCH', subscriptionId, body: { planId: 'gold' }, status: 202, ...changes });

describe("a reseller's purchase", () => {
  const before = stateBefore({ subscription: aSubscription({ channel: 'csp' }) });

  it.each(['updateSubscription', 'cancelSubscription'] as const)('is not to be touched: %s', (route) => {
    expect(findings(resellersPurchase, [change(1, { route, before })])).toMatchObject([{ subject: subscriptionId }]);
  });

  it('may be read, and that of a customer changed', () => {
    expect(
      findings(resellersPurchase, [aCall(1, { before }), change(2, { before: stateBefore({ subscription: aSubscription() }) })]),
    ).toEqual([]);
  });
});

describe('plan and quantity in one PATCH', () => {
  it('are a breach', () => {
    expect(findings(twoChangesAtOnce, [change(1, { body: { planId: 'gold', quantity: 5 } })])).toHaveLength(1);
  });

  it.each([[{ planId: 'gold' }], [{ quantity: 5 }], [{ planId: 'gold', quantity: null }], [undefined], ['text']])(
    'are not both in %j',
    (body) => {
      expect(findings(twoChangesAtOnce, [change(1, { body })])).toEqual([]);
    },
  );
});

describe('trying against a lock', () => {
  const locked = (seconds: number, changes: Partial<CallEnded> = {}) =>
    change(seconds, { status: 400, before: stateBefore({ pending: anOperation() }), ...changes });

  it('is advice when it is done three times without a look at the open operation', () => {
    expect(findings(blindAgainstLock, [locked(1), locked(2), locked(3)])).toMatchObject([{ done: expect.stringContaining('3 times') }]);
  });

  it('is none where the operation was read in between, where nothing is open, or where a fault refused it', () => {
    const look = aCall(2.5, { route: 'listOperations', subscriptionId });
    expect(findings(blindAgainstLock, [locked(1), locked(2), look, locked(3), locked(4)])).toEqual([]);
    expect(
      findings(
        blindAgainstLock,
        [1, 2, 3].map((seconds) => locked(seconds, { before: stateBefore() })),
      ),
    ).toEqual([]);
    expect(
      findings(
        blindAgainstLock,
        [1, 2, 3].map((seconds) => locked(seconds, { faultId: 'f' })),
      ),
    ).toEqual([]);
  });
});
