import { run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { isoOf, type Instant } from '../ledger/hours';
import type { Account } from '../ledger/ledger';
import { timelineOf, type Timeline } from '../ledger/timeline';
import { LedgerRepository } from '../rounds/ledger.repository';
import type { SubscriptionRow } from '../subscription/subscription';
import { subscriptionColumns } from '../subscription/subscription.repository';
import type { ClosedTerm } from './closed.domain';

/** A locked ledger. */
export interface OldLedger {
  readonly accounts: readonly Account[];
  readonly timeline: Timeline;
}

@Injectable()
export class RetentionRepository {
  constructor(private readonly ledgers: LedgerRepository) {}

  /** Those behind `after`, in id order, that have a term or an hour of use from before that instant. */
  async oldBehind(tx: Transaction, after: string, before: Instant, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      tx,
      `select s.id from billing.subscriptions s
        where s.id > $1::uuid
          and (exists (select from billing.accounts a where a.subscription_id = s.id and a.end_date < $2::date) or ${hasOldHour})
        order by s.id limit $3`,
      [after, isoOf(before), limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Null where somebody else is working on it. */
  async lock(tx: Transaction, id: string): Promise<OldLedger | null> {
    const [subscription] = await run<SubscriptionRow>(
      tx,
      `select ${subscriptionColumns} from billing.subscriptions where id = $1::uuid for update skip locked`,
      [id],
    );
    if (!subscription) return null;
    const accounts = await this.ledgers.accountsOf(tx, [id]);
    return { accounts: accounts.get(id) ?? [], timeline: timelineOf(subscription.facts) };
  }

  /** Nothing of it waits for anybody, and none of its units went into an hour that is kept. */
  async isClosed(tx: Transaction, id: string, { meter, term }: ClosedTerm, before: Instant): Promise<boolean> {
    const [row] = await run<{ isOpen: boolean }>(
      tx,
      `select exists (select from billing.buckets where subscription_id = $1::uuid and meter = $2 and is_dirty and hour < $4::timestamptz)
           or exists (select from billing.hours where subscription_id = $1::uuid and meter = $2 and shares @> $3::jsonb
                         and (hour >= $4::timestamptz or state in ('held', 'waiting', 'uncertain', 'returned'))) as "isOpen"`,
      [id, meter, termText(term), isoOf(before)],
    );
    return !row!.isOpen;
  }

  /**
   * Deletes a closed term: its accounts, its hours of use, and what of hours and write-offs was its share. An hour that has a share of a term that is kept is kept with that one alone. The next
   * audit checks what is left.
   */
  remove(tx: Transaction, id: string, { meter, term }: ClosedTerm): void {
    const of = [id, meter, term];
    write(tx, `delete from billing.accounts where subscription_id = $1::uuid and meter = $2 and term = $3::date`, of);
    write(tx, `delete from billing.buckets where subscription_id = $1::uuid and meter = $2 and rated @> $3::jsonb`, [
      id,
      meter,
      termText(term),
    ]);
    for (const table of ['hours', 'write_offs']) {
      const shared = `subscription_id = $1::uuid and meter = $2 and shares @> $3::jsonb`;
      write(tx, `delete from billing.${table} where ${shared} and jsonb_array_length(shares) = 1`, [id, meter, termText(term)]);
      write(
        tx,
        `update billing.${table} set shares = (select jsonb_agg(share) from jsonb_array_elements(shares) as share where share ->> 'term' <> $4)
          where ${shared}`,
        [id, meter, termText(term), term],
      );
    }
    write(tx, `update billing.subscriptions set is_unchecked = true where id = $1::uuid`, [id]);
  }

  /**
   * Deletes what counts in no term: hours of use that were never reportable, and hours without a share. What waits for its term is kept.
   * @returns how many rows it deleted
   */
  async removeUncounted(tx: Transaction, id: string, before: Instant, limit: number): Promise<number> {
    const [row] = await run<{ deleted: number }>(
      tx,
      `with gone as (
         delete from billing.buckets where (subscription_id, meter, hour) in (
           select subscription_id, meter, hour from billing.buckets
            where subscription_id = $1::uuid and hour < $2::timestamptz and not is_dirty
              and not rated @> '[{"kind":"counted"}]' and not rated @> '[{"kind":"unrated"}]' limit $3) returning 1),
       empty as (
         delete from billing.hours where subscription_id = $1::uuid and hour < $2::timestamptz and shares = '[]'
            and state not in ('held', 'waiting', 'uncertain', 'returned') returning 1)
       select ((select count(*) from gone) + (select count(*) from empty))::int as deleted`,
      [id, isoOf(before), limit],
    );
    return row!.deleted;
  }

  /** Differences of days that no list of Microsoft's covers any more, unless they wait for an operator. */
  async removeDifferences(tx: Transaction, before: Instant, limit: number): Promise<number> {
    const rows = await run(
      tx,
      `delete from billing.usage_differences where number in (
         select number from billing.usage_differences where day < $1::date and state <> 'open' limit $2) returning number`,
      [isoOf(before), limit],
    );
    return rows.length;
  }
}

const termText = (term: string): string => JSON.stringify([{ term }]);

/** The oldest hour of each meter is the first of it in the primary key. */
const hasOldHour = `exists (
  with recursive meters as (
    (select meter from billing.buckets where subscription_id = s.id order by meter limit 1)
    union all
    select (select b.meter from billing.buckets b where b.subscription_id = s.id and b.meter > m.meter order by b.meter limit 1)
      from meters m where m.meter is not null)
  select from meters m
   where (select b.hour from billing.buckets b where b.subscription_id = s.id and b.meter = m.meter order by b.hour limit 1) < $2::timestamptz)`;
