import { instant } from '@landfall/contracts';
import { z } from 'zod';
import { transitionView } from '../history/history.view';

/** The contact data of one role in one subscription. */
export const contactView = z.object({
  subscriptionId: z.string(),
  role: z
    .enum(['customer', 'beneficiary', 'purchaser'])
    .describe('`customer`: who confirmed the purchase and gave the data by the form; the others as Microsoft names them'),
  tenantId: z.string(),
  objectId: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  changedAt: instant,
});
export type ContactView = z.infer<typeof contactView>;

/** Entries of history that an export has at most: the newest ones. */
export const exportedEntries = 10_000;

export const personExport = z.object({
  tenantId: z.string(),
  objectId: z.string(),
  contacts: z.array(contactView),
  subscriptions: z.array(z.string()).describe('Which they bought, use, or are a contact of'),
  history: z.array(transitionView).describe(`What they did, the newest ${exportedEntries} entries, the oldest first`),
  erasures: z.array(z.object({ erasureId: z.string(), requestedAt: instant })),
});
export type PersonExport = z.infer<typeof personExport>;

/** How far an erasure has come: each service, and when it had erased what it stored; null while it has not said so. */
export const erasureView = z.object({
  erasureId: z.string(),
  requestedAt: instant,
  erased: z.object({
    subscription: instant.nullable(),
    gateway: instant.nullable(),
    fulfillment: instant.nullable(),
    provisioning: instant.nullable(),
  }),
});
export type ErasureView = z.infer<typeof erasureView>;
export type ErasingService = keyof ErasureView['erased'];
