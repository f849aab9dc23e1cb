import type { PlanOnOffer } from '@landfall/contracts';
import { boundPlans, PLANS_LIMIT, PLANS_LIMIT_BYTES } from './plans.domain';

const aPlan = (changes: Partial<PlanOnOffer> = {}): PlanOnOffer => ({
  ...{ planId: 'silver', displayName: 'Silver', description: 'For teams', isPricePerSeat: true, minQuantity: 1, maxQuantity: 10 },
  ...{ isStopSell: false, prices: [{ termUnit: 'P1M', price: '12', currency: 'USD' }] },
  ...changes,
});
const plans = (count: number, changes: Partial<PlanOnOffer> = {}) =>
  Array.from({ length: count }, (_, each) => aPlan({ planId: `plan-${each}`, ...changes }));

it('hands on what fits as it is', () => {
  expect(boundPlans([aPlan()], 'silver')).toEqual({ plans: [aPlan()], arePlansCut: false });
  expect(boundPlans([], 'silver')).toEqual({ plans: [], arePlansCut: false });
});

it.each([
  ['letters', 'x'],
  ['letters of three bytes', '漢'],
  ['letters of two units', '😀'],
  ['what JSON writes with six letters', '\u0001'],
])('keeps the greatest offer of Microsoft’s within its bound, in %s', (_case, letter) => {
  const prices = Array.from({ length: 6 }, () => ({ termUnit: 'P1M', price: '999999.99', currency: 'USD' }));
  const all = plans(100, { displayName: letter.repeat(200), description: letter.repeat(3_000), prices });
  const bounded = boundPlans(all, 'plan-99');
  expect(Buffer.byteLength(JSON.stringify(bounded.plans))).toBeLessThan(PLANS_LIMIT_BYTES + 1_000);
  expect(bounded.plans[0]).toMatchObject({ planId: 'plan-99' });
  expect(bounded.plans[0]!.description).toMatch(/^.{149,300}…?$/su);
  expect(bounded.plans[0]!.description.isWellFormed()).toBe(true);
});

it('says that plans were left out, and never leaves out the bought one', () => {
  const many = boundPlans(plans(150), 'plan-149');
  expect([many.plans.length, many.arePlansCut, many.plans[0]?.planId]).toEqual([PLANS_LIMIT, true, 'plan-149']);
  expect(boundPlans(plans(100), null)).toMatchObject({ arePlansCut: false });
});

it('cuts whatever else a plan has too much of', () => {
  const [plan] = boundPlans(
    [aPlan({ prices: Array(5_000).fill({ termUnit: 'P'.repeat(5_000), price: '1'.repeat(5_000), currency: 'U'.repeat(5_000) }) })],
    null,
  ).plans;
  expect(JSON.stringify(plan).length).toBeLessThan(5_000);
});
