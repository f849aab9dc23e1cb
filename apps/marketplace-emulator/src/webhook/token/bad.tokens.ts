/**
 * What a publisher has to do with a delivery that carries such a token: refuse it; refuse it or ask for it again by a 5xx, but never take it, where the fault
 * may be its own settings, or keys that it has not seen yet; or decide by its own settings.
 */
type RightAnswer = 'refuse' | 'refuse-or-postpone' | 'either';

interface BadToken {
  /** What is wrong with it. */
  wrong: string;
  rightAnswer: RightAnswer;
}

/**
 * The tokens with which somebody who is not Microsoft might call a webhook (contract 2.3). Each differs from the genuine one by one thing,
 * so that it passes every check but the one that it is about.
 */
export const badTokens = {
  missing: { wrong: 'There is no Authorization header.', rightAnswer: 'refuse' },
  garbage: { wrong: 'The token is not a JWT.', rightAnswer: 'refuse' },
  'wrong-key': { wrong: 'It names a published key and is signed with another one.', rightAnswer: 'refuse' },
  'unknown-kid': { wrong: 'It is signed with a key that is not published.', rightAnswer: 'refuse-or-postpone' },
  'alg-none': { wrong: 'Its algorithm is none, and it has no signature.', rightAnswer: 'refuse' },
  'hs256-public-pem': { wrong: 'It is signed by HS256 with the published key, as PEM, for a secret.', rightAnswer: 'refuse' },
  'hs256-public-jwk': { wrong: 'It is signed by HS256 with the published key, as JWK, for a secret.', rightAnswer: 'refuse' },
  'wrong-aud': { wrong: 'Its audience is another application.', rightAnswer: 'refuse-or-postpone' },
  'aud-as-uri': {
    wrong: 'Its audience is api://<application> instead of the bare id: conceivable, and unverified.',
    rightAnswer: 'either',
  },
  'wrong-tid': { wrong: 'Its tenant is not the publisher’s, though its issuer is.', rightAnswer: 'refuse' },
  'foreign-tenant': {
    wrong: 'It is genuinely issued by another tenant: issuer and tenant fit each other, and all tenants share their keys.',
    rightAnswer: 'refuse',
  },
  'other-publisher': {
    wrong: 'It is genuine, and made for the webhooks of another publisher’s application: tenant, issuer and audience are that one’s.',
    rightAnswer: 'refuse',
  },
  'wrong-appid': { wrong: 'Its caller is another application than the marketplace.', rightAnswer: 'refuse' },
  'wrong-iss': { wrong: 'Its issuer is another tenant.', rightAnswer: 'refuse' },
  'issuer-of-other-version': { wrong: 'It is a v1 token with the issuer of v2, or the other way round.', rightAnswer: 'refuse' },
  expired: { wrong: 'It has expired an hour ago.', rightAnswer: 'refuse' },
  'not-yet-valid': { wrong: 'It is valid from in an hour on.', rightAnswer: 'refuse' },
  'unknown-crit': { wrong: 'Its header names an extension as critical that nobody knows (RFC 7515, 4.1.11).', rightAnswer: 'refuse' },
  'foreign-jku': { wrong: 'Its header leads to keys of the attacker’s by jku.', rightAnswer: 'refuse-or-postpone' },
  'foreign-x5u': { wrong: 'Its header leads to keys of the attacker’s by x5u.', rightAnswer: 'refuse-or-postpone' },
  'embedded-jwk': { wrong: 'Its header brings the attacker’s key along.', rightAnswer: 'refuse-or-postpone' },
  'other-purpose': {
    wrong: 'It is a genuine token of the tenant, for the marketplace API and not for the webhook.',
    rightAnswer: 'refuse-or-postpone',
  },
} as const satisfies Record<string, BadToken>;

export type BadTokenName = keyof typeof badTokens;
export const badTokenNames = Object.keys(badTokens) as [BadTokenName, ...BadTokenName[]];
