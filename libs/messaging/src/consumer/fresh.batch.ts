import { nextAttempt } from '../dead-letter/attempts';
import type { DeadLetterRepository } from '../dead-letter/dead-letter.repository';
import type { Randomness } from '../ports';
import type { Transaction } from '../transaction';
import { concerns, isKnownByState, type BatchEntry } from './batch.entry';
import type { Admission, BatchSource } from './batch.source';
import type { Decided } from './decide';
import { deduplicate, handledBefore } from './deduplication';
import { unreadable, type Received } from './received';
import type { TopicHandler } from './topic.handler';

const firstAttempt = { number: 1 };

/** Records that Kafka delivered, as entries of a batch; those that the service ignores are left out. */
export function freshEntries({ stages }: TopicHandler, records: readonly Received[]): BatchEntry[] {
  return records.map((record): BatchEntry => ({ record, failure: unreadable(record) })).filter((entry) => concerns(stages, entry));
}

/** What Kafka delivered: at least once delivered, at most once done. */
export class FreshBatch implements BatchSource<BatchEntry> {
  readonly faultPoints = { beforeCommit: 'batch.before-commit', afterCommit: 'batch.after-commit' } as const;

  constructor(
    readonly handler: TopicHandler,
    private readonly schema: string,
    private readonly deadLetters: DeadLetterRepository,
    private readonly randomness: Randomness,
  ) {}

  attemptOf() {
    return firstAttempt;
  }

  async admit(tx: Transaction, entries: readonly BatchEntry[]): Promise<Admission<BatchEntry>> {
    const keys = new Set(entries.map(({ record }) => record.key));
    const [known, others] = this.byKnowledge(entries);
    const [recorded, handled, blocked] = await Promise.all([
      deduplicate(tx, this.schema, others),
      handledBefore(tx, this.schema, known),
      this.deadLetters.lockBlocked(tx, this.handler.consumer, [...keys]), // in the same round trip, so for the keys of what is known already as well
    ]);
    const unhandled = new Set([...recorded, ...known.filter((identity) => !handled.has(identity))]);
    const due = entries.filter(({ record }) => unhandled.delete(record.identity)); // deleted: a batch may hold a message twice
    return { present: due, due, blocked: new Set(blocked.keys()), duplicates: entries.length - due.length };
  }

  async keep(tx: Transaction, _admission: Admission<BatchEntry>, decided: Decided<BatchEntry>): Promise<void> {
    const { failed, behind } = await this.keptFirst(tx, decided);
    const blocking = failed.map((failure) => ({ failed: failure, next: nextAttempt(failure.failure, 0, 0, this.randomness) }));
    this.deadLetters.add(tx, this.handler.consumer, blocking, behind);
  }

  /** What the state knows is remembered as a dead letter: else Kafka could bring it once more beside that. Another copy may have kept it since it was admitted here. */
  private async keptFirst(
    tx: Transaction,
    { failed, behind }: Decided<BatchEntry>,
  ): Promise<Pick<Decided<BatchEntry>, 'failed' | 'behind'>> {
    const [known] = this.byKnowledge([...failed.map(({ entry }) => entry), ...behind]);
    const recorded = await deduplicate(tx, this.schema, known);
    const keptElsewhere = new Set(known.filter((identity) => !recorded.has(identity)));
    const isOurs = ({ record }: BatchEntry) => !keptElsewhere.has(record.identity);
    return { failed: failed.filter(({ entry }) => isOurs(entry)), behind: behind.filter(isOurs) };
  }

  /** The identities of those that the state knows, and of all others. */
  private byKnowledge(entries: readonly BatchEntry[]): readonly [string[], string[]] {
    const known: string[] = [];
    const others: string[] = [];
    for (const entry of entries) (isKnownByState(this.handler.stages, entry) ? known : others).push(entry.record.identity);
    return [known, others];
  }

  countsOf({ duplicates }: Admission<BatchEntry>, { handled, ignored, failed, behind }: Decided<BatchEntry>) {
    const waiting = failed.filter(({ failure }) => failure.state === 'waiting').length;
    return {
      handled: handled.length,
      duplicate: duplicates,
      ignored: ignored.length,
      retried: waiting,
      'dead-lettered': failed.length - waiting + behind.length,
    };
  }

  /** What came behind a dead letter is not tried before that one. */
  committed({ failed }: Decided<BatchEntry>): void {
    if (failed.length > 0) this.deadLetters.added.raise();
  }
}
