import { z } from 'zod';

/** A stored delivery as operators see it: without its body. */
export const deliveryView = z.object({
  id: z.string(),
  registration: z.string(),
  subscriptionId: z.string().nullable(),
  operationId: z.string().nullable(),
  action: z.string().nullable(),
  receivedAt: z.iso.datetime().describe('By the clock of the copy that took it'),
  answer: z.int().nullable().describe('The HTTP status that Microsoft got; null while its decision is awaited'),
  answeredAt: z.iso.datetime().nullable().describe('When the answer left; null where nobody saw it leave'),
});
export type DeliveryView = z.infer<typeof deliveryView>;

/** As `pageOf` is given it: the instant to the microsecond, and the delivery. */
const cursorPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const deliveryQuery = z.strictObject({
  subscriptionId: z.guid().toLowerCase().describe('Of which subscription; the newest comes first'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Deliveries of a page'),
  after: z.string().regex(cursorPattern, 'It is no `next` of a page').optional().describe('`next` of the page before'),
});
export type DeliveryQuery = z.infer<typeof deliveryQuery>;
