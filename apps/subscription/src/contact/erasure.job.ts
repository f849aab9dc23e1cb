import { defineJob } from '@landfall/messaging';
import { z } from 'zod';

/** Erases what is personal in the messages and jobs that this service has stored about some subscriptions. */
export const eraseStored = defineJob('erase-stored', z.object({ erasureId: z.guid(), subscriptionIds: z.array(z.guid()) }), {
  key: ({ erasureId }) => `erasure:${erasureId}`,
});

/** Keeps that a service has erased what it stored. */
export const noteErasure = defineJob(
  'note-erasure',
  z.object({ erasureId: z.guid(), service: z.enum(['gateway', 'fulfillment', 'provisioning']) }),
  { key: ({ erasureId, service }) => `erasure:${erasureId}:${service}` },
);
