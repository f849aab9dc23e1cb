import { builtInOffers } from './built-in.offers';
import { offersFrom } from './offers.file';
import { offerSchema } from './offer.schema';

const plan = { planId: 'basic' };
const offer = (changes: object) => ({ offerId: 'my-saas', plans: [plan], ...changes });
const tenantId = 'F4B21A00-7C3E-4D59-8E11-0C5A9F000001';

it('an offer needs nothing but the ids of itself and its plans', () => {
  expect(offerSchema.parse({ offerId: 'my-saas', plans: [{ planId: 'basic', seats: { min: 1, max: 50 } }] })).toMatchObject({
    offerId: 'my-saas',
    publisherId: 'contoso',
    displayName: 'my-saas',
    pricing: 'per-seat',
    defaultPlanId: 'basic',
    plans: [
      {
        planId: 'basic',
        isPrivate: false,
        seats: { min: 1, max: 50 },
        billingTerms: [{ termUnit: 'P1M', payment: 'upfront' }, { termUnit: 'P1Y' }],
      },
    ],
  });
});

it('what is not said follows from what is: pricing from seats, privacy from an audience, dimensions of a plan from those of the offer', () => {
  expect(offerSchema.parse(offer({})).pricing).toBe('flat-rate');
  expect(offerSchema.parse(offer({ pricing: 'per-seat' })).plans[0]).toMatchObject({ seats: { min: 1, max: null } });
  expect(offerSchema.parse(offer({ plans: [{ planId: 'basic', audience: [tenantId] }] })).plans[0]).toMatchObject({
    isPrivate: true,
    audience: [tenantId.toLowerCase()],
  });
  const { plans } = offerSchema.parse(
    offer({ meteringDimensions: [{ id: 'mails' }], plans: [plan, { planId: 'bare', meteringDimensions: [] }] }),
  );
  expect(plans.map(({ meteringDimensions }) => meteringDimensions.length)).toEqual([1, 0]);
});

it('the default plan is the first that anybody can buy and that waits for the publisher', () => {
  const plans = [
    { planId: 'own', audience: [tenantId] },
    { planId: 'old', isStopSell: true },
    { planId: 'auto', isAutoActivated: true },
    { planId: 'plain' },
  ];
  expect(offerSchema.parse(offer({ plans })).defaultPlanId).toBe('plain');
});

it('a completed offer is an offer again, so that what GET answers can be PUT', () => {
  for (const builtIn of builtInOffers) expect(offerSchema.parse(JSON.parse(JSON.stringify(builtIn)))).toEqual(builtIn);
});

const manyPlans = (count: number, more: object = {}) => Array.from({ length: count }, (_, at) => ({ planId: `plan-${at}`, ...more }));
const manyDimensions = (count: number, prefix = 'd') => Array.from({ length: count }, (_, at) => ({ id: `${prefix}${at}` }));
const terms = (...billingTerms: object[]) => ({ plans: [{ planId: 'basic', billingTerms }] });

it.each<[string, object, string, string]>([
  ['an id with capitals', { offerId: 'My' }, 'offerId', 'a-z, 0-9'],
  ['an id of 51 characters', { offerId: 'x'.repeat(51) }, 'offerId', '50'],
  ['the ending of a preview', { offerId: 'my-saas-preview' }, 'offerId', '-preview'],
  ['no plan', { plans: [] }, 'plans', 'at least one'],
  ['101 plans', { plans: manyPlans(101) }, 'plans', '100'],
  ['46 private plans', { plans: manyPlans(46, { audience: [tenantId] }) }, 'plans', '45'],
  ['two plans of one id', { plans: [plan, plan] }, 'plans.1.planId', 'another plan basic'],
  ['a default plan that is not there', { defaultPlanId: 'gold' }, 'defaultPlanId', 'basic'],
  ['a member that is mistyped', { plan: 'basic' }, '', 'plan'],
  ['seats at a flat rate', { pricing: 'flat-rate', plans: [{ planId: 'basic', seats: {} }] }, 'plans.0.seats', 'flat rate'],
  ['fewer seats at most than at least', { plans: [{ planId: 'basic', seats: { min: 5, max: 4 } }] }, 'plans.0.seats.max', '5'],
  ['more than a million seats', { plans: [{ planId: 'basic', seats: { max: 1_000_001 } }] }, 'plans.0.seats.max', '1000000'],
  [
    'dimensions of a plan per seat',
    { plans: [{ planId: 'basic', seats: {}, meteringDimensions: [{ id: 'd' }] }] },
    'plans.0.meteringDimensions',
    'flat rate',
  ],
  ['31 dimensions', { meteringDimensions: manyDimensions(31) }, 'meteringDimensions', '30'],
  [
    '31 dimensions in two plans',
    {
      plans: [
        { planId: 'a', meteringDimensions: manyDimensions(16) },
        { planId: 'b', meteringDimensions: manyDimensions(15, 'e') },
      ],
    },
    'plans',
    '30',
  ],
  [
    'a dimension of two units',
    {
      plans: [
        { planId: 'a', meteringDimensions: [{ id: 'd' }] },
        { planId: 'b', meteringDimensions: [{ id: 'd', unitOfMeasure: 'kg' }] },
      ],
    },
    'plans.1.meteringDimensions.0',
    'unitOfMeasure',
  ],
  [
    'a trial with dimensions',
    { plans: [{ planId: 'basic', hasFreeTrials: true, meteringDimensions: [{ id: 'd' }] }] },
    'plans.0.hasFreeTrials',
    'trial',
  ],
  ['a private plan for nobody', { plans: [{ planId: 'basic', isPrivate: true }] }, 'plans.0.audience', 'tenant ids'],
  ['an audience of names', { plans: [{ planId: 'basic', audience: ['fabrikam'] }] }, 'plans.0.audience.0', 'GUID'],
  ['a month paid by the month', terms({ termUnit: 'P1M', payment: 'monthly' }), 'plans.0.billingTerms.0.payment', 'upfront'],
  ['a year paid by the year', terms({ termUnit: 'P1Y', payment: 'annual' }), 'plans.0.billingTerms.0.payment', 'upfront or monthly'],
  ['a term twice', terms({ termUnit: 'P1Y' }, { termUnit: 'P1Y', payment: 'monthly' }), 'plans.0.billingTerms.1.termUnit', 'P1Y'],
  ['a term of six years', terms({ termUnit: 'P6Y' }), 'plans.0.billingTerms.0.termUnit', 'P5Y'],
  [
    'an allowance of a dimension that is not there',
    terms({ termUnit: 'P1M', meteredQuantityIncluded: [{ dimensionId: 'd', units: '1' }] }),
    'plans.0.billingTerms.0.meteredQuantityIncluded',
    'none',
  ],
  [
    'a landing page with a fragment',
    { technicalConfiguration: { landingUrl: 'https://a.example/#/' } },
    'technicalConfiguration.landingUrl',
    '#',
  ],
])('%s is refused, with its place and what is right', (_what, changes, field, hint) => {
  const { error } = offerSchema.safeParse(offer(changes));
  expect(error?.issues.map(({ path, message }) => ({ field: path.join('.'), message }))).toEqual([
    { field, message: expect.stringContaining(hint) },
  ]);
});

it('two offers of one id are refused', () => {
  expect(() => offersFrom([offer({}), offer({})])).toThrow('1.offerId: there is another offer my-saas');
});

it.each([
  ['P2Y', 'annual'],
  ['P3Y', 'monthly'],
  ['P5Y', 'upfront'],
])('a term of %s can be paid %s', (termUnit, payment) => {
  expect(offerSchema.safeParse(offer(terms({ termUnit, payment }))).success).toBe(true);
});
