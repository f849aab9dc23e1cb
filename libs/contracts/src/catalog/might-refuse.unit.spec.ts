import * as fc from 'fast-check';
import { emptyCatalog } from './catalog';
import { catalogJsonSchema, catalogSchema } from './catalog.schema';
import { mightRefuse, type AnnouncedChange } from './might-refuse.domain';
import { judgePlanMove } from './plan-move.domain';
import { judgeSeats } from './seats.domain';

fc.configureGlobal({ seed: 1 });

const veto = { url: 'https://product.example/veto', whenSilent: 'accept' };
const meters = { texts: { dimension: 'texts' }, emails: { tiers: [{ dimension: 'first', upTo: 10 }, { dimension: 'next' }] } };
const catalog = catalogSchema.parse({
  publishers: {
    fabrikam: {
      offers: {
        team: {
          displayName: 'Team',
          noDowngrade: ['silver', 'gold'],
          plans: { silver: {}, gold: {}, seated: { seats: { min: 1, max: 10 } }, last: { mayMoveTo: [] }, free: { meters } },
        },
        mail: { displayName: 'Mail', plans: { base: {}, more: {} } },
        asked: { displayName: 'Asked', veto, plans: { base: {}, more: {} } },
        trial: { displayName: 'Trial', veto, plans: { base: {} } },
        'trial-preview': { displayName: 'The next trial', plans: { base: {} } },
      },
    },
    contoso: { offers: { mail: { displayName: 'Their mail', plans: { base: {}, more: {} } } } },
  },
});

const change = (changes: Partial<AnnouncedChange> = {}): AnnouncedChange => ({
  ...{ action: 'ChangePlan', publisherId: 'fabrikam', offerId: 'team', planId: 'free', targetPlanId: 'silver', ...changes },
});
const quantity = (changes: Partial<AnnouncedChange> = {}) => change({ action: 'ChangeQuantity', targetPlanId: null, ...changes });

describe('a change of plan might be refused', () => {
  it.each<[string, Partial<AnnouncedChange>]>([
    ['between plans that noDowngrade compares', { planId: 'gold', targetPlanId: 'silver' }],
    ['to a plan that noDowngrade compares, from one that is not named', { planId: null, targetPlanId: 'silver' }],
    ['from a plan that names where it may move', { planId: 'last' }],
    ['to a plan with limited seats', { targetPlanId: 'seated' }],
    ['to a plan that is not named, where one has limited seats', { targetPlanId: null }],
    ['where the product has a veto', { offerId: 'asked', planId: 'base', targetPlanId: 'more' }],
    ['in a preview of such an offer', { offerId: 'team-preview', targetPlanId: 'seated' }],
    ['where the offer is not named, and another one of its publisher has rules', { offerId: null, planId: 'base', targetPlanId: 'more' }],
    ['where the publisher is not named, and one of that offer has rules', { publisherId: null, targetPlanId: 'seated' }],
    ['where nothing is named', { publisherId: null, offerId: null, planId: null, targetPlanId: null }],
  ])('%s', (_case, changes) => expect(mightRefuse(catalog, change(changes))).toBe(true));
});

describe('a change of plan is surely not refused', () => {
  it.each<[string, Partial<AnnouncedChange>]>([
    ['between plans without rules', {}],
    ['in an offer without rules', { offerId: 'mail', planId: null, targetPlanId: null }],
    ['in an offer that the catalog does not name', { offerId: 'elsewhere', planId: null, targetPlanId: null }],
    ['of a publisher that the catalog does not name', { publisherId: 'elsewhere', planId: null, targetPlanId: null }],
    ['of a publisher whose offers have no rules', { publisherId: 'contoso', offerId: null }],
    ['in a preview that is named by itself, without rules', { offerId: 'trial-preview', planId: 'base', targetPlanId: null }],
    ['with names that every object has', { publisherId: 'constructor', offerId: 'toString', planId: '__proto__' }],
  ])('%s', (_case, changes) => expect(mightRefuse(catalog, change(changes))).toBe(false));
});

it('a change of seats might be refused by limits of its plan, and by a veto', () => {
  expect(mightRefuse(catalog, quantity({ planId: 'seated' }))).toBe(true);
  expect(mightRefuse(catalog, quantity({ planId: null }))).toBe(true);
  expect(mightRefuse(catalog, quantity({ offerId: 'asked', planId: 'base' }))).toBe(true);
  expect(mightRefuse(catalog, quantity({ planId: 'last' }))).toBe(false);
  expect(mightRefuse(catalog, quantity({ planId: 'gold' }))).toBe(false);
});

it('nothing else is ever refused (rule 7), and nothing at all without a catalog', () => {
  const unknown = { publisherId: null, offerId: null, planId: null, targetPlanId: null };
  for (const action of ['Reinstate', 'Unsubscribe', 'Suspend', 'Renew', 'Subscribe', 'Transfer', 'constructor', ''])
    expect(mightRefuse(catalog, { ...unknown, action })).toBe(false);
  expect(mightRefuse(emptyCatalog, change(unknown))).toBe(false);
});

it('every member that a catalog may have is among those of this spec, so that the rule of a new one is met here', () => {
  const objectsIn = (value: unknown): object[] =>
    typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
  const known = objectsIn(catalogJsonSchema()).flatMap((part) => ('properties' in part ? Object.keys(part.properties as object) : []));
  const here = new Set(objectsIn(catalog).flatMap((part) => Object.keys(part)));
  expect(known.length).toBeGreaterThan(10);
  expect(known.filter((name) => !here.has(name))).toEqual([]);
});

it('no change is refused by the rules of which it was said that none can', () => {
  const planId = fc.constantFrom('silver', 'gold', 'seated', 'last', 'free', 'base', 'elsewhere');
  const subscription = fc.record({
    publisherId: fc.constantFrom('fabrikam', 'contoso', 'elsewhere'),
    offerId: fc.constantFrom('team', 'mail', 'elsewhere'),
    isPreview: fc.boolean(),
    planId,
    quantity: fc.option(fc.integer({ min: 1, max: 20 })),
    privateOfferId: fc.constant(null),
  });
  const said = fc.record({ publisher: fc.boolean(), offer: fc.boolean(), plan: fc.boolean(), target: fc.boolean() });
  let refusals = 0;
  fc.assert(
    fc.property(subscription, planId, fc.integer({ min: 1, max: 20 }), said, (known, targetPlanId, seats, says) => {
      const announced = {
        publisherId: says.publisher ? known.publisherId : null,
        offerId: says.offer ? known.offerId + (known.isPreview ? '-preview' : '') : null,
        planId: says.plan ? known.planId : null,
      };
      const plan = judgePlanMove(catalog, known, targetPlanId).kind === 'refused';
      const quantities = judgeSeats(catalog, known, seats).kind === 'refused';
      if (plan)
        expect(mightRefuse(catalog, { ...announced, action: 'ChangePlan', targetPlanId: says.target ? targetPlanId : null })).toBe(true);
      if (quantities) expect(mightRefuse(catalog, { ...announced, action: 'ChangeQuantity', targetPlanId: null })).toBe(true);
      refusals += Number(plan) + Number(quantities);
    }),
    { numRuns: 2_000 },
  );
  expect(refusals).toBeGreaterThan(50);
});
