import { z } from 'zod';
import { hourMs, milliseconds, type ValuesOf } from './field.kinds';

/** How the metering API behaves where Microsoft's documents are silent, or differ from what was seen (contract 6, 9.2, 12). */
export const meteringSettings = {
  /** Whether a second event for the same hour is a duplicate although the plan changed between the two: unverified (contract 6.3, 12). */
  usageDuplicateKey: z.enum(['resource-dimension-hour', 'with-plan']),
  /** `instant`: an event is refused unless its plan was held at its very start. `hour`: any plan held during its clock hour will do. */
  usagePlanHeld: z.enum(['instant', 'hour']),
  /**
   * Usage from before a cancellation, sent within its 24 hours: taken by Microsoft's FAQ, while 6.4 has ResourceNotActive for cancelled
   * ones (contract 6.3).
   */
  usageAfterUnsubscribe: z.enum(['accepted', 'refused']),
  /** The answer to a single event whose subscription is not Subscribed. */
  inactiveUsageStatus: z.literal([400, 403]),
  /** The answer to a single event with an unknown resource. 403: the same as for the resource of another publisher (contract 6.2). */
  unknownUsageResource: z.literal([403, 400, 404]),
  /**
   * A `resourceUri` without a `resourceId`: documented for managed applications only, and a known mistake of SaaS publishers (contract 6.2,
   * 8-29).
   */
  saasResourceUri: z.enum(['refused', 'accepted']),
  /** `messageTime` of what a batch did not accept: a real time was seen, the documents show `0001-01-01T00:00:00` (contract 6.4). */
  failedUsageMessageTime: z.enum(['now', 'zero']),
  /** Order of a batch's results, which Microsoft does not promise (contract 6.4, 9.2). */
  batchResultOrder: z.enum(['as-sent', 'shuffled']),
  /** Share of the events that would be accepted and end in `Error` instead: 0 none, 1 all. A single one is answered 500. */
  usageErrorShare: z.number().min(0).max(1),
  /** The same seed gives the same orders and errors for the same calls, counted from the start, or from when it was set. */
  meteringSeed: z.int().min(0).max(0xffff_ffff),
  /** From the last event of a day to its reconciliation, until when it reads `Submitted` (contract 6.5: days). */
  usageReconDelayMs: milliseconds(90 * 24 * hourMs),
};

export const meteringDefaults: ValuesOf<typeof meteringSettings> = {
  usageDuplicateKey: 'resource-dimension-hour',
  usagePlanHeld: 'instant',
  usageAfterUnsubscribe: 'accepted',
  inactiveUsageStatus: 400,
  unknownUsageResource: 403,
  saasResourceUri: 'refused',
  failedUsageMessageTime: 'now',
  batchResultOrder: 'as-sent',
  usageErrorShare: 0,
  meteringSeed: 1,
  usageReconDelayMs: 24 * hourMs,
};
