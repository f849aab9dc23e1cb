import { z } from 'zod';
import { decimalSum } from './decimal';
import { defineMessage } from '../message';
import { registrationName } from '../registrations';
import { day, instant, line, microsoftsCode, reason, uuid } from '../shapes';

/** Microsoft takes no more usage events in one call (contract 6.4). */
export const USAGE_EVENTS_PER_CALL = 25;
/** Of a plan that is read. Microsoft allows 30 metering dimensions of an offer, and has six terms (contract 1.4). */
export const PLAN_READ_LIMITS = {
  dimensions: 100,
  terms: 20,
  price: 40,
  currency: 10,
  unitOfMeasure: 200,
  termUnit: 20,
  units: 100,
} as const;
/** Rows of Microsoft's list of a day that one message carries. */
export const USAGE_ROWS_PER_MESSAGE = 200;

/** Microsoft's id of what it bills of a plan (contract 1.4). */
export const dimensionId = line.min(1).max(100);

/** One usage event as Microsoft takes it: its key is subscription, dimension and the clock hour of `effectiveStartTime` (contract 6.2, 6.3). */
export const usageEvent = z.object({
  subscriptionId: uuid,
  dimension: dimensionId,
  /** Held by the subscription at that time. */
  planId: z.string(),
  /** Above 0. */
  quantity: decimalSum,
  effectiveStartTime: instant,
});
export type UsageEvent = z.infer<typeof usageEvent>;

/**
 * Report these events to Microsoft in one call (contract 6.4). The call is repeated unchanged while it is not answered, until `deadline`; its end is one `usage-answered`. The
 * same `batchId` is one batch for ever: it comes again, and nothing else is ever sent under it.
 */
export const reportUsage = defineMessage(
  'landfall.fulfillment.report-usage.v1',
  z.object({
    batchId: uuid,
    publisherId: z.string(),
    /** By business time: nothing is sent after it. */
    deadline: instant,
    events: z.array(usageEvent).min(1).max(USAGE_EVENTS_PER_CALL),
  }),
  'batchId',
);

/** Microsoft's words for what became of a usage event (contract 6.4). The set is open: another word is read as `Error`. */
export const usageStatus = z.enum([
  'Accepted',
  'Duplicate',
  'Expired',
  'Error',
  'ResourceNotFound',
  'ResourceNotAuthorized',
  'ResourceNotActive',
  'InvalidDimension',
  'InvalidQuantity',
  'BadArgument',
]);
export type UsageStatus = z.infer<typeof usageStatus>;

/** What Microsoft answered about one event of a batch. */
export const usageResult = z.object({
  ...usageEvent.shape,
  /**
   * Microsoft's word; null where it never said one: it may have the event, or not. `unsent`: the deadline passed and no attempt ever left that could have reached it.
   */
  status: usageStatus.or(z.literal('unsent')).nullable(),
  /** Attempts that carried this event and were not answered, or were cut off: each may have reached Microsoft. */
  unanswered: z.int().nonnegative(),
  /** Microsoft's id of the event; null where it gave none. */
  usageEventId: uuid.nullable(),
  /** What Microsoft has stored under its key; null unless `Duplicate`, or where it does not say. */
  stored: z.object({ usageEventId: uuid.nullable(), quantity: decimalSum, planId: z.string().nullable() }).nullable(),
  /** Microsoft's clock at the event; null where it said none. */
  messageTime: instant.nullable(),
  code: microsoftsCode.nullable(),
  reason: reason.nullable(),
});
export type UsageResult = z.infer<typeof usageResult>;

/** The end of a batch, once for each: one result for each of its events, in their order. */
export const usageAnswered = defineMessage(
  'landfall.fulfillment.usage-answered.v1',
  z.object({
    batchId: uuid,
    publisherId: z.string(),
    registration: registrationName.nullable(),
    /** Our id of the last call, as Microsoft's support knows it; null where none was made. */
    requestId: z.string().max(100).nullable(),
    reportedAt: instant,
    results: z.array(usageResult).min(1).max(USAGE_EVENTS_PER_CALL),
  }),
  'batchId',
);

/** Read what Microsoft bills of a plan for that very subscription: prices and included quantities (contract 3.7). Ends in one `plan-read`, however long it takes. */
export const readPlan = defineMessage('landfall.fulfillment.read-plan.v1', z.object({ subscriptionId: uuid, planId: z.string() }));

/** A plan as Microsoft's list of available plans shows it to one subscription (contract 3.7). Private offers differ from the public plan. */
export const planRead = defineMessage(
  'landfall.fulfillment.plan-read.v1',
  z.object({
    subscriptionId: uuid,
    planId: z.string(),
    /** False: Microsoft's list does not name the plan. */
    isListed: z.boolean(),
    dimensions: z
      .array(
        z.object({
          dimension: dimensionId,
          /** In `currency`, for one unit; null where Microsoft named no number. */
          pricePerUnit: z.string().max(PLAN_READ_LIMITS.price).nullable(),
          currency: z.string().max(PLAN_READ_LIMITS.currency),
          unitOfMeasure: z.string().max(PLAN_READ_LIMITS.unitOfMeasure),
        }),
      )
      .max(PLAN_READ_LIMITS.dimensions),
    /** By `termUnit`: a year's included quantity is not twelve months'. */
    terms: z
      .array(
        z.object({
          termUnit: z.string().max(PLAN_READ_LIMITS.termUnit),
          /** `units` is Microsoft's text as it came: only a number can be counted with. */
          included: z
            .array(z.object({ dimension: dimensionId, units: z.string().max(PLAN_READ_LIMITS.units) }))
            .max(PLAN_READ_LIMITS.dimensions),
        }),
      )
      .max(PLAN_READ_LIMITS.terms),
    /** Microsoft's clock: the `Date` header of the answer. */
    date: instant,
  }),
);

/** Read the subscription at Microsoft: an answer to its usage says that the record may be behind. Ends in one `subscription-observed` of the occasion `usage`. */
export const checkSubscription = defineMessage('landfall.fulfillment.check-subscription.v1', z.object({ subscriptionId: uuid }));

/** Read back what Microsoft has recorded of one day (contract 6.5). Ends in `usage-read`, in parts. */
export const readUsage = defineMessage(
  'landfall.fulfillment.read-usage.v1',
  z.object({ readId: uuid, publisherId: z.string(), day }),
  'readId',
);

/** Part of what Microsoft has recorded of one day, as its list shows it (contract 6.5). */
export const usageRead = defineMessage(
  'landfall.fulfillment.usage-read.v1',
  z.object({
    readId: uuid,
    publisherId: z.string(),
    day,
    /** 1, 2, 3 …; together they are the whole day. */
    part: z.int().positive(),
    isLast: z.boolean(),
    rows: z
      .array(
        z.object({
          subscriptionId: uuid,
          dimension: dimensionId,
          planId: z.string(),
          /** `Submitted`, `Accepted`, `Rejected`, `Mismatch`, `TestHeaders`, `DryRun`, or what Microsoft adds. */
          reconStatus: z.string().max(50),
          submittedQuantity: decimalSum,
          processedQuantity: decimalSum,
          submittedCount: z.int().nonnegative(),
        }),
      )
      .max(USAGE_ROWS_PER_MESSAGE),
    date: instant,
  }),
  'readId',
);
