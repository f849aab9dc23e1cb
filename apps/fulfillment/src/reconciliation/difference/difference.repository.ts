import { instantColumn, run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { answerAbout, mayBeMissing } from '../observation.repository';
import type { Leftover } from './difference';

/** Subscriptions of one page: as many messages at most leave in one transaction, twice as many where one difference takes the place of another. */
export const PAGE = 500;
/** Before the first id. */
const NIL = '00000000-0000-0000-0000-000000000000';

/** What sweeps have left of subscriptions. */
@Injectable()
export class DifferenceRepository {
  /** In id order: two writers that share rows then wait for each other instead of deadlocking. */
  lockPage(tx: Transaction, registration: string, after: string | null): Promise<Leftover[]> {
    return run<Leftover>(tx, page, [registration, after]);
  }

  async save(tx: Transaction, leftovers: readonly Leftover[]): Promise<void> {
    const rows = leftovers.map(({ subscriptionId, finding, keepers: [newest, before], answeredIn, answeredAs, told }) => ({
      ...{ subscriptionId, finding, answeredIn, answeredAs, told },
      ...{ foundIn: newest?.id ?? null, foundBeforeIn: before?.id ?? null },
    }));
    await run(tx, update, [JSON.stringify(rows)]);
  }
}

const keeper = (r: string) => `case when ${r}.id is not null then jsonb_build_object(
  'id', ${r}.id, 'state', ${r}.state, 'hasFound', ${r}.found is not null, 'asks', to_jsonb(${r}.asks), 'answers', ${r}.answers) end`;

const page = `
  select o.subscription_id as "subscriptionId", o.record ->> 'status' as status, o.finding,
         o.answered_in as "answeredIn", o.answered_as as "answeredAs", exists
           (select from fulfillment.reconciliations d where d.id = o.answered_in and ${answerAbout('d', 'o.answered_as')} = 'dismissed') as "isDismissed",
         array_to_json(array_remove(array[${keeper('newest')}, ${keeper('before')}], null)) as keepers,
         o.missed, o.missed_in as "missedIn", ${instantColumn('o.missing_since')} as "missingSince", ${mayBeMissing} as "mayBeMissing",
         o.told, ${instantColumn('now()')} as now
    from fulfillment.observations o
    join fulfillment.reconciliation_schedules s on s.registration = $1
    left join fulfillment.reconciliations newest on newest.id = o.found_in
    left join fulfillment.reconciliations before on before.id = o.found_before_in
   where (o.finding is not null or o.missing_since is not null or o.told is not null) and o.subscription_id > coalesce($2::uuid, '${NIL}')
     and (newest.registration = $1 or exists
       (select from fulfillment.subscription_registrations b where b.subscription_id = o.subscription_id and b.registration = $1))
   order by o.subscription_id limit ${PAGE} for update of o`;

const update = `
  update fulfillment.observations o
     set (finding, found_in, found_before_in, answered_in, answered_as, told)
       = (t.finding, t."foundIn", t."foundBeforeIn", t."answeredIn", t."answeredAs", t.told)
    from jsonb_to_recordset($1::jsonb)
      as t ("subscriptionId" uuid, finding text, "foundIn" uuid, "foundBeforeIn" uuid, "answeredIn" uuid, "answeredAs" text, told text)
   where o.subscription_id = t."subscriptionId"`;
