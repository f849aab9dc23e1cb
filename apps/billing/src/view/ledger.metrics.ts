import { ageGauge, Clock, gaugeBy } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HOUR_MS, isoOf } from '../ledger/hours';

/** The states of hours that have no end yet. They stand in the text of each query: an index has them alone. */
const openStates = ['held', 'waiting', 'uncertain', 'returned'];
/** A scrape counts no further. */
const COUNTED = 10_000;
/** What of an hour that began so long ago is not reported has three hours left. */
const AT_RISK_MS = 20 * HOUR_MS;
const UNKNOWN_CURRENCY = 'unknown';

/** How the ledger stands, in business time. Each query reads an index of what is open: an idle ledger costs a page or two. */
@Injectable()
export class LedgerMetrics implements OnModuleInit {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const unsent = 'Since the oldest hour was over that is handed over and not answered, or since the oldest look at a ledger was due';
    ageGauge('billing_oldest_unsent_seconds', unsent, () => this.oldestUnsent());
    const hours = `Hours of usage without an end, by state, each counted to ${COUNTED}`;
    gaugeBy({ name: 'state' }, 'billing_open_hours', hours, () => this.openHours());
    const money = `What usage costs that is in hours which began more than 20 hours ago and are not reported, by currency, of ${COUNTED} hours`;
    gaugeBy({ name: 'currency' }, 'billing_money_at_risk', money, () => this.moneyAtRisk());
  }

  /** What is to be looked at as soon as possible has no moment since which it is due. */
  private async oldestUnsent(): Promise<number> {
    const [row] = await this.database.query<[{ age: number }]>(
      `select greatest(0, extract(epoch from $1::timestamptz - least(
                (select min(hour) + interval '1 hour' from billing.hours where state = 'waiting'),
                (select min(look_at) from billing.subscriptions where look_at > '1971-01-01'))))::float8 as age`,
      [isoOf(this.clock.now().getTime())],
    );
    return row.age;
  }

  private async openHours(): Promise<Map<string, number>> {
    const rows = await this.database.query<{ state: string; count: number }[]>(
      openStates
        .map(
          (state) =>
            `select '${state}' as state, count(*)::int from (select from billing.hours where state = '${state}' limit ${COUNTED}) as counted`,
        )
        .join(' union all '),
    );
    return new Map(rows.map(({ state, count }) => [state, count]));
  }

  /** Prices are those that were read last; what nobody knows the price of counts 0. */
  private async moneyAtRisk(): Promise<Map<string, number>> {
    const rows = await this.database.query<{ currency: string; amount: number }[]>(
      `select coalesce(s.rates -> h.plan_id ->> 'currency', '${UNKNOWN_CURRENCY}') as currency,
              sum(h.quantity * coalesce((s.rates -> h.plan_id -> 'prices' ->> h.dimension)::numeric, 0))::float8 as amount
         from (select subscription_id, plan_id, dimension, quantity from billing.hours
                where state in (${openStates.map((state) => `'${state}'`).join(', ')}) and hour < $1::timestamptz limit ${COUNTED}) as h
         join billing.subscriptions s on s.id = h.subscription_id
        group by 1`,
      [isoOf(this.clock.now().getTime() - AT_RISK_MS)],
    );
    return new Map(rows.map(({ currency, amount }) => [currency, amount]));
  }
}
