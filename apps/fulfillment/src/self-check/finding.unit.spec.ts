import {
  MarketplaceAnswerUnreadable,
  MarketplaceForbidden,
  MarketplaceThrottled,
  MarketplaceUnavailable,
  type MarketplaceError,
  type TokenClaims,
} from '@landfall/marketplace-client';
import { refusalFinding, sentenceOf, showsNothing, tokenFindings } from './finding';

const expected = { tenantId: 'AAAA', clientId: 'bbbb', audience: 'cccc' };
const good: TokenClaims = { tenantId: 'aaaa', applicationId: 'bbbb', audience: 'cccc', objectId: 'dddd' };

describe('a token', () => {
  it.each([
    ['is as it should be', good],
    ['cannot be read, since it is opaque', null],
  ])('shows nothing where it %s', (_what, claims) => {
    expect(tokenFindings(claims, expected)).toEqual([]);
  });

  it.each<[what: string, claims: TokenClaims, cause: RegExp]>([
    ['of another tenant', { ...good, tenantId: 'other' }, /tenant other/],
    ['of another application', { ...good, applicationId: 'other' }, /application other/],
    ['for another audience', { ...good, audience: 'other' }, /for other, not for the marketplace/],
    ['of no service principal', { tenantId: 'aaaa', applicationId: 'bbbb', audience: 'cccc' }, /no service principal/],
  ])('is found to be %s', (_what, claims, cause) => {
    expect(tokenFindings(claims, expected)).toEqual([{ cause: expect.stringMatching(cause), cure: expect.any(String) }]);
  });
});

describe('a refusal', () => {
  const byEntra = (code: string) => new MarketplaceForbidden('Entra refuses', { microsoft: { code, message: null, target: null } });

  it.each([
    ['AADSTS7000215', /the secret is wrong/],
    ['AADSTS7000222', /the secret has ended/],
    ['AADSTS700016', /no such application in this tenant/],
    ['AADSTS90002', /no such tenant/],
    ['AADSTS500011', /service principal/],
    ['AADSTS700024', /clock of this machine/],
    ['AADSTS999999', /check tenant, application and credential/],
  ])('of Entra’s with %s says what to do', (code, cure) => {
    const finding = refusalFinding(byEntra(code));
    expect(finding.cause).toContain(code);
    expect(finding.cure).toMatch(cure);
  });

  it.each([401, 403])('of Microsoft’s with %i is about the technical configuration', (status) => {
    const text = sentenceOf(refusalFinding(new MarketplaceForbidden('no', { status })));
    expect(text).toMatch(new RegExp(`${status}.*technical configuration.*preview`));
    expect(text.length).toBeLessThan(500); // what /health shows of one notice
  });

  it.each([
    ['an outage', new MarketplaceUnavailable('m', { reason: 'network', outcomeUnknown: false, isOutage: true }), /could not be asked/],
    ['a page of a proxy', new MarketplaceAnswerUnreadable('(body)', 'is no JSON'), /cannot be read/],
    ['a file that is not there', new Error('ENOENT'), /ENOENT/],
  ])('is told apart from %s', (_what, error, cause) => {
    expect(refusalFinding(error).cause).toMatch(cause);
    expect(showsNothing(error)).toBe(false);
  });

  it.each<[string, MarketplaceError]>([
    ['a 429', new MarketplaceThrottled('m', { status: 429 })],
    ...(['busy', 'paused', 'breaker-open'] as const).map((reason): [string, MarketplaceError] => [
      reason,
      new MarketplaceUnavailable('m', { reason, outcomeUnknown: false, isOutage: reason === 'breaker-open' }),
    ]),
  ])('is not what our own side keeps back (%s): it says nothing of the registration', (_what, error) => {
    expect(showsNothing(error)).toBe(true);
  });
});
