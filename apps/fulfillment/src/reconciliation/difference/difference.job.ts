import { registrationName, uuid } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';

/**
 * Goes through what sweeps have left, a page at a time, after each sweep and each answer of an operator, and tells subscription what differs by then and what does no more.
 * It looks at what there is: a later one does what one before it has not, so a dead one holds up none.
 */
export const followDifferences = defineJob(
  'follow-differences',
  /** `after`: the last subscription of the pages before. */
  z.object({ registration: registrationName, after: uuid.nullable() }),
  { key: ({ registration }) => `differences:${registration}`, bypassesDead: true, limits: { concurrency: 4 } },
);
