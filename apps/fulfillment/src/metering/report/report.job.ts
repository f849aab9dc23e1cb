import { uuid } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';

/** Reports a batch until each of its events was answered, or its deadline has come. It holds up nothing, and nothing holds it up. */
export const reportBatch = defineJob('report-usage', z.object({ batchId: uuid }), {
  key: ({ batchId }) => `usage:${batchId}`,
  dedupe: ({ batchId }) => batchId,
  bypassesDead: true,
});
