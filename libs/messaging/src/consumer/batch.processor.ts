import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { logFaults } from '../dead-letter/dead-letter.log';
import { DeadLetterRepository } from '../dead-letter/dead-letter.repository';
import type { AnyStages } from '../handlers/stages';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { countMessages } from '../metrics';
import { Outbox } from '../outbox/outbox';
import { RestoredDatabase } from '../restore/restored.database';
import { FAULT_POINTS, RANDOMNESS, type FaultPoints, type Randomness } from '../ports';
import { inTransaction, type Transaction } from '../transaction';
import { messageOf, type BatchEntry } from './batch.entry';
import type { BatchSource } from './batch.source';
import { Bisection } from './bisect';
import { bypasses, decideInOrder, inKeyOrder } from './decide';
import { enrichAll } from './enrich';
import { FreshBatch, freshEntries } from './fresh.batch';
import { stateKeyOf, type Received } from './received';
import type { TopicHandler } from './topic.handler';

/** Runs an author's stages over a batch, in one transaction. The same for what Kafka delivers and for what is redelivered. */
@Injectable()
export class BatchProcessor {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly bisection: Bisection,
    private readonly deadLetters: DeadLetterRepository,
    private readonly restored: RestoredDatabase,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(RANDOMNESS) private readonly randomness: Randomness,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {}

  /** Handles what Kafka delivered. Resolves when every record is committed: handled, or kept as a dead letter. */
  async deliver(handler: TopicHandler, records: readonly Received[]): Promise<void> {
    const known = records.filter((record) => !this.restored.isForgotten(handler, record));
    const entries = freshEntries(handler, known);
    countMessages(handler.consumer, { ignored: records.length - entries.length });
    if (entries.length > 0) await this.process(new FreshBatch(handler, this.service.name, this.deadLetters, this.randomness), entries);
  }

  /** Resolves when every entry is committed. Rejects only where the service stops, or a single message can't even be kept as a dead letter. */
  async process<T extends BatchEntry>(source: BatchSource<T>, entries: readonly T[]): Promise<void> {
    const { consumer, stages } = source.handler;
    await enrichAll(entries, stages, (entry) => source.attemptOf(entry));
    await this.bisection.commit(consumer, entries, (part) => this.commit(source, part));
  }

  /** The order of these steps is the design: deduplication comes first, the partition locks of the outbox come last. */
  private async commit<T extends BatchEntry>(source: BatchSource<T>, entries: readonly T[]): Promise<void> {
    const { consumer, stages } = source.handler;
    const { beforeCommit, afterCommit } = source.faultPoints;
    const { admission, decided, sent } = await inTransaction(this.dataSource, async (tx) => {
      const admission = await source.admit(tx, entries);
      const states = await loadStates(tx, stages, admission.due, admission.blocked);
      const decided = decideInOrder(admission.due, stages, states, await this.outbox.sender(tx), admission.blocked);
      if (stages.save && decided.changedStates.size > 0) await stages.save(tx, inKeyOrder(decided.changedStates));
      await source.keep(tx, admission, decided);
      const sent = await this.outbox.append(tx, decided.outgoing);
      await this.faults.reach(beforeCommit);
      return { admission, decided, sent };
    });
    if (afterCommit) await this.faults.reach(afterCommit);
    countMessages(consumer, source.countsOf(admission, decided));
    logFaults(consumer, decided.failed);
    this.outbox.committed(sent);
    source.committed(decided);
  }
}

/** The states of all messages that may be decided. */
async function loadStates(
  tx: Transaction,
  stages: AnyStages,
  entries: readonly BatchEntry[],
  blocked: ReadonlySet<string>,
): Promise<Map<string, unknown>> {
  if (!stages.load) return new Map();
  const keys = new Set<string>();
  for (const entry of entries) {
    const message = messageOf(entry);
    if (!message || entry.failure) continue;
    if (!blocked.has(entry.record.key) || bypasses(stages, message)) keys.add(stateKeyOf(stages, message));
  }
  return keys.size > 0 ? stages.load(tx, [...keys].sort()) : new Map();
}
