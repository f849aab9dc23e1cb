import { readUsage, uuid } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';

const name = ({ readId }: { readId: string }): string => `usage-read:${readId}`;

/** Reads back what Microsoft has recorded of a day, and keeps it. Lists may be long: few at once. */
export const readRecorded = defineJob('read-usage', readUsage.schema, {
  key: name,
  dedupe: name,
  bypassesDead: true,
  limits: { concurrency: 2 },
});

/** Hands over what was read, some parts a run: after a crash it goes on there. */
export const handOverRecorded = defineJob(
  'hand-over-usage',
  z.object({
    ...readUsage.schema.shape,
    /** Which reading: an answer that was read, and never handed over, is another one. */
    reading: uuid,
    /** The next one. */
    part: z.int().positive(),
  }),
  { key: name, dedupe: ({ reading, part }) => `${reading}:${part}`, bypassesDead: true, limits: { concurrency: 4 } },
);
