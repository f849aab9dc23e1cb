import { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import type { Installation } from '../installation/installation';
import { subscriptionId } from '../testing/facts';
import { Clock } from '../time/clock';
import { readPurchaseToken } from './purchase.token.reading';

const nowMs = Date.parse('2026-01-31T12:00:00Z');
const clock = { now: () => clock.atMs, atMs: nowMs } as unknown as Clock & { atMs: number };
const tokens = new PurchaseTokens({ purchaseTokenKey: Buffer.alloc(32, 7).toString('base64') } as Installation, clock);
const token = tokens.mint(subscriptionId);

afterEach(() => {
  clock.atMs = nowMs;
});

it('reads a whole token', () => {
  expect(readPurchaseToken(token, tokens)).toEqual({
    fingerprint: expect.any(String),
    damage: null,
    isExpired: false,
    subscriptionId,
  });
});

it.each([
  ['blank-for-plus', token.replaceAll('+', ' ')],
  ['still-encoded', encodeURIComponent(token)],
  ['still-encoded', encodeURIComponent(encodeURIComponent(token))],
  ['unknown', token.slice(1)],
  ['unknown', '%'],
  ['unknown', 'bnVsbA=='],
  ['unknown', 'x'.repeat(100_000)],
])('sees that a token is damaged: %s', (damage, damaged) => {
  expect(readPurchaseToken(damaged, tokens)).toMatchObject({ damage, subscriptionId: null });
});

it('sees the same damage after the token has expired, and that a whole one has', () => {
  clock.atMs += 25 * 3_600_000;
  expect(readPurchaseToken(token, tokens)).toMatchObject({ damage: null, isExpired: true, subscriptionId: null });
  expect(readPurchaseToken(encodeURIComponent(token), tokens)).toMatchObject({ damage: 'still-encoded' });
});

it('keeps no token', () => {
  for (const damaged of [token, encodeURIComponent(token)]) {
    const kept = JSON.stringify(readPurchaseToken(damaged, tokens));
    expect(kept.length).toBeLessThan(200);
    expect(kept).not.toContain(token.slice(0, 20));
  }
});
