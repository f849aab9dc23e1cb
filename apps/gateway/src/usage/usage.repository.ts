import { columns, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ToldUsage, UsageCount } from './usage';

/** Meters that a page shows: no plan has more. */
const SHOWN = 50;

/** The newest count of each plan, meter and term that messages brought. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: DataSource) {}

  /** By meter, what was counted under the plan in its newest term, unless that is over. @param now business time */
  read(subscriptionId: string, planId: string, now: Date): Promise<UsageCount[]> {
    return this.database.query<UsageCount[]>(
      `select * from (
         select distinct on (meter) plan_id as "planId", meter, term::text, used::text, included::text, remaining::text,
                to_char(resets_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "resetsAt"
           from gateway.usage_counts where subscription_id = $1 and plan_id = $2 order by meter, term desc limit ${SHOWN}) as newest
        where "resetsAt"::timestamptz > $3`,
      [subscriptionId, planId, now],
    );
  }

  /** What is older than what is there, or the same again, changes nothing. In the order of their keys, so that two writers never wait for each other in a circle. */
  save(tx: Transaction, told: readonly ToldUsage[]): void {
    const rows = told.flatMap(({ subscriptionId, counts }) => counts.map((count) => ({ subscriptionId, ...count })));
    if (rows.length === 0) return;
    write(
      tx,
      `insert into gateway.usage_counts as known (subscription_id, plan_id, meter, term, epoch, sequence, used, included, remaining, resets_at)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::int[], $6::int[], $7::numeric[], $8::numeric[], $9::numeric[], $10::timestamptz[])
        order by 1, 2, 3, 4
       on conflict (subscription_id, plan_id, meter, term) do update set
              (epoch, sequence, used, included, remaining, resets_at)
              = (excluded.epoch, excluded.sequence, excluded.used, excluded.included, excluded.remaining, excluded.resets_at)
        where (known.epoch, known.sequence) < (excluded.epoch, excluded.sequence)`,
      columns(
        rows,
        ...(['subscriptionId', 'planId', 'meter', 'term', 'epoch', 'sequence', 'used', 'included', 'remaining', 'resetsAt'] as const),
      ),
    );
  }
}
