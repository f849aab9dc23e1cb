import { z } from 'zod';
import { limits } from '../limits';
import type { SubscriptionStatus } from '../subscription/subscription';

const page = {
  /** Position of the first one: 0, or the `next` of the page before. */
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(limits.controlPageEntries),
};

const statuses = [
  'NotStarted',
  'PendingFulfillmentStart',
  'Subscribed',
  'Suspended',
  'Unsubscribed',
] as const satisfies SubscriptionStatus[];

/** The queries of the control API's long lists. A page takes the time of looking for it: what a filter leaves out costs too. */
export const listSchemas = {
  subscriptions: z.strictObject({
    ...page,
    limit: page.limit.default(100),
    status: z.enum(statuses).optional(),
    offerId: z.string().optional(),
    planId: z.string().optional(),
    /** The beneficiary's. */
    tenantId: z.string().toLowerCase().optional(),
    channel: z.enum(['direct', 'csp']).optional(),
  }),
  people: z.strictObject({ ...page, limit: page.limit.default(limits.controlPageEntries) }),
} as const;

export type SubscriptionFilter = Omit<z.infer<typeof listSchemas.subscriptions>, 'from' | 'limit'>;
