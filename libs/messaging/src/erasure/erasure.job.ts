import { z } from 'zod';
import { ignored, type Outcome } from '../handlers/outcome';
import { defineJob } from '../jobs/job.definition';

/** One erasure of a person's contact data: whose it is, and which subscriptions it may be about. */
const erasure = z.object({ erasureId: z.guid(), tenantId: z.string(), objectId: z.string(), subscriptionIds: z.array(z.guid()) });

/** Erases what a service stores of a person's contact data. Each service performs it for its own tables, and answers with a message of its own. */
export const eraseContact = defineJob('erase-contact', erasure, { key: ({ erasureId }) => `erasure:${erasureId}` });

/** Decides about the message that tells of an erasure elsewhere: a job does it here. */
export const orderErasure = (_state: unknown, { data }: { readonly data: z.infer<typeof erasure> }): Outcome<never> =>
  ignored('it changes no state: a job erases what is stored', eraseContact(data));
