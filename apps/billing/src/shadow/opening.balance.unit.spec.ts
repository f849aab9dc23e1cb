import type { Catalog } from '@landfall/contracts';
import { fact, Scene } from '../testing/ledger.scene';
import { imbalancesOf, sumsOf } from '../ledger/sums.domain';
import { openWith, seenOf, type Accounts, type Opening } from './opening.balance.domain';

const plan = { activation: 'on-confirm', meters: { emails: { dimension: 'email' } } } as const;
const catalog: Catalog = { publishers: { contoso: { offers: { reach: { displayName: 'Reach', plans: { silver: plan } } } } } };
const facts = [fact(1, '2026-05-06T09:00:00Z')];
const subscription = {
  ...{ id: '11111111-1111-4111-8111-111111111111', publisherId: 'contoso', offerId: 'reach', isPreview: false, version: 1 },
  ...{ facts, rates: {}, peaks: {}, counts: 0, lookAt: null, lateFrom: null },
};
const asked = (differing: Partial<Omit<Opening, 'quantity'>> & { quantity?: number } = {}): Opening => ({
  ...{ planId: 'silver', meter: 'emails', day: '2026-05-10', ...differing },
  quantity: BigInt(differing.quantity ?? 700) * 1_000_000n,
});
const given = (accounts: Accounts['accounts'], opening: Opening) => openWith({ subscription, accounts, opened: null }, opening, catalog);

function opened(scene: Scene, quantity: number): Scene {
  const outcome = given(scene.ledger.accounts, asked({ quantity }));
  if (outcome.kind !== 'changed') throw new Error('it is not given');
  scene.ledger = { ...scene.ledger, accounts: outcome.state.accounts };
  return scene;
}

it('700 used in this term before, 600 after it: 300 → 0.90', () => {
  const scene = opened(new Scene(), 700).used('2026-05-10T10:10:00Z', 600);
  expect(scene.accepted('2026-05-10T11:15:00Z')).toEqual(['05-10T10 silver email 300']);
});

it('1,400 used before: what of them is billable somebody else has charged', () => {
  const scene = opened(new Scene(), 1_400).used('2026-05-10T10:10:00Z', 60);
  expect(scene.accepted('2026-05-10T11:15:00Z')).toEqual(['05-10T10 silver email 60']);
  expect(sumsOf(scene.ledger)).toMatchObject([{ net: 1_460_000_000n, placed: { shadowed: 400_000_000n, accepted: 60_000_000n }, due: 0n }]);
});

it('given again it replaces what was given, also after usage was reported', () => {
  const scene = opened(new Scene(), 700).used('2026-05-10T10:10:00Z', 600);
  scene.accepted('2026-05-10T11:15:00Z');
  expect(opened(scene, 900).accepted('2026-05-10T12:15:00Z')).toEqual(['05-10T11 silver email 200']);
  expect(opened(scene, 0).accepted('2026-05-10T13:15:00Z')).toEqual([]);
  expect(sumsOf(scene.ledger)).toMatchObject([{ due: 0n, credit: 500_000_000n }]);
  expect(imbalancesOf(scene.ledger)).toEqual([]);
});

it('whatever is given, never more is due than what was recorded', () => {
  const scene = opened(new Scene(), 9_000_000).used('2026-05-10T10:10:00Z', 600);
  expect(scene.accepted('2026-05-10T11:15:00Z')).toEqual(['05-10T10 silver email 600']);
});

it.each([
  ['a plan that the subscription never had', asked({ planId: 'gold' }), /never had the plan gold/],
  ['a meter that the catalog does not map', asked({ meter: 'calls' }), /maps no meter calls/],
  ['a day before its first term', asked({ day: '2026-05-05' }), /2026-05-05 lies in no term/],
])('refuses %s', (_what, opening, reason) =>
  expect(given([], opening)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) }),
);

it('refuses a term of a length that Microsoft’s list does not have: nobody knows what it includes', () => {
  const read = { prices: {}, included: { P1Y: { email: '12000' } }, readAt: '2026-05-06T10:00:00Z', askedAt: null };
  const known = { ...subscription, rates: { silver: read } };
  expect(openWith({ subscription: known, accounts: [], opened: null }, asked(), catalog)).toMatchObject({ kind: 'refused' });
});

it('is kept with the act', () => {
  const outcome = given([], asked());
  expect(outcome.kind === 'changed' && seenOf(outcome.state)).toEqual({
    ...{ planId: 'silver', meter: 'emails', term: '2026-05-06', openingBalance: '700' },
  });
});
