import { PURCHASE_TOKEN_LIMIT } from '@landfall/contracts';
import { purchaseTokenOf } from './purchase-token';

describe('the purchase token of a landing URL (pitfall 1)', () => {
  it.each([
    ['a plain token', '/landing?token=abc', 'abc'],
    ['an encoded plus', '/landing?token=a%2Bb%2Fc%3D%3D', 'a+b/c=='],
    ['a raw plus, which is no blank', '/landing?token=a+b', 'a+b'],
    ['a blank, where something on the way decoded the plus', '/landing?token=a%20b', 'a+b'],
    ['an equals sign in the value', '/landing?token=ab==', 'ab=='],
    ['an encoding within the token, decoded once and not twice', '/landing?token=a%252Bb', 'a%2Bb'],
    ['our own parameters before it', '/landing/default?campaign=1&token=abc', 'abc'],
    ['our own parameters after it', '/landing?token=abc&utm=x', 'abc'],
    ['the first of two', '/landing?token=abc&token=def', 'abc'],
    ['a fragment, which is not part of it', '/landing?token=abc#top', 'abc'],
    ['a parameter whose name only ends alike', '/landing?mytoken=x&token=abc', 'abc'],
    ['a second question mark', '/landing?token=ab?c', 'ab?c'],
    ['the longest', `/landing?token=${'x'.repeat(PURCHASE_TOKEN_LIMIT)}`, 'x'.repeat(PURCHASE_TOKEN_LIMIT)],
  ])('is read with %s', (_case, rawUrl, token) => {
    expect(purchaseTokenOf(rawUrl)).toEqual({ kind: 'token', token });
  });

  it.each(['/landing', '/landing?', '/landing?token=', '/landing?token', '/landing?Token=abc', '/landing?other=1', '/landing#token=abc'])(
    'is missing in %s',
    (rawUrl) => {
      expect(purchaseTokenOf(rawUrl)).toEqual({ kind: 'none' });
    },
  );

  it.each([
    ['a cut encoding', '/landing?token=abc%2'],
    ['bytes that are no UTF-8', '/landing?token=%ff%fe'],
    ['a line break, which would forge a header', '/landing?token=abc%0d%0aX-Evil:1'],
    ['a zero byte', '/landing?token=abc%00'],
    ['letters outside of ASCII', '/landing?token=%C3%A4'],
    ['more than any token has', `/landing?token=${'x'.repeat(PURCHASE_TOKEN_LIMIT + 1)}`],
  ])('is damaged by %s', (_case, rawUrl) => {
    expect(purchaseTokenOf(rawUrl)).toEqual({ kind: 'damaged' });
  });
});
