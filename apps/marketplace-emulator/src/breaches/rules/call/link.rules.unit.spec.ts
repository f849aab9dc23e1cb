import { findings, startMs } from '../../../testing/facts';
import type { TrapVisited } from '../../fact';
import { keyAddressFollowed, tokenToForeignHost } from './link.rules';

const visit = (changes: Partial<TrapVisited>): TrapVisited => ({
  kind: 'trap-visited',
  atMs: startMs,
  trap: 'foreign-link',
  method: 'GET',
  path: '/saas/subscriptions/',
  hadToken: true,
  ...changes,
});

it('finds a token that went to a foreign host, and nothing where none went there', () => {
  expect(findings(tokenToForeignHost, [visit({})])).toHaveLength(1);
  expect(findings(tokenToForeignHost, [visit({ hadToken: false }), visit({ trap: 'foreign-keys' })])).toEqual([]);
});

it('finds that the address in a forged token was followed, and nothing in a visit elsewhere', () => {
  expect(findings(keyAddressFollowed, [visit({ trap: 'foreign-keys', hadToken: false })])).toHaveLength(1);
  expect(findings(keyAddressFollowed, [visit({})])).toEqual([]);
});
