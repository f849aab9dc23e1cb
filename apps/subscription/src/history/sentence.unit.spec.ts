import { sentenceOf } from './sentence';

type Told = Parameters<typeof sentenceOf>[0];

const standing = { planId: 'silver', quantity: 5, status: 'Subscribed', access: 'full' } as const;
const told = (event: string, kind: Told['actor']['kind'], rest: Partial<Told> = {}): Told => ({
  ...{ event: `landfall.subscription.${event}.v1`, actor: { kind }, onBehalfOf: null, action: null, reason: null },
  ...{ from: standing, to: standing, changes: [], cause: { source: 'request' } },
  ...rest,
});
const requested = (field: string, to: unknown) => ({ changes: [{ field: `request.${field}`, from: null, to }] });

it.each([
  ['planId', 'gold', 'The product requested the plan gold, and Microsoft is asked for it'],
  ['quantity', 12, 'The product requested 12 seats, and Microsoft is asked for it'],
])('names what was requested: %s', (field, to, sentence) => {
  expect(sentenceOf(told('change-requested', 'product', requested(field, to)))).toBe(sentence);
});

it('names what was requested and not done, with the reason', () => {
  const failed = told('change-failed', 'microsoft', {
    ...requested('planId', 'gold'),
    onBehalfOf: { kind: 'product' },
    reason: 'Microsoft knows no such plan',
  });
  expect(sentenceOf(failed)).toBe('For the product, Microsoft did not give the plan gold that was requested: Microsoft knows no such plan');
});

it.each([
  ['suspended', {}, 'The reconciliation found that Microsoft suspended the subscription'],
  ['unsubscribed', {}, 'The reconciliation found that Microsoft ended the subscription'],
  ['plan-changed', { to: { ...standing, planId: 'gold' } }, 'The reconciliation found that Microsoft changed the plan from silver to gold'],
  ['purchased', {}, 'The reconciliation found the purchase of 5 seats of silver, which Microsoft shows as Subscribed'],
])('says that the reconciliation found what Microsoft did, and did nothing itself: %s', (event, rest, sentence) => {
  expect(sentenceOf(told(event, 'reconciliation', { ...rest, cause: { source: 'reconciliation' } }))).toBe(sentence);
});
