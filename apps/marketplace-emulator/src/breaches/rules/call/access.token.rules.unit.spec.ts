import { marketplaceAppId } from '../../../installation/installation';
import { limits } from '../../../limits';
import { aCall, after, stateBefore, findings } from '../../../testing/facts';
import type { CallEnded, Fact, TokenIssued } from '../../fact';
import { expiredAccessToken, formerResourceAsked, refusedTokenAgain, tokenPerCall } from './access.token.rules';

const issued = (seconds: number, changes: Partial<TokenIssued> = {}): TokenIssued => ({
  kind: 'token-issued',
  atMs: after(seconds),
  issuedAtMs: after(seconds),
  client: 'publisher',
  resource: marketplaceAppId,
  status: 200,
  faultId: null,
  fingerprint: `token-${seconds}`,
  ...changes,
});
const call = (seconds: number, fingerprint: string, changes: Partial<CallEnded> = {}) =>
  aCall(seconds, { token: { fingerprint, expiresAtMs: after(3_600) }, before: stateBefore(), ...changes });

describe('a token for the former resource', () => {
  it('is a breach, and one for the present one is none', () => {
    expect(findings(formerResourceAsked, [issued(1, { resource: '62d94f6c-d599-489b-a797-3e10e42fbe22', status: 400 })])).toHaveLength(1);
    expect(findings(formerResourceAsked, [issued(1)])).toEqual([]);
  });
});

describe('a token for nearly every call', () => {
  /** Gets a token and makes some calls with it, again and again. */
  const life = (callsEach: number, spacing = 1, changes: Partial<CallEnded> = {}): Fact[] =>
    Array.from({ length: limits.tokensCompared + 1 }, (_, index) => [
      issued(index * spacing),
      ...Array.from({ length: callsEach }, () => call(index * spacing, `token-${index * spacing}`, changes)),
    ]).flat();

  it('is a breach', () => {
    expect(findings(tokenPerCall, life(1))).toMatchObject([{ subject: 'publisher' }]);
  });

  it('is none where each has several calls, where the one before was refused, or where hours lie between them', () => {
    expect(findings(tokenPerCall, life(2))).toEqual([]);
    expect(findings(tokenPerCall, life(1, 1, { status: 403 }))).toEqual([]);
    expect(findings(tokenPerCall, life(1, 3_600))).toEqual([]);
  });

  it('is none for tokens that are for another service', () => {
    const graph = life(1).map((fact) => (fact.kind === 'token-issued' ? { ...fact, resource: 'graph' } : fact));
    expect(findings(tokenPerCall, graph)).toEqual([]);
  });
});

describe('an expired access token', () => {
  const expired = (secondsAgo: number) => aCall(5_000, { token: { fingerprint: 'token', expiresAtMs: after(5_000 - secondsAgo) } });

  it('is advice, and one that lives, or has just expired, is nothing', () => {
    expect(findings(expiredAccessToken, [expired(120)])).toMatchObject([{ done: expect.stringContaining('2 min') }]);
    expect(findings(expiredAccessToken, [expired(30), expired(-600), aCall(1)])).toEqual([]);
  });
});

describe('a refused access token', () => {
  const refused = (seconds: number, changes: Partial<CallEnded> = {}) =>
    call(seconds, 'token', { status: 403, before: undefined, path: '/same', ...changes });

  it('is a breach when it comes again and again', () => {
    expect(
      findings(
        refusedTokenAgain,
        [1, 2, 3, 4].map((seconds) => refused(seconds)),
      ),
    ).toHaveLength(1);
  });

  it('is none when all of them were on their way when the first was refused', () => {
    const atOnce = [1, 2, 3, 4].map((seconds) => refused(seconds, { beganAtMs: after(0) }));
    expect(findings(refusedTokenAgain, atOnce)).toEqual([]);
  });

  it('is none with fresh tokens, now and then, for different calls, or where the subscription was refused and not the token', () => {
    const times = [1, 2, 3, 4];
    const fresh = times.map((seconds) => refused(seconds, { token: { fingerprint: `token-${seconds}`, expiresAtMs: null } }));
    expect(findings(refusedTokenAgain, fresh)).toEqual([]);
    expect(
      findings(
        refusedTokenAgain,
        times.map((seconds) => refused(seconds * 61)),
      ),
    ).toEqual([]);
    expect(
      findings(
        refusedTokenAgain,
        times.map((seconds) => refused(seconds, { path: `/${seconds}` })),
      ),
    ).toEqual([]);
    expect(
      findings(
        refusedTokenAgain,
        times.map((seconds) => refused(seconds, { before: stateBefore() })),
      ),
    ).toEqual([]);
    expect(findings(refusedTokenAgain, [refused(1), refused(2), { ...refused(3), status: 200 }, refused(4), refused(5)])).toEqual([]);
  });
});
