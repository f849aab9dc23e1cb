import { PURCHASE_TOKEN_LIMIT } from '@landfall/contracts';
import { MAX_PURCHASE_TOKEN_CHARS } from '@landfall/marketplace-client';
import { RESOLVE_LIMIT_MS, unresolvedReason, type ResolveFailure } from './purchase.domain';

const rejected = (explanation: string): ResolveFailure => ({ kind: 'rejected', explanation });

it.each<[string, ResolveFailure, number, string | null]>([
  ['a rejected token is rejected at once', rejected('BadArgument The token could not be decrypted.'), 0, 'token-rejected'],
  ['a token that Microsoft calls expired is expired', rejected(' The token has expired.'), 0, 'token-expired'],
  ['a token without a subscription leads nowhere', { kind: 'not-found' }, 0, 'not-found'],
  ['a 403 is asked again while the customer waits', { kind: 'forbidden' }, RESOLVE_LIMIT_MS - 1, null],
  ['a 403 for as long as that means that the purchase is not ours', { kind: 'forbidden' }, RESOLVE_LIMIT_MS, 'not-ours'],
  ['what tells nothing is asked again while the customer waits', { kind: 'unanswered' }, RESOLVE_LIMIT_MS - 1, null],
  ['what tells nothing for as long as that sends the customer back', { kind: 'unanswered' }, RESOLVE_LIMIT_MS, 'not-answered'],
])('%s', (_title, failure, ageMs, expected) => {
  expect(unresolvedReason(failure, ageMs)).toBe(expected);
});

it('takes a token of the same length wherever one comes in', () => {
  expect(MAX_PURCHASE_TOKEN_CHARS).toBe(PURCHASE_TOKEN_LIMIT);
});
