import { createHash } from 'node:crypto';
import { z } from 'zod';
import { envelopeHeader } from '../../dead-letter/envelope.header';
import { countedAtMost } from '../page';

const instant = z.iso.datetime();
const blocked = {
  consumer: z.string().describe('`<service>.<topic>`'),
  key: z.string().describe('What the message is about; a digest where it is longer than 1,024 bytes'),
  state: z
    .enum(['waiting', 'failing', 'dead'])
    .describe('`waiting`: something outside is missing. `failing`: it is tried again. `dead`: nothing happens without an operator'),
  reason: z.string().describe('Why the last attempt failed'),
  attempts: z.int(),
  since: instant.describe('Since when the key is blocked'),
  nextTryAt: instant.nullable().describe('Null where it is dead'),
};
const place = { partition: z.int(), offset: z.string().describe('In the partition of the topic') };

/** A blocked key, with the dead letter at its head. */
export const blockedKey = z.object({
  id: z.string().describe('Of the dead letter at the head: retry and discard go by it'),
  ...blocked,
  messages: z.int().describe(`Messages of the key, the dead letter included; ${countedAtMost} means that many or more`),
  messageId: z.string(),
  type: z.string().nullable().describe('Null where the bytes are no envelope'),
  bytes: z.int(),
  ...place,
});
export type BlockedKey = z.infer<typeof blockedKey>;

const following = z.object({ id: z.string(), messageId: z.string(), type: z.string().nullable(), addedAt: instant });

/** One dead letter: all but its data, which may be about people. */
export const deadLetter = z.object({
  id: z.string(),
  first: z.string().describe('The dead letter at the head of its key: this one, or the one that has to go first'),
  ...blocked,
  message: z
    .object({
      id: z.string().nullable(),
      type: z.string().nullable(),
      source: z.string().nullable(),
      time: z.string().nullable(),
      correlationId: z.string().nullable(),
      causationId: z.string().nullable(),
    })
    .describe('The envelope as far as it can be read, each value cut to 200 characters'),
  messageId: z.string().describe('By which it is known as handled; not the id of the envelope where that is no UUID of ours'),
  bytes: z.int(),
  sha256: z.string().describe('Of the bytes as they came from Kafka, in hexadecimal'),
  ...place,
  addedAt: instant,
  behind: z.int().describe(`Messages that wait behind it; ${countedAtMost} means that many or more`),
  following: z.array(following).describe('The first of those, 20 at most'),
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** What Postgres gives of a blocked key: instants are dates there. */
export interface BlockedKeyRow extends Omit<BlockedKey, 'since' | 'nextTryAt'> {
  /** Its place in the list. */
  readonly cursor: string;
  readonly since: Date;
  readonly nextTryAt: Date | null;
}

type Computed = 'message' | 'bytes' | 'sha256' | 'behind' | 'following';

/** A dead letter together with the state of the key that it blocks, or behind whose head it waits. */
export interface LetterRow extends Omit<DeadLetter, Computed | 'since' | 'nextTryAt' | 'addedAt'> {
  readonly value: Buffer;
  readonly since: Date;
  readonly nextTryAt: Date | null;
  readonly addedAt: Date;
}

export interface FollowingRow extends Omit<z.infer<typeof following>, 'addedAt'> {
  readonly addedAt: Date;
}

export const blockedKeyView = ({ cursor: _cursor, since, nextTryAt, ...row }: BlockedKeyRow): BlockedKey => ({
  ...row,
  since: since.toISOString(),
  nextTryAt: nextTryAt?.toISOString() ?? null,
});

/** A dead letter without its data: its bytes are known by their number and hash alone. */
export const withoutData = ({ value, since, nextTryAt, addedAt, ...row }: LetterRow): Omit<DeadLetter, 'behind' | 'following'> => ({
  ...row,
  since: since.toISOString(),
  nextTryAt: nextTryAt?.toISOString() ?? null,
  addedAt: addedAt.toISOString(),
  message: envelopeHeader(value),
  bytes: value.length,
  sha256: createHash('sha256').update(value).digest('hex'),
});

export const deadLetterView = (row: LetterRow, followingRows: readonly FollowingRow[], behind: number): DeadLetter => ({
  ...withoutData(row),
  behind,
  following: followingRows.map((each) => ({ ...each, addedAt: each.addedAt.toISOString() })),
});
