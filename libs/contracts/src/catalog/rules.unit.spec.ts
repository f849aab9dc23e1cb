import * as fc from 'fast-check';
import { emptyCatalog, findOffer, findPlan } from './catalog';
import { catalogSchema } from './catalog.schema';
import type { JudgedSubscription } from './judgement';
import { judgePlanMove } from './plan-move.domain';
import { judgeSeats } from './seats.domain';

fc.configureGlobal({ seed: 1 });

const catalog = catalogSchema.parse({
  publishers: {
    fabrikam: {
      offers: {
        team: {
          displayName: 'Fabrikam Team',
          noDowngrade: ['silver', 'gold', 'platinum'],
          plans: {
            silver: { displayName: 'Silver', seats: { min: 2, max: 100 } },
            gold: { displayName: 'Gold', mayMoveTo: ['platinum', 'once'] },
            platinum: { seats: { min: 10 } },
            once: { displayName: 'Once', mayMoveTo: [], seats: { max: 1 } },
          },
        },
        'team-preview': { displayName: 'The next team', plans: { silver: {} } },
        mail: { displayName: 'Fabrikam Mail', plans: { base: {} } },
      },
    },
  },
});

const silver: JudgedSubscription = {
  ...{ publisherId: 'fabrikam', offerId: 'team', isPreview: false, planId: 'silver', quantity: 20, privateOfferId: null },
};

describe('the catalog', () => {
  it('names an offer of its publisher alone', () => {
    expect(findOffer(catalog, silver)?.displayName).toBe('Fabrikam Team');
    expect(findOffer(catalog, { ...silver, publisherId: 'contoso' })).toBeUndefined();
    expect(findPlan(catalog, { ...silver, planId: 'bronze' })).toBeUndefined();
    expect(findPlan(emptyCatalog, silver)).toBeUndefined();
  });

  it('names a preview by its own id first, and by the id of the offer otherwise', () => {
    expect(findOffer(catalog, { ...silver, isPreview: true })?.displayName).toBe('The next team');
    expect(findOffer(catalog, { ...silver, offerId: 'mail', isPreview: true })?.displayName).toBe('Fabrikam Mail');
  });

  it.each(['constructor', '__proto__', 'toString', ''])('names nothing that is called "%s"', (id) => {
    for (const part of ['publisherId', 'offerId', 'planId']) expect(findPlan(catalog, { ...silver, [part]: id })).toBeUndefined();
  });
});

describe('judgePlanMove', () => {
  const move = (changes: Partial<JudgedSubscription>, target: string) => judgePlanMove(catalog, { ...silver, ...changes }, target);

  it.each([
    ['to a higher plan', {}, 'gold'],
    ['to a plan that its plan names', { planId: 'gold' }, 'platinum'],
    ['to where it is', { planId: 'once' }, 'once'],
    ['of as many seats as the other plan has', { planId: 'gold', quantity: 1 }, 'once'],
    ['of a flat rate, which has no seats', { quantity: null }, 'platinum'],
  ])('accepts a move %s', (_, changes, target) => {
    expect(move(changes, target)).toEqual({ kind: 'accepted' });
  });

  it.each([
    ['its plan does not name', { planId: 'gold' }, 'silver', 'A change from “Gold” to “Silver” is not possible.'],
    ['is not in the catalog, where its plan names all it may become', { planId: 'once' }, 'gone', 'A change from “Once” to “gone” is'],
    ['is lower', { planId: 'platinum' }, 'gold', 'A change from “platinum” down to “Gold” is not possible.'],
    ['has fewer seats', {}, 'once', '“Once” has at most 1 seat, and the subscription has 20. Please reduce'],
    ['needs more seats', { quantity: 9 }, 'platinum', '“platinum” has at least 10 seats, and the subscription has 9. Please add'],
  ])('refuses a move to a plan that %s', (_, changes, target, reason) => {
    expect(move(changes, target)).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it('has nothing to say of an offer or a plan that the catalog does not name', () => {
    const unknown = { kind: 'unknown', reason: 'the catalog does not name plan silver of offer chair of publisher fabrikam' };
    expect(move({ offerId: 'chair' }, 'gold')).toEqual(unknown);
    expect(move({}, 'bronze')).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('plan bronze of offer team') });
    expect(judgePlanMove(emptyCatalog, silver, 'gold').kind).toBe('unknown');
  });

  it('takes the seat limits of a private offer from Microsoft', () => {
    const agreed = (minQuantity: number | null, maxQuantity: number | null) => [{ planId: 'platinum', minQuantity, maxQuantity }];
    const few = { ...silver, quantity: 3, privateOfferId: 'private-1' };
    expect(judgePlanMove(catalog, few, 'platinum', agreed(2, 5)).kind).toBe('accepted');
    expect(judgePlanMove(catalog, few, 'platinum', agreed(4, null))).toMatchObject({ reason: expect.stringContaining('at least 4 seats') });
    expect(judgePlanMove(catalog, few, 'platinum').kind).toBe('accepted');
    expect(judgePlanMove(catalog, { ...few, privateOfferId: null }, 'platinum', agreed(2, 5)).kind).toBe('refused');
  });

  it('never leads down a list of noDowngrade, whichever moves are made one after the other', () => {
    const plans = ['silver', 'gold', 'platinum', 'once'];
    const order = ['silver', 'gold', 'platinum'];
    fc.assert(
      fc.property(fc.constantFrom(...plans), fc.array(fc.constantFrom(...plans), { maxLength: 8 }), (first, targets) => {
        let planId = first;
        for (const target of targets) {
          const rank = order.indexOf(planId);
          if (judgePlanMove(catalog, { ...silver, planId, quantity: null }, target).kind !== 'accepted') continue;
          if (order.includes(target)) expect(order.indexOf(target)).toBeGreaterThanOrEqual(rank);
          planId = target;
        }
      }),
    );
  });
});

describe('judgeSeats', () => {
  it.each([
    [2, 'accepted'],
    [100, 'accepted'],
    [1, 'refused'],
    [101, 'refused'],
  ])('judges %i seats of 2 to 100', (quantity, kind) => {
    expect(judgeSeats(catalog, silver, quantity).kind).toBe(kind);
  });

  it('says what would be possible', () => {
    expect(judgeSeats(catalog, silver, 150)).toEqual({
      kind: 'refused',
      reason: '“Silver” has at most 100 seats, and 150 were asked for. Please choose 100 or fewer.',
    });
    expect(judgeSeats(catalog, silver, 1)).toMatchObject({ reason: expect.stringContaining('Please choose 2 or more.') });
  });

  it('has nothing to say of a plan that the catalog does not name', () => {
    expect(judgeSeats(catalog, { ...silver, planId: 'bronze' }, 5).kind).toBe('unknown');
  });

  it('takes the limits of a private offer from Microsoft', () => {
    const offered = [{ planId: 'silver', minQuantity: 50, maxQuantity: 500 }];
    const agreed = { ...silver, quantity: 300, privateOfferId: 'private-1' };
    expect(judgeSeats(catalog, agreed, 400, offered).kind).toBe('accepted');
    expect(judgeSeats(catalog, agreed, 40, offered)).toMatchObject({ reason: expect.stringContaining('at least 50 seats') });
    expect(judgeSeats(catalog, agreed, 5_000).kind).toBe('accepted');
  });

  const count = fc.integer({ min: 1, max: 200 });

  it('refuses no change towards the limits, and every change away from them beyond them', () => {
    const distance = (quantity: number) => Math.max(2 - quantity, 0, quantity - 100);
    fc.assert(
      fc.property(count, count, (quantity, target) => {
        const { kind } = judgeSeats(catalog, { ...silver, quantity }, target);
        const leaves = distance(target) > 0 && (target > 100 ? target > quantity : target < quantity);
        expect(kind).toBe(leaves ? 'refused' : 'accepted');
      }),
    );
  });
});
