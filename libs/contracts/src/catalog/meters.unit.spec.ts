import { catalogSchema } from './catalog.schema';
import { metersOf, offerHasMeter } from './meters';

const tiers = [{ dimension: 'email-first', upTo: 10_000 }, { dimension: 'email-second', upTo: 50_000 }, { dimension: 'email-next' }];
const catalogOf = (plans: object) => ({ publishers: { contoso: { offers: { mail: { displayName: 'Mail', plans } } } } });
const faultsOf = (meters: unknown, more: object = {}) =>
  catalogSchema
    .safeParse(catalogOf({ gold: { meters, ...more } }))
    .error?.issues.map(({ path, message }) => `${path.slice(6).join('.')}: ${message}`) ?? [];

describe('the meters of a plan', () => {
  const catalog = catalogSchema.parse(
    catalogOf({
      gold: { meters: { emails: { tiers }, texts: { dimension: 'text' } } },
      silver: { meters: { texts: { dimension: 'text' }, calls: { dimension: 'call' } } },
      free: {},
    }),
  );
  const gold = { publisherId: 'contoso', offerId: 'mail', planId: 'gold' };

  it('are found with their tiers in order, the last of which has no end', () => {
    expect([...metersOf(catalog, gold)]).toEqual([
      [
        'emails',
        [
          { dimension: 'email-first', upTo: '10000' },
          { dimension: 'email-second', upTo: '50000' },
          { dimension: 'email-next', upTo: null },
        ],
      ],
      ['texts', [{ dimension: 'text', upTo: null }]],
    ]);
  });

  it('are found for a preview of the offer too', () => {
    expect(metersOf(catalog, { ...gold, isPreview: true }).size).toBe(2);
  });

  it.each([
    ['has none', { planId: 'free' }],
    ['is not named', { planId: 'constructor' }],
    ['is of an offer that is not named', { offerId: 'toString' }],
  ])('are none of a plan that %s', (_, changes) => {
    expect(metersOf(catalog, { ...gold, ...changes }).size).toBe(0);
  });

  it('are those of the offer that any of its plans has', () => {
    const has = (meter: string, changes: object = {}) => offerHasMeter(catalog, { ...gold, ...changes }, meter);
    expect(['emails', 'texts', 'calls', 'constructor', 'email-first'].map((meter) => has(meter))).toEqual([true, true, true, false, false]);
    expect(has('emails', { offerId: 'elsewhere' })).toBe(false);
  });
});

describe('the schema of meters', () => {
  it.each([
    ['without anything to bill by', { emails: {} }, 'meters.emails: must have a dimension, or tiers with one dimension each'],
    ['with both', { emails: { dimension: 'email', tiers } }, 'meters.emails.tiers: stands beside dimension: a meter has one of the two'],
    ['with one tier', { emails: { tiers: [{ dimension: 'a' }] } }, 'meters.emails.tiers: must name two tiers or more'],
    [
      'whose last tier ends',
      { emails: { tiers: tiers.slice(0, 2) } },
      'meters.emails.tiers.1.upTo: must be left out: the last tier has no end',
    ],
    [
      'with a tier before the last that does not end',
      { emails: { tiers: [{ dimension: 'a' }, { dimension: 'b' }] } },
      'meters.emails.tiers.0: must have upTo: only the last tier has no end',
    ],
    [
      'with tiers that do not ascend',
      { emails: { tiers: [{ dimension: 'a', upTo: 5 }, { dimension: 'b', upTo: 5 }, { dimension: 'c' }] } },
      'meters.emails.tiers.1.upTo: must be more than 5, where the tier before it ends',
    ],
    [
      'with the dimension of another meter',
      { emails: { tiers }, letters: { dimension: 'email-next' } },
      'meters.letters.dimension: names the dimension "email-next", which meter "emails" has already',
    ],
    [
      'with a dimension in two tiers',
      { emails: { tiers: [{ dimension: 'a', upTo: 5 }, { dimension: 'a' }] } },
      'meters.emails.tiers.1.dimension: names the dimension "a", which meter "emails" has already',
    ],
    ['with an id that is none', { emails: { dimension: 'e mail' } }, 'meters.emails.dimension: must be an id as Partner Center shows it'],
    ['with half a unit', { emails: { tiers: [{ dimension: 'a', upTo: 0.5 }, { dimension: 'b' }] } }, 'meters.emails.tiers.0.upTo: Invalid'],
    ['with an empty tier', { emails: { tiers: [{ dimension: 'a', upTo: 0 }, { dimension: 'b' }] } }, 'upTo: must be at least 1'],
  ])('refuses a meter %s', (_, meters, fault) => {
    expect(faultsOf(meters)).toEqual([expect.stringContaining(fault)]);
  });

  it('tells what is wrong with tiers beside what is wrong with the rest of the plan', () => {
    expect(faultsOf({ emails: { tiers: [{ dimension: 'a', upto: 1 }, { dimension: 'b' }] } }, { seats: 5 })).toHaveLength(3);
    for (const meters of [null, [], 'emails', { emails: null }, { emails: { tiers: 'x' } }, { emails: { tiers: [null, 1] } }])
      expect(faultsOf(meters).length).toBeGreaterThan(0);
  });

  it('takes one dimension in every plan of an offer, and thirty of them in all', () => {
    const meters = (first: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, each) => [`meter-${each}`, { dimension: `d-${first + each}` }]));
    const problems = (plans: object) => catalogSchema.safeParse(catalogOf(plans)).error?.issues.map(({ message }) => message);
    expect(problems({ gold: { meters: meters(0, 30) }, silver: { meters: meters(10, 20) } })).toBeUndefined();
    expect(problems({ gold: { meters: meters(0, 20) }, silver: { meters: meters(11, 20) } })).toEqual([
      'name 31 dimensions: an offer has at most 30 at Microsoft',
    ]);
    expect(problems({ gold: { meters: meters(0, 31) } })).toContain('must have at most 30 meters');
  });
});
