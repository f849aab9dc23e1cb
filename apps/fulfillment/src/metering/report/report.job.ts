import { uuid } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';

/**
 * A batch that was on its way when its process was killed waits so long. A call takes ten seconds at most, and leases are renewed every other second: so a copy that is
 * cut off from the database has ended its call before another takes the batch, and two never send it at once.
 */
const LEASE_MS = 15_000;

/** Reports a batch until each of its events was answered, or its deadline has come. It holds up nothing, and nothing holds it up. */
export const reportBatch = defineJob('report-usage', z.object({ batchId: uuid }), {
  key: ({ batchId }) => `usage:${batchId}`,
  dedupe: ({ batchId }) => batchId,
  bypassesDead: true,
  limits: { leaseMs: LEASE_MS },
});
