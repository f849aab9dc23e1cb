import { run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { isoOf } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { microsOf } from '../ledger/micros';
import { hourColumns } from '../rounds/ledger.repository';
import { billedHourOf, type HourRow } from '../rounds/ledger.rows';
import { listedRows } from './difference/difference.repository';
import { SHOWN_AFTER_MS, type Listed } from './uncertain.domain';
import type { IdRange, WholeRead } from './usage.read';
import { hoursOf } from './usage.read.repository';

/** All hours of a day, dimension and plan of one subscription, and what Microsoft's list has of it. */
export interface ListedDay {
  readonly subscriptionId: string;
  readonly publisherId: string;
  readonly offerId: string;
  readonly hours: readonly BilledHour[];
  readonly listed: Listed;
}

interface DayRow extends HourRow {
  readonly publisherId: string;
  readonly offerId: string;
}

interface ListedSum {
  readonly subscriptionId: string;
  readonly dimension: string;
  readonly planId: string;
  readonly quantity: string;
  readonly count: number;
}

/** Reads what a list decides about. */
@Injectable()
export class UncertainRepository {
  /** The subscriptions with uncertain hours that this list is new enough for. */
  async idsIn(tx: Transaction, { publisherId, day, listedAt }: WholeRead, { after, upTo }: IdRange): Promise<string[]> {
    const rows = await run<{ id: string }>(
      tx,
      `select distinct h.subscription_id as id from billing.hours h join billing.subscriptions s on s.id = h.subscription_id
        where h.state = 'uncertain' and h.hour = any($1::timestamptz[]) and h.deadline <= $2::timestamptz
          and h.subscription_id > $3 and ($4::uuid is null or h.subscription_id <= $4) and s.publisher_id = $5`,
      [hoursOf(day), isoOf(listedAt - SHOWN_AFTER_MS), after, upTo, publisherId],
    );
    return rows.map(({ id }) => id);
  }

  /** Of subscriptions that the caller has locked. */
  async daysOf(tx: Transaction, read: WholeRead, { after, upTo }: IdRange, ids: readonly string[]): Promise<ListedDay[]> {
    const [hours, sums] = await Promise.all([
      run<DayRow>(
        tx,
        `select ${hourColumns}, s.publisher_id as "publisherId", s.offer_id as "offerId"
           from billing.hours h join billing.subscriptions s on s.id = h.subscription_id
          where h.subscription_id = any($1::uuid[]) and h.hour = any($2::timestamptz[]) order by h.hour`,
        [ids, hoursOf(read.day)],
      ),
      run<ListedSum>(
        tx,
        `select subscription_id as "subscriptionId", dimension, plan_id as "planId", sum(submitted)::text as quantity, sum(events)::int as count
           from (${listedRows}) as listed where subscription_id = any($5::uuid[]) group by subscription_id, dimension, plan_id`,
        [read.readId, after, upTo, read.publisherId, ids],
      ),
    ]);
    const listed = new Map(sums.map((sum) => [keyOf(sum), { quantity: microsOf(sum.quantity), count: sum.count }]));
    return [...Map.groupBy(hours, keyOf)].map(([key, some]) => ({
      ...{ subscriptionId: some[0]!.subscriptionId, publisherId: some[0]!.publisherId, offerId: some[0]!.offerId },
      hours: some.map(({ publisherId: _publisher, offerId: _offer, ...row }) => billedHourOf(row)),
      listed: listed.get(key) ?? { quantity: 0n, count: 0 },
    }));
  }
}

const keyOf = ({ subscriptionId, dimension, planId }: Pick<ListedSum, 'subscriptionId' | 'dimension' | 'planId'>): string =>
  JSON.stringify([subscriptionId, dimension, planId]);
