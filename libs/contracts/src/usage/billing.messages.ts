import { z } from 'zod';
import { decimal, decimalSum } from './decimal';
import { defineMessage } from '../message';
import { dimensionId } from './metering.messages';
import { day, instant, line, reason, uuid } from '../shapes';

/** What a product counts, as the catalog names it: `emails`. */
export const meter = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be the name of a meter of the catalog: up to 100 letters, digits, dots, - and _');

/**
 * From a product: what one of its customers used. The envelope tells the rest: `subject` is the subscription, `time` when it was used, and `id` with `source` make it
 * one record, however often it comes. A negative quantity corrects what was reported before.
 */
export const usageRecorded = defineMessage(
  'landfall.usage.recorded.v1',
  z.object({
    meter,
    /** In the unit of measure that the meter has at Microsoft: a decimal text, or a JSON number, which is read by its shortest form. */
    quantity: decimal.or(z.number()),
  }),
  null,
);

/** The term in which usage is counted against what the plan includes (contract 6.3, 4). */
const countedIn = z.object({
  /** Its first day. */
  startDate: day,
  /** Its last day, inclusive. */
  endDate: day,
});

/** What was used in one hour of one meter, and what is left of the plan's included quantity after it. It is told again where more usage of that hour comes. Of two with the same plan, meter and term, that with the higher `sequence` counts. */
export const usageCounted = defineMessage(
  'landfall.billing.usage-counted.v1',
  z.object({
    subscriptionId: uuid,
    publisherId: z.string(),
    offerId: z.string(),
    planId: z.string(),
    meter,
    /** The clock hour in UTC: its first instant. */
    hour: instant,
    /** In this hour, corrections counted in. */
    used: decimalSum,
    term: countedIn,
    usedInTerm: decimalSum,
    /** What the plan includes per term; null: without limit. */
    included: decimalSum.nullable(),
    /** Never below 0; null: without limit. */
    remaining: decimalSum.nullable(),
    /** When the count begins anew: the first instant after the term. */
    resetsAt: instant,
  }),
);

const hourFacts = {
  subscriptionId: uuid,
  publisherId: z.string(),
  offerId: z.string(),
  planId: z.string(),
  dimension: dimensionId,
  hour: instant,
};

/** Microsoft has accepted usage: it will be on the customer's invoice (contract 6.2). */
export const usageReported = defineMessage(
  'landfall.billing.usage-reported.v1',
  z.object({ ...hourFacts, effectiveStartTime: instant, quantity: decimalSum, usageEventId: uuid.nullable(), acceptedAt: instant }),
);

/** A record of a product was not counted, and will not be: it is kept with its reason. Where its subscription can't be read, nothing is told. */
export const usageRefused = defineMessage(
  'landfall.billing.usage-refused.v1',
  z.object({ subscriptionId: uuid, source: line.max(500), id: line.max(200), reason, refusedAt: instant }),
);

/** Why usage will not be reported: it stays in the ledger. */
export const writeOffReason = z.enum(['plan-ended', 'subscription-ended', 'operator']);
export type WriteOffReason = z.infer<typeof writeOffReason>;

/** Usage that is billable, and will not be billed. */
export const usageWrittenOff = defineMessage(
  'landfall.billing.usage-written-off.v1',
  z.object({
    subscriptionId: uuid,
    publisherId: z.string(),
    offerId: z.string(),
    planId: z.string(),
    dimension: dimensionId,
    quantity: decimalSum,
    reason: writeOffReason,
    writtenOffAt: instant,
  }),
);

/** Microsoft has recorded more than was used: only Partner Center can mend it (contract 6.3, 11). What is too much counts for later usage. */
export const usageOverReported = defineMessage(
  'landfall.billing.usage-over-reported.v1',
  z.object({ ...hourFacts, ours: decimalSum, theirs: decimalSum, foundAt: instant }),
);
