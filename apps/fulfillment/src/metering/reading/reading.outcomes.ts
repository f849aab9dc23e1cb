import {
  cut,
  dimensionId,
  PLAN_READ_LIMITS,
  planRead,
  subscriptionObserved,
  type checkSubscription,
  type DataOf,
  type MessageOf,
  type readPlan,
  type SubscriptionRead,
} from '@landfall/contracts';
import { plainDecimal, type Plan } from '@landfall/marketplace-client';
import { changed, type Outcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../../backoff';
import { checkRecord, readPlanOf } from './reading.job';

/** So long what billing wants to be read is asked for again, also while Microsoft is away; then somebody has to look. */
export const ANSWER_LIMIT_MS = 3 * 86_400_000;
/** While Microsoft refuses it. */
const REFUSED_BACKOFF: Backoff = { firstMs: 2_000, limitMs: 600_000 };

export const orderPlan = (_state: undefined, { data }: MessageOf<typeof readPlan>): Outcome<undefined> =>
  changed(undefined, readPlanOf(data));

export const orderCheck = (_state: undefined, { data }: MessageOf<typeof checkSubscription>): Outcome<undefined> =>
  changed(undefined, checkRecord(data));

/** Whether it has been asked for long enough. */
export const isGivenUp = (ageMs: number): boolean => ageMs >= ANSWER_LIMIT_MS;

/** Until it is asked for again after a refusal, after so many attempts. */
export const untilAskedAgainMs = (attempts: number): number => backoffMs(attempts, REFUSED_BACKOFF);

/** What was read of a plan, with texts as long as a message takes them. What has no id is no dimension. */
export function planAsRead({ subscriptionId, planId }: DataOf<typeof readPlan>, { plan, date }: { plan: Plan | null; date: string }) {
  const limits = PLAN_READ_LIMITS;
  const isDimension = (id: string) => dimensionId.safeParse(id).success;
  const dimensions = (plan?.meteringDimensions ?? [])
    .filter(({ id }) => isDimension(id))
    .map(({ id: dimension, pricePerUnit, currency, unitOfMeasure }) => ({
      ...{ dimension, pricePerUnit: priceOf(pricePerUnit), currency: cut(currency, limits.currency) },
      unitOfMeasure: cut(unitOfMeasure, limits.unitOfMeasure),
    }));
  const terms = (plan?.billingTerms ?? []).map(({ termUnit, included }) => ({
    termUnit: cut(termUnit, limits.termUnit),
    included: included
      .filter(({ dimensionId: id }) => isDimension(id))
      .map(({ dimensionId: dimension, units }) => ({ dimension, units: cut(units, limits.units) }))
      .slice(0, limits.dimensions),
  }));
  return planRead({
    ...{ subscriptionId, planId, isListed: plan !== null, date },
    ...{ dimensions: dimensions.slice(0, limits.dimensions), terms: terms.slice(0, limits.terms) },
  });
}

/** Null for a number that no price has. */
function priceOf(number: number | null): string | null {
  const text = number === null ? null : plainDecimal(number);
  return text !== null && text.length <= PLAN_READ_LIMITS.price ? text : null;
}

/** What was read because of an answer to usage. It performs no order, and closes nothing. */
export const readForUsage = (subscriptionId: string, read: SubscriptionRead) =>
  subscriptionObserved({ subscriptionId, read, occasion: 'usage', order: null, closes: [] });
