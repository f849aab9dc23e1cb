import { z } from 'zod';
import { countedAtMost } from '../page';

/** As operators see it: the table has no `unknown`, which depends on the version that looks. */
export const jobStates = ['ready', 'running', 'dead', 'unknown'] as const;

const instant = z.iso.datetime();

/** A job: all but its payload, which may be about people. */
export const storedJob = z.object({
  id: z.uuid(),
  kind: z.string(),
  key: z.string().describe('Jobs of one key run one after the other'),
  state: z
    .enum(jobStates)
    .describe(
      '`dead`: it holds its key until an operator retries or discards it; `unknown`: it is ready, and nothing in this version performs its kind',
    ),
  reason: z.string().nullable().describe('Why the last run did not finish it'),
  attempts: z.int().describe('All runs'),
  failures: z.int().describe('Failed runs in a row'),
  createdAt: instant,
  runAt: instant.describe('Not before'),
  deadline: instant.nullable(),
  causationId: z.string().describe('The message or request that led to it'),
  correlationId: z.string(),
  behind: z.int().describe(`Later jobs of the same key; ${countedAtMost} means that many or more`),
});
export type StoredJob = z.infer<typeof storedJob>;

export interface JobRow extends Omit<StoredJob, 'createdAt' | 'runAt' | 'deadline'> {
  /** Its place in the list. */
  readonly cursor: string;
  readonly createdAt: Date;
  readonly runAt: Date;
  readonly deadline: Date | null;
}

export const jobView = ({ cursor: _cursor, createdAt, runAt, deadline, ...row }: JobRow): StoredJob => ({
  ...row,
  createdAt: createdAt.toISOString(),
  runAt: runAt.toISOString(),
  deadline: deadline?.toISOString() ?? null,
});
