import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Failure } from '../dead-letter/attempts';
import type { RawRecord, Taken } from '../handlers/records';
import { countMessages } from '../metrics';
import { Outbox } from '../outbox/outbox';
import { addressed, nothing } from '../outbox/outgoing';
import { FAULT_POINTS, type FaultPoints } from '../ports';
import { inTransaction, type Transaction } from '../transaction';
import { Bisection } from './bisect';
import type { RecordHandler } from './topic.handler';

interface RecordEntry {
  readonly record: RawRecord;
  /** SQL refused it alone. */
  failure?: Failure;
}

/** Hands records as they came to their author, a batch in one transaction with what it sends. */
@Injectable()
export class RecordProcessor {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly bisection: Bisection,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {}

  /** Resolves when every record is committed: taken, or refused. Rejects only where the service stops, or a record can't even be refused. */
  async deliver(handler: RecordHandler, records: readonly RawRecord[]): Promise<void> {
    const entries = records.map((record): RecordEntry => ({ record }));
    await this.bisection.commit(handler.consumer, entries, (part) => this.commit(handler, part));
  }

  private async commit({ consumer, records: author }: RecordHandler, entries: readonly RecordEntry[]): Promise<void> {
    const [{ record, failure }] = entries as [RecordEntry];
    const { taken, sent } = await inTransaction(this.dataSource, async (tx) => {
      const taken = failure
        ? await author.refuse(tx, record, failure.reason)
        : await author.take(
            tx,
            entries.map((entry) => entry.record),
          );
      const sent = await this.append(tx, taken);
      await this.faults.reach('batch.before-commit');
      return { taken, sent };
    });
    await this.faults.reach('batch.after-commit');
    countMessages(consumer, { handled: entries.length });
    if (sent) this.outbox.committed(sent);
    taken.committed?.();
  }

  private async append(tx: Transaction, { effects = [] }: Taken) {
    if (effects.length === 0) return undefined;
    const outgoing = nothing();
    addressed(await this.outbox.sender(tx), { id: randomUUID() }, effects, outgoing);
    return this.outbox.append(tx, outgoing);
  }
}
