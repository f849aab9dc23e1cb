import { randomUUID } from 'node:crypto';
import { columns, inTransaction, instantColumn, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterCrash } from './batch.domain';
import type { AttemptInFlight, UsageBatch } from './usage.batch';

/** Another run of the same batch has begun: this one sends nothing more. */
export class BatchTakenOver extends Error {
  readonly code = 'BATCH_TAKEN_OVER';
  readonly retriable = true;

  constructor(batchId: string) {
    super(`another run reports batch ${batchId} by now, so nothing was sent by this one`);
    this.name = 'BatchTakenOver';
  }
}

/** A batch while a run works at it. `run` is a new id each time: an attempt of any other run can't be written down, and does not leave. */
export interface BatchAtWork {
  readonly batch: UsageBatch;
  readonly run: string;
  /** Events of an attempt of an earlier run whose answer nobody saw. */
  readonly lost: number;
}

@Injectable()
export class BatchRepository {
  /** On which the ends of runs are decided. */
  readonly ofRuns = {
    load: (tx: Transaction, keys: string[]) => this.lock(tx, keys),
    save: (tx: Transaction, batches: UsageBatch[]) => this.save(tx, batches),
  };

  constructor(private readonly database: DataSource) {}

  /** In id order. Keys that are no batch find none. */
  async lock(tx: Transaction, ids: string[]): Promise<Map<string, UsageBatch>> {
    const rows = await run<UsageBatch>(
      tx,
      `select batch_id as "batchId", publisher_id as "publisherId", ${instantColumn('deadline')} as deadline, events, progress, parts,
              in_flight as "inFlight", registration, request_id as "requestId", ${instantColumn('answered_at')} as "answeredAt"
         from fulfillment.usage_batches where batch_id = any($1::uuid[]) order by batch_id for update`,
      [ids],
    );
    return new Map(rows.map((row) => [row.batchId, row]));
  }

  save(tx: Transaction, batches: UsageBatch[]): void {
    if (batches.length === 0) return;
    const rows = batches.map(({ events, progress, parts, inFlight, ...same }) => ({
      ...{ ...same, events: JSON.stringify(events), progress: JSON.stringify(progress), parts: JSON.stringify(parts) },
      inFlight: inFlight && JSON.stringify(inFlight),
    }));
    write(
      tx,
      `insert into fulfillment.usage_batches (batch_id, publisher_id, deadline, events, progress, parts, in_flight, registration,
              request_id, answered_at)
       select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::jsonb[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::text[],
                            $9::uuid[], $10::timestamptz[])
       on conflict (batch_id) do update set (progress, parts, in_flight, registration, request_id, answered_at)
           = (excluded.progress, excluded.parts, excluded.in_flight, excluded.registration, excluded.request_id, excluded.answered_at)`,
      columns(
        rows,
        ...([
          'batchId',
          'publisherId',
          'deadline',
          'events',
          'progress',
          'parts',
          'inFlight',
          'registration',
          'requestId',
          'answeredAt',
        ] as const),
      ),
    );
  }

  /** A run begins: what an earlier one left in flight was not answered, and no earlier one sends any more. Null where there is no such batch. */
  async begin(batchId: string): Promise<BatchAtWork | null> {
    const id = randomUUID();
    return inTransaction(this.database, async (tx) => {
      const found = (await this.lock(tx, [batchId])).get(batchId);
      if (!found) return null;
      const batch = afterCrash(found);
      if (batch !== found) this.save(tx, [batch]);
      write(tx, 'update fulfillment.usage_batches set run = $2 where batch_id = $1', [batchId, id]);
      return { batch, run: id, lost: found.inFlight?.events.length ?? 0 };
    });
  }

  /** Durable before it returns, and so before the attempt leaves. @throws BatchTakenOver */
  async writeDown({ batch, run: id }: BatchAtWork, attempt: AttemptInFlight): Promise<void> {
    const written = await this.database.query<[unknown[], number]>(
      'update fulfillment.usage_batches set in_flight = $3 where batch_id = $1 and run = $2 and answered_at is null returning batch_id',
      [batch.batchId, id, JSON.stringify(attempt)],
    );
    if (written[1] !== 1) throw new BatchTakenOver(batch.batchId);
  }
}
