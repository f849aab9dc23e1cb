import type { BadTokenName } from '../../../webhook/token/bad.tokens';
import { aDelivery, findings } from '../../../testing/facts';
import { forgeryBelieved, forgeryPostponed } from './forgery.rules';

const forged = (badToken: BadTokenName | null, status: number) =>
  aDelivery(1, { badToken, kind: badToken ? 'forged' : 'genuine', answer: { status, body: '' } });

it.each(['alg-none', 'wrong-key', 'unknown-kid', 'wrong-aud', 'expired'] as const)(
  'finds a publisher that accepts a bad token: %s',
  (badToken) => {
    expect(findings(forgeryBelieved, [forged(badToken, 200)])).toMatchObject([{ subject: badToken }]);
  },
);

it('finds nothing where it is refused, or genuine, or where its badness is a matter of configuration', () => {
  const fine = [forged('alg-none', 401), forged('alg-none', 400), forged(null, 200), forged('aud-as-uri', 200)];
  expect(findings(forgeryBelieved, fine)).toEqual([]);
});

it('advises against 5xx where the token is provably wrong, and nowhere else', () => {
  expect(findings(forgeryPostponed, [forged('expired', 503)])).toHaveLength(1);
  expect(
    findings(forgeryPostponed, [forged('wrong-aud', 503), forged('unknown-kid', 503), forged('expired', 401), forged(null, 503)]),
  ).toEqual([]);
});
