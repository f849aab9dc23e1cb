import { columns, inTransaction, run, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RegistrationClients } from '../../registration/registration.clients';
import type { KeptPart, RecordedPart } from './recorded.parts';

/** What was read back of a day, until it is handed over. */
@Injectable()
export class RecordedRepository {
  constructor(
    private readonly database: DataSource,
    private readonly clients: RegistrationClients,
  ) {}

  /** Through which registrations the subscriptions of a publisher belong to us: one of Microsoft's lists for each (contract 2.1). */
  async registrationsOf(publisherId: string): Promise<string[]> {
    if (this.clients.only !== undefined) return [this.clients.only];
    const rows = await this.database.query<{ registration: string }[]>(
      `select distinct b.registration from fulfillment.subscription_registrations b
         join fulfillment.observations o using (subscription_id)
        where o.record ->> 'publisherId' = $1 order by b.registration`,
      [publisherId],
    );
    return rows.map(({ registration }) => registration);
  }

  async keep(reading: string, parts: readonly RecordedPart[]): Promise<void> {
    const rows = parts.map((one) => ({ ...one, reading, rows: JSON.stringify(one.rows) }));
    await inTransaction(this.database, (tx) =>
      write(
        tx,
        `insert into fulfillment.usage_reads (reading, part, rows) select * from unnest($1::uuid[], $2::int[], $3::jsonb[])`,
        columns(rows, 'reading', 'part', 'rows'),
      ),
    );
  }

  /** Those that are there still, in that order. */
  parts(kept: readonly KeptPart[]): Promise<RecordedPart[]> {
    return inTransaction(this.database, (tx) =>
      run<RecordedPart>(
        tx,
        `select part, rows from unnest($1::uuid[], $2::int[]) with ordinality as kept (reading, part, place)
           join fulfillment.usage_reads using (reading, part) order by place`,
        columns(kept, 'reading', 'part'),
      ),
    );
  }

  /** They are handed over. */
  async forgetParts(kept: readonly KeptPart[]): Promise<void> {
    if (kept.length === 0) return;
    await this.database.query(
      `delete from fulfillment.usage_reads r using unnest($1::uuid[], $2::int[]) as kept (reading, part)
        where (r.reading, r.part) = (kept.reading, kept.part)`,
      columns(kept, 'reading', 'part'),
    );
  }

  /** What was read of lists that were not whole. */
  async forget(readings: readonly string[]): Promise<void> {
    if (readings.length === 0) return;
    await this.database.query('delete from fulfillment.usage_reads where reading = any($1::uuid[])', [readings]);
  }
}
