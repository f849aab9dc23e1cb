import { concerns, type BatchEntry } from '../consumer/batch.entry';
import type { Admission, BatchSource } from '../consumer/batch.source';
import type { Decided } from '../consumer/decide';
import { deduplicate } from '../consumer/deduplication';
import { decoded, received, unreadable } from '../consumer/received';
import type { TopicHandler } from '../consumer/topic.handler';
import type { Attempt } from '../handlers/stages';
import type { Randomness } from '../ports';
import type { Transaction } from '../transaction';
import { nextAttempt } from './attempts';
import type { DeadLetterRepository, DeadLetterRow, DueKey } from './dead-letter.repository';

/** A dead letter on its next attempt. */
export interface RedeliveredEntry extends BatchEntry {
  readonly row: DeadLetterRow;
  /** It is the first of its key: the attempts that were counted are its own. */
  readonly isHead: boolean;
}

/** Decodes the stored bytes by today's definitions: what an older version could not read may be readable now. */
export function redeliveredEntries({ stages }: TopicHandler, rows: readonly DeadLetterRow[]): RedeliveredEntry[] {
  const keys = new Set<string>();
  return rows.map((row) => {
    const { partition, offset, value, key } = row;
    const record = { ...received(stages, { partition, offset, value, kafkaKey: key }, decoded(stages, value)), key };
    const isHead = !keys.has(key);
    keys.add(key);
    return { row, record, isHead, failure: unreadable(record) };
  });
}

/** Messages of blocked keys, in order per key; the first one that fails again ends its key's turn. */
export class RedeliveredBatch implements BatchSource<RedeliveredEntry> {
  readonly faultPoints = { beforeCommit: 'redelivery.before-commit' } as const;
  readonly handler: TopicHandler;
  private readonly keys: ReadonlyMap<string, DueKey>;
  /** By key, as `admit` read them under the lock: another half of the round, or an operator, may have begun a new count. */
  private attempts: ReadonlyMap<string, number> = new Map();

  constructor(
    handler: TopicHandler,
    keys: readonly DueKey[],
    private readonly schema: string,
    private readonly deadLetters: DeadLetterRepository,
    private readonly randomness: Randomness,
  ) {
    // nothing bypasses here: messages leave the dead letters from the front alone
    this.handler = { ...handler, stages: { ...handler.stages, bypassesBlock: undefined } };
    this.keys = new Map(keys.map((key) => [key.key, key]));
  }

  attemptOf({ record, row, isHead }: RedeliveredEntry): Attempt {
    const attempts = isHead ? (this.keys.get(record.key)?.attempts ?? 0) : 0; // behind its key's head nothing was tried yet
    return { number: attempts + 1, since: row.addedAt.toISOString() };
  }

  /**
   * Locks the keys and keeps what is still there: an operator, or another copy, may have been faster. A key whose head is not among the entries
   * is left out whole: in a halved batch its head is in the other half, and failed.
   */
  async admit(tx: Transaction, entries: readonly RedeliveredEntry[]): Promise<Admission<RedeliveredEntry>> {
    const { consumer, stages } = this.handler;
    this.attempts = await this.deadLetters.lockBlocked(tx, consumer, [...new Set(entries.map(({ record }) => record.key))]);
    const heads = await this.deadLetters.heads(tx, consumer, [...this.attempts.keys()]);
    const startsAtItsHead = new Set(entries.filter(({ row }) => heads.get(row.key) === BigInt(row.seq)).map(({ row }) => row.key));
    const present = entries.filter(({ row }) => startsAtItsHead.has(row.key) && BigInt(row.seq) >= heads.get(row.key)!);
    const due = await this.withoutDuplicates(
      tx,
      present.filter((entry) => concerns(stages, entry)),
    );
    return { present, due, blocked: new Set(), duplicates: 0 };
  }

  /** Removes what is used up; a key goes on with the first message that failed, or with what was not looked at yet. */
  async keep(tx: Transaction, { present }: Admission<RedeliveredEntry>, { failed, behind }: Decided<RedeliveredEntry>): Promise<void> {
    const { consumer } = this.handler;
    const left = new Set<RedeliveredEntry>([...behind, ...failed.map(({ entry }) => entry)]);
    const usedUp = present.filter((entry) => !left.has(entry));
    await this.deadLetters.remove(
      tx,
      usedUp.map(({ row }) => row.seq),
    );
    const progressed = new Set(usedUp.map(({ record }) => record.key));
    const heads = new Map([...present].reverse().map((entry) => [entry.record.key, entry]));
    for (const { entry, failure } of failed) {
      const due = this.keys.get(entry.record.key)!;
      const isHead = heads.get(entry.record.key) === entry; // a later message does not inherit the attempts of the one before it
      const attempts = isHead ? (this.attempts.get(entry.record.key) ?? 0) : 0;
      const ageMs = isHead ? entry.row.ageMs : 0;
      const next = nextAttempt(failure, attempts, ageMs, this.randomness);
      await this.deadLetters.postpone(tx, due, failure.reason, next);
      progressed.delete(entry.record.key);
    }
    await this.deadLetters.release(tx, consumer, [...progressed]);
  }

  /** A message that fails again was counted as dead-lettered when it came. */
  countsOf(_admission: Admission<RedeliveredEntry>, { handled, ignored, failed }: Decided<RedeliveredEntry>) {
    const waiting = failed.filter(({ failure }) => failure.state === 'waiting').length;
    return { handled: handled.length, ignored: ignored.length, retried: waiting };
  }

  committed(): void {}

  /** What could not be read was recorded under another identity: it may have been delivered again, and handled, since it became readable. */
  private async withoutDuplicates(tx: Transaction, entries: readonly RedeliveredEntry[]): Promise<RedeliveredEntry[]> {
    const renamed = entries.filter(({ row, record }) => row.messageId !== record.identity);
    if (renamed.length === 0) return [...entries];
    const unhandled = await deduplicate(
      tx,
      this.schema,
      renamed.map(({ record }) => record.identity),
    );
    return entries.filter(({ row, record }) => row.messageId === record.identity || unhandled.delete(record.identity));
  }
}
