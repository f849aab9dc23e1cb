import { columns, inTransaction, instantColumn, run, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RegistrationClients } from '../../registration/registration.clients';
import type { RecordedPart } from './recorded.parts';

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

  /** All parts of a reading, or none. */
  async keep(reading: string, parts: readonly RecordedPart[]): Promise<void> {
    const rows = parts.map((one) => ({ ...one, reading, rows: JSON.stringify(one.rows) }));
    await inTransaction(this.database, (tx) =>
      write(
        tx,
        `insert into fulfillment.usage_reads (reading, part, rows, is_last, date)
         select * from unnest($1::uuid[], $2::int[], $3::jsonb[], $4::boolean[], $5::timestamptz[])`,
        columns(rows, 'reading', 'part', 'rows', 'isLast', 'date'),
      ),
    );
  }

  /** From that part on, so many. */
  parts(reading: string, from: number, count: number): Promise<RecordedPart[]> {
    return inTransaction(this.database, (tx) =>
      run<RecordedPart>(
        tx,
        `select part, rows, is_last as "isLast", ${instantColumn('date')} as date
           from fulfillment.usage_reads where reading = $1 and part >= $2 order by part limit $3`,
        [reading, from, count],
      ),
    );
  }
}
