import { limits } from '../limits';
import type { BillingTerm, MeteringDimension, Offer, Payment, Plan, TermUnit } from './offer';

export interface OfferProblem {
  path: (string | number)[];
  problem: string;
}

/** How a term may be paid. For 4 and 5 years only the schema is known; they are held to what holds for 2 and 3 (contract 1.4). */
const paymentsOf: Record<TermUnit, readonly Payment[]> = {
  P1M: ['upfront'],
  P1Y: ['upfront', 'monthly'],
  P2Y: ['upfront', 'monthly', 'annual'],
  P3Y: ['upfront', 'monthly', 'annual'],
  P4Y: ['upfront', 'monthly', 'annual'],
  P5Y: ['upfront', 'monthly', 'annual'],
};

/** What Partner Center would not publish (contract 1.4): each with the member that is wrong and what would be right. */
export function problemsOf(offer: Offer): OfferProblem[] {
  const ids = offer.plans.map(({ planId }) => planId);
  return [
    ...(offer.offerId.endsWith('-preview')
      ? [{ path: ['offerId'], problem: 'must not end in -preview: purchases of a preview get that ending by themselves (contract 3.2)' }]
      : []),
    ...(ids.includes(offer.defaultPlanId)
      ? []
      : [{ path: ['defaultPlanId'], problem: `there is no plan ${offer.defaultPlanId}; there are ${ids.join(', ')}` }]),
    ...tooManyPrivatePlans(offer),
    ...dimensionProblems(offer),
    ...offer.plans.flatMap((plan, index) => planProblems(offer, plan, index)),
  ];
}

function planProblems(offer: Offer, plan: Plan, index: number): OfferProblem[] {
  const problems: [string, string][] = [];
  if (offer.plans.findIndex(({ planId }) => planId === plan.planId) < index)
    problems.push(['planId', `there is another plan ${plan.planId} in this offer`]);
  if (plan.seats && offer.pricing === 'flat-rate')
    problems.push(['seats', 'an offer at a flat rate has no seats: leave them out, or set pricing to per-seat']);
  if (plan.seats && plan.seats.max !== null && plan.seats.max < plan.seats.min)
    problems.push(['seats.max', `must not be below min, which is ${plan.seats.min}`]);
  if (plan.meteringDimensions.length > 0 && offer.pricing === 'per-seat')
    problems.push(['meteringDimensions', 'only an offer at a flat rate can have metered dimensions']);
  if (plan.meteringDimensions.length > 0 && plan.hasFreeTrials)
    problems.push(['hasFreeTrials', 'a plan with metered dimensions cannot have a free trial']);
  if (plan.isPrivate && plan.audience.length === 0)
    problems.push(['audience', 'a private plan needs the tenant ids of those who may buy it']);
  if (!plan.isPrivate && plan.audience.length > 0) problems.push(['isPrivate', 'only a private plan has an audience']);
  return [
    ...problems.map(([member, problem]) => ({ path: ['plans', index, ...member.split('.')], problem: `${problem} (contract 1.4)` })),
    ...plan.billingTerms.flatMap((term, at) =>
      termProblems(plan, term, at).map((found) => ({ ...found, path: ['plans', index, ...found.path] })),
    ),
  ];
}

function termProblems(plan: Plan, term: BillingTerm, at: number): OfferProblem[] {
  const problems: [string, string][] = [];
  if (plan.billingTerms.findIndex(({ termUnit }) => termUnit === term.termUnit) < at)
    problems.push(['termUnit', `a plan has one price and one payment per term, and ${term.termUnit} is there already (contract 1.4)`]);
  if (!paymentsOf[term.termUnit].includes(term.payment))
    problems.push(['payment', `a term of ${term.termUnit} is paid ${paymentsOf[term.termUnit].join(' or ')} (contract 1.4)`]);
  const known = plan.meteringDimensions.map(({ id }) => id);
  const unknown = term.meteredQuantityIncluded?.find(({ dimensionId }) => !known.includes(dimensionId));
  if (unknown)
    problems.push(['meteredQuantityIncluded', `the plan has no dimension ${unknown.dimensionId}; it has ${known.join(', ') || 'none'}`]);
  return problems.map(([member, problem]) => ({ path: ['billingTerms', at, member], problem }));
}

function tooManyPrivatePlans({ plans }: Offer): OfferProblem[] {
  const count = plans.filter(({ isPrivate }) => isPrivate).length;
  return count <= limits.privatePlansPerOffer
    ? []
    : [{ path: ['plans'], problem: `${count} plans are private; at most ${limits.privatePlansPerOffer} may be (contract 1.4)` }];
}

/** A dimension has one name and one unit of measure in all plans; its price is each plan's own (contract 1.4). */
function dimensionProblems({ plans }: Offer): OfferProblem[] {
  const problems: OfferProblem[] = [];
  const first = new Map<string, MeteringDimension>();
  plans.forEach((plan, planAt) =>
    plan.meteringDimensions.forEach((dimension, at) => {
      const path = ['plans', planAt, 'meteringDimensions', at];
      const known = first.get(dimension.id);
      if (!known) first.set(dimension.id, dimension);
      else if (plan.meteringDimensions.findIndex(({ id }) => id === dimension.id) < at)
        problems.push({ path: [...path, 'id'], problem: `the plan has dimension ${dimension.id} already` });
      else if (known.displayName !== dimension.displayName || known.unitOfMeasure !== dimension.unitOfMeasure)
        problems.push({
          path,
          problem: `dimension ${dimension.id} has the same displayName and unitOfMeasure in all plans (contract 1.4)`,
        });
    }),
  );
  if (first.size > limits.dimensionsPerOffer)
    problems.push({
      path: ['plans'],
      problem: `${first.size} metered dimensions; an offer has at most ${limits.dimensionsPerOffer} (contract 1.4)`,
    });
  return problems;
}
