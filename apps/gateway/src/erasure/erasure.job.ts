import type { MessageOf, subscriptionContactErased } from '@landfall/contracts';
import { defineJob, ignored, type Outcome } from '@landfall/messaging';
import { z } from 'zod';

/** Erases what this service stores of a person's contact data. */
export const eraseContact = defineJob(
  'erase-contact',
  z.object({ erasureId: z.guid(), tenantId: z.string(), objectId: z.string(), subscriptionIds: z.array(z.guid()) }),
  { key: ({ erasureId }) => `erasure:${erasureId}` },
);

/** The subscription service has erased its own part; nothing else changes by it. */
export const orderErasure = (_state: unknown, { data }: MessageOf<typeof subscriptionContactErased>): Outcome<never> =>
  ignored('it changes no state: a job erases what is stored', eraseContact(data));
