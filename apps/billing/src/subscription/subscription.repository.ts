import { columns, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { hourOf, isoOf } from '../ledger/hours';
import { Newcomers } from './newcomers';
import type { Subscription, SubscriptionRow } from './subscription';

/** Hours that are older are not rated again: their records are kept no longer. */
const RATED_ANEW_DAYS = 45;

export const subscriptionColumns = `id, publisher_id as "publisherId", offer_id as "offerId", is_preview as "isPreview", version, timeline as facts, rates, peaks, counts,
  (extract(epoch from look_at) * 1000)::float8 as "lookAt", (extract(epoch from late_from) * 1000)::float8 as "lateFrom"`;

@Injectable()
export class SubscriptionRepository {
  constructor(private readonly newcomers: Newcomers) {}

  /**
   * In id order: two writers that share rows then wait for each other instead of deadlocking. Two topics tell of a subscription, so that a row that is not there yet is made
   * first: what can be locked by both.
   */
  async lock(tx: Transaction, ids: string[]): Promise<Map<string, Subscription>> {
    await run(
      tx,
      `insert into billing.subscriptions (id, publisher_id, offer_id, is_preview, version)
       select id, '', '', false, 0 from unnest($1::uuid[]) as wanted (id) order by id on conflict (id) do nothing`,
      [ids],
    );
    return this.lockKnown(tx, ids);
  }

  async lockKnown(tx: Transaction, ids: readonly string[]): Promise<Map<string, Subscription>> {
    const rows = await run<SubscriptionRow>(
      tx,
      `select ${subscriptionColumns} from billing.subscriptions where id = any($1::uuid[]) order by id for update`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** What has to be rated again is marked, and looked at soon. */
  save(tx: Transaction, subscriptions: readonly Subscription[]): void {
    if (subscriptions.length === 0) return;
    this.newcomers.come();
    const rows = subscriptions.map(({ facts, rates, lookAt, ...same }) => ({
      ...{ ...same, facts: JSON.stringify(facts), rates: JSON.stringify(rates) },
      lookAt: lookAt === null ? null : isoOf(lookAt),
    }));
    write(
      tx,
      `update billing.subscriptions s
          set (publisher_id, offer_id, is_preview, version, timeline, rates, look_at)
            = (v.publisher_id, v.offer_id, v.is_preview, v.version, v.timeline, v.rates, v.look_at)
         from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::int[], $6::jsonb[], $7::jsonb[], $8::timestamptz[])
              as v (id, publisher_id, offer_id, is_preview, version, timeline, rates, look_at)
        where s.id = v.id`,
      columns(rows, 'id', 'publisherId', 'offerId', 'isPreview', 'version', 'facts', 'rates', 'lookAt'),
    );
    const anew = subscriptions.flatMap(({ id, ratedAnewFrom }) =>
      ratedAnewFrom === null || ratedAnewFrom === undefined ? [] : [{ id, from: isoOf(hourOf(Math.max(0, ratedAnewFrom))) }],
    );
    if (anew.length === 0) return;
    write(
      tx,
      // locked by their keys, as intake locks them
      `with locked as (
         select b.subscription_id, b.meter, b.hour
           from billing.buckets b join unnest($1::uuid[], $2::timestamptz[]) as v (id, starts) on b.subscription_id = v.id
          where b.hour >= v.starts and b.hour > now() - make_interval(days => ${RATED_ANEW_DAYS})
          order by b.subscription_id, b.meter, b.hour for update of b
       )
       update billing.buckets b set is_dirty = true from locked v
        where b.subscription_id = v.subscription_id and b.meter = v.meter and b.hour = v.hour`,
      columns(anew, 'id', 'from'),
    );
  }

  /** The newest hour in which a meter was used is counted again, unless its records are kept no longer, and its subscription is looked at as soon as possible. */
  countAgain(tx: Transaction, id: string, meter: string): void {
    write(tx, `update billing.subscriptions set look_at = 'epoch' where id = $1`, [id]);
    write(
      tx,
      `update billing.buckets set is_dirty = true where subscription_id = $1 and meter = $2
          and hour = (select max(hour) from billing.buckets where subscription_id = $1 and meter = $2)
          and hour > now() - make_interval(days => ${RATED_ANEW_DAYS})`,
      [id, meter],
    );
  }
}
