import { timeCursor } from '@landfall/messaging';
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
  answeredAt: z.iso
    .datetime()
    .nullable()
    .describe(
      'When the answer left; of one that waited for no decision, when it was stored, a moment before; null where nobody saw it leave',
    ),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveryQuery = z.strictObject({
  subscriptionId: z.guid().toLowerCase().describe('Of which subscription; the newest comes first'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Deliveries of a page'),
  after: timeCursor.optional().describe('`next` of the page before'),
});
export type DeliveryQuery = z.infer<typeof deliveryQuery>;
