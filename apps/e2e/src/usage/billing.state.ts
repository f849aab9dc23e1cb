import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { eventually } from '../eventually';

const lookMs = 100;

/** What billing has still to do about the subscriptions of a run. */
interface Pending {
  /** Records that it has taken. */
  readonly records: number;
  /** Sums of hours that are not counted. */
  readonly uncounted: number;
  /** Ledgers that have to be looked at by now. */
  readonly due: number;
  /** Hours without an end. */
  readonly open: number;
}

/** The tables of billing and fulfillment, to see when all is done that can be done at a moment of business time. What it has decided is read from Microsoft's invoices alone. */
export class BillingState {
  private readonly client: Client;

  constructor(databaseUrl: string) {
    this.client = new Client({ connectionString: databaseUrl });
  }

  start(): Promise<void> {
    return this.client.connect().then(() => undefined);
  }

  stop(): Promise<void> {
    return this.client.end();
  }

  /** Resolves when all records of a source are taken and counted, and nothing is due. `answered`: Microsoft has said something of each hour as well. */
  async untilDone(
    source: string,
    records: number,
    now: () => Promise<Date>,
    { isAnswered, limitMs }: { isAnswered: boolean; limitMs: number },
  ): Promise<void> {
    await eventually(async () => {
      const pending = await this.pending(source, await now());
      const wanted: Pending = { records, uncounted: 0, due: 0, open: isAnswered ? 0 : pending.open };
      if (JSON.stringify(pending) !== JSON.stringify(wanted))
        throw new Error(`Billing has not done all: ${JSON.stringify(pending)}, of ${records} records`);
    }, limitMs);
  }

  /** Whether so many records of a source are taken in time. */
  async hasTaken(source: string, records: number, withinMs: number): Promise<boolean> {
    for (const end = Date.now() + withinMs; Date.now() < end; await wait(lookMs)) {
      const { rows } = await this.client.query<{ taken: number }>('select count(*)::int as taken from billing.usage where source = $1', [
        source,
      ]);
      if (rows[0]!.taken >= records) return true;
    }
    return false;
  }

  /** Whether the records with these ids are taken and counted in time. */
  async hasCounted(ids: readonly string[], withinMs: number): Promise<boolean> {
    for (const end = Date.now() + withinMs; Date.now() < end; await wait(lookMs)) {
      const { rows } = await this.client.query<{ counted: number }>(
        `select count(*)::int as counted from billing.usage u
           join billing.buckets b on b.subscription_id = u.subscription_id and b.meter = u.meter and b.hour = date_trunc('hour', u.used_at, 'UTC')
          where u.id = any($1::text[]) and not b.is_dirty`,
        [ids],
      );
      if (rows[0]!.counted >= ids.length) return true;
    }
    return false;
  }

  /** How many subscriptions have an event of an hour from that instant on that fulfillment has sent, and that was not answered so far. */
  async unansweredOf(subscriptionIds: readonly string[], fromMs: number): Promise<number> {
    const { rows } = await this.client.query<{ unanswered: number }>(
      `select count(distinct event ->> 'subscriptionId')::int as unanswered
         from fulfillment.usage_batches b cross join jsonb_array_elements(b.events) with ordinality as events (event, place)
        where event ->> 'subscriptionId' = any($1::text[]) and (event ->> 'effectiveStartTime')::timestamptz >= $2
          and b.answered_at is null and (b.progress -> (place::int - 1) ->> 'unanswered')::int > 0`,
      [subscriptionIds, new Date(fromMs)],
    );
    return rows[0]!.unanswered;
  }

  private async pending(source: string, now: Date): Promise<Pending> {
    const { rows } = await this.client.query<Pending>(
      `with own as (select distinct subscription_id as id from billing.usage where source = $1)
       select (select count(*)::int from billing.usage where source = $1) as records,
              (select count(*)::int from billing.buckets where is_dirty and subscription_id in (select id from own)) as uncounted,
              (select count(*)::int from billing.subscriptions where look_at <= $2 and id in (select id from own)) as due,
              (select count(*)::int from billing.hours where state in ('held', 'waiting', 'uncertain', 'returned')
                  and subscription_id in (select id from own)) as open`,
      [source, now],
    );
    return rows[0]!;
  }
}
