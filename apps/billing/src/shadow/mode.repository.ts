import { columns, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { isoOf } from '../ledger/hours';
import type { ModeSet } from '../ledger/mode.domain';

/** What `BILLING_MODE` said, and since which hour. */
@Injectable()
export class ModeRepository {
  /** All that were set, by their beginnings. */
  load(tx: Transaction): Promise<ModeSet[]> {
    return run<ModeSet>(
      tx,
      `select (extract(epoch from from_hour) * 1000)::float8 as "from", setting from billing.modes order by from_hour`,
      [],
    );
  }

  /** In the place of what was set for the same hour. */
  add(tx: Transaction, { from, setting }: ModeSet): void {
    write(
      tx,
      `insert into billing.modes (from_hour, setting) select * from unnest($1::timestamptz[], $2::text[])
       on conflict (from_hour) do update set setting = excluded.setting`,
      columns([{ from: isoOf(from), setting }], 'from', 'setting'),
    );
  }
}
