import { instant, readUsage, uuid } from '@landfall/contracts';
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
    /** One for each registration, with the number of its parts. An answer that was read, and never handed over, is another one. */
    readings: z.array(z.object({ reading: uuid, parts: z.int().nonnegative() })).min(1),
    /** Microsoft's clock when it answered. */
    date: instant,
    /** The next one: of all readings, counted through. */
    part: z.int().positive(),
  }),
  {
    ...{ key: name, bypassesDead: true, limits: { concurrency: 4 } },
    dedupe: ({ readings: [first], part }) => `${first!.reading}:${part}`,
  },
);
export type HandOver = z.infer<typeof handOverRecorded.schema>;
