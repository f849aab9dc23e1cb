import { aCall, findings, subscriptionId } from '../../../testing/facts';
import type { PurchaseTokenReading } from '../../purchase.token.reading';
import { damagedToken, expiredToken, resolveLoop } from './purchase.token.rules';

const resolve = (seconds: number, changes: Partial<PurchaseTokenReading> = {}, faultId: string | null = null) => {
  const purchaseToken = { fingerprint: 'token', damage: null, isExpired: false, subscriptionId: null, ...changes };
  return aCall(seconds, { route: 'resolveSubscription', status: purchaseToken.subscriptionId ? 200 : 400, purchaseToken, faultId });
};

describe('a damaged purchase token', () => {
  it.each([
    ['blank-for-plus', 'blanks'],
    ['still-encoded', 'percent-encoded'],
  ] as const)('is a breach where undoing the damage gives a token: %s', (damage, hint) => {
    expect(findings(damagedToken, [resolve(1, { damage })])).toMatchObject([{ subject: damage, done: expect.stringContaining(hint) }]);
  });

  it('is none where it is whole, or where it is unknown what was sent to the landing page', () => {
    expect(
      findings(damagedToken, [resolve(1, { subscriptionId }), resolve(2, { damage: 'unknown' }), resolve(3, { isExpired: true })]),
    ).toEqual([]);
  });
});

describe('an expired purchase token', () => {
  it('is advice, and one in time is nothing', () => {
    expect(expiredToken.severity).toBe('advice');
    expect(findings(expiredToken, [resolve(1, { isExpired: true })])).toHaveLength(1);
    expect(findings(expiredToken, [resolve(1, { subscriptionId })])).toEqual([]);
  });
});

describe('a loop of Resolve', () => {
  const tries = (spacing: number, changes: Partial<PurchaseTokenReading> = {}) =>
    Array.from({ length: 5 }, (_, index) => resolve(index * spacing, changes));

  it('is a breach when the same bad token comes five times within ten seconds', () => {
    expect(findings(resolveLoop, tries(2, { damage: 'unknown' }))).toHaveLength(1);
  });

  it('is none where a customer tries from time to time, where the tokens differ or are good, or where faults answered', () => {
    expect(findings(resolveLoop, tries(3, { damage: 'unknown' }))).toEqual([]);
    expect(
      findings(
        resolveLoop,
        [0, 1, 2, 3, 4].map((index) => resolve(index, { fingerprint: `token-${index}`, damage: 'unknown' })),
      ),
    ).toEqual([]);
    expect(findings(resolveLoop, tries(1, { subscriptionId }))).toEqual([]);
    expect(
      findings(
        resolveLoop,
        [0, 1, 2, 3, 4].map((index) => resolve(index, { damage: 'unknown' }, 'f')),
      ),
    ).toEqual([]);
  });
});
