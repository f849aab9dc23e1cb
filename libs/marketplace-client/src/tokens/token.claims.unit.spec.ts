import { claimsOf } from './token.claims';

const tokenWith = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

it.each([
  ['version 1', { tid: 't', appid: 'a', aud: 'm', oid: 'o' }],
  ['version 2', { tid: 't', azp: 'a', aud: 'm', oid: 'o', iat: 1 }],
])('reads a token of %s', (_version, claims) => {
  expect(claimsOf(tokenWith(claims))).toEqual({ tenantId: 't', applicationId: 'a', audience: 'm', objectId: 'o' });
});

it('leaves out what a token does not say', () => {
  expect(claimsOf(tokenWith({ tid: 7, aud: ['m'] }))).toEqual({});
});

it.each(['', 'opaque', 'a.b.c', tokenWith(null), tokenWith([]), tokenWith('x')])('can say nothing of %j', (token) => {
  expect(claimsOf(token)).toBeNull();
});
