import { endOfFederated, expiryFinding, federatedFinding, noticeOf } from './expiry.domain';

const now = Date.parse('2026-12-01T12:00:00Z');
const inDays = (days: number) => now + days * 86_400_000;

it.each([
  [61, null],
  [60, 60],
  [15, 60],
  [14, 14],
  [3.1, 14],
  [3, 3],
  [0.1, 3],
  [0, 0],
  [-5, 0],
])('%d days before the end the notice of %p days is due', (days, notice) => {
  expect(noticeOf(inDays(days), now)).toBe(notice);
});

it.each([
  ['secret', 30, 'ends on 2026-12-31, in 30 days', 'make a new secret'],
  ['certificate', 1.5, 'ends on 2026-12-03, in a day', 'upload a new certificate'],
  ['secret', 0.4, 'ends on 2026-12-01, in less than a day', 'make a new secret'],
  ['certificate', -1, 'ended on 2026-11-30', 'upload a new certificate'],
] as const)('a %s that ends in %d days is told with its day and what to do', (kind, days, cause, cure) => {
  expect(expiryFinding(kind, inDays(days), now)).toMatchObject({
    cause: expect.stringContaining(cause),
    cure: expect.stringContaining(cure),
  });
});

it('is a notice until it has ended, and a fault from then on', () => {
  const noticeAt = (days: number) => expiryFinding('secret', inDays(days), now)?.noticeDays;
  expect([noticeAt(59), noticeAt(13), noticeAt(1), noticeAt(-1)]).toEqual([60, 14, 3, undefined]);
});

it.each([null, inDays(61)])('says nothing of a secret whose end is unknown or far', (endsAtMs) => {
  expect(expiryFinding('secret', endsAtMs, now)).toBeNull();
});

describe('a federated token', () => {
  it('is found missing, or not renewed', () => {
    expect(federatedFinding({ kind: 'missing', reason: 'ENOENT' }, now)?.cause).toMatch('ENOENT');
    expect(federatedFinding({ kind: 'read', endsAtMs: now - 1 }, now)?.cause).toMatch('was not renewed');
  });

  it.each([null, inDays(0.01)])('is well while it has not ended, or does not say when', (endsAtMs) => {
    expect(federatedFinding({ kind: 'read', endsAtMs }, now)).toBeNull();
  });

  it('tells when it ends, where it can be read', () => {
    const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
    expect([token({ exp: 1_700_000_000 }), token({ exp: 'soon' }), token(null), 'opaque', ''].map(endOfFederated)).toEqual([
      1_700_000_000_000,
      null,
      null,
      null,
      null,
    ]);
  });
});
