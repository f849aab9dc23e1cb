import { z } from 'zod';
import { envelopeFacts, sha256Of } from '../dead-letter/envelope.facts';

/** Counts end here: what is longer is long. */
export const countedAtMost = 1000;

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

/** A key whose messages stand still, with the dead letter at its head. */
export const blockedKey = z.object({
  id: z.string().describe('Of the dead letter at the head: retry and discard go by it'),
  ...blocked,
  messages: z.int().describe(`Messages of the key that stand still, the first included; ${countedAtMost} means that many or more`),
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

/** A blocked key with the dead letter at its head. */
export interface BlockedKeyRow {
  /** Its place in the list. */
  readonly cursor: string;
  readonly id: string;
  readonly consumer: string;
  readonly key: string;
  readonly state: BlockedKey['state'];
  readonly reason: string;
  readonly attempts: number;
  readonly since: Date;
  /** Null where it is dead. */
  readonly nextTryAt: Date | null;
  readonly messages: number;
  readonly messageId: string;
  readonly type: string | null;
  readonly bytes: number;
  readonly partition: number;
  readonly offset: string;
}

/** A dead letter together with the state of the key that it blocks, or behind whose head it waits. */
export interface LetterRow {
  readonly id: string;
  readonly consumer: string;
  readonly key: string;
  readonly state: BlockedKey['state'];
  readonly reason: string;
  readonly attempts: number;
  readonly since: Date;
  readonly nextTryAt: Date | null;
  /** The dead letter at the head of its key. */
  readonly first: string;
  readonly messageId: string;
  readonly value: Buffer;
  readonly partition: number;
  readonly offset: string;
  readonly addedAt: Date;
}

export interface FollowingRow {
  readonly id: string;
  readonly messageId: string;
  readonly type: string | null;
  readonly addedAt: Date;
}

export const blockedKeyView = ({ cursor: _cursor, since, nextTryAt, ...row }: BlockedKeyRow): BlockedKey => ({
  ...row,
  since: since.toISOString(),
  nextTryAt: nextTryAt?.toISOString() ?? null,
});

export const deadLetterView = (
  { value, since, nextTryAt, addedAt, ...row }: LetterRow,
  followingRows: readonly FollowingRow[],
  behind: number,
): DeadLetter => ({
  ...row,
  since: since.toISOString(),
  nextTryAt: nextTryAt?.toISOString() ?? null,
  addedAt: addedAt.toISOString(),
  message: envelopeFacts(value),
  bytes: value.length,
  sha256: sha256Of(value),
  behind,
  following: followingRows.map((each) => ({ ...each, addedAt: each.addedAt.toISOString() })),
});
