import { Background, inParts } from '@landfall/messaging';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { config } from '../subscription.config';
import { DriftReads } from './drift.reads';

const INTERVAL_MS = 5 * 60_000;
/** An operator is told of a drift that has stayed for so long. What is only shut, or an echo, has ended long before. */
const TOLD_AFTER_MS = 3_600_000;
/** Everything is read once a day: what was found in no read for two is not there any more, if Microsoft was read since. What no read tells ends when fulfillment says so. */
const UNSEEN_MS = 2 * 86_400_000;
/** Rows of one part, and parts of one round. */
const BOUNDS = { rows: 1_000, parts: 200 };
/** Subscriptions that one line of the log names. */
const IDS_LOGGED = 20;
const STOP_LIMIT_MS = 5_000;

/** Tells of drifts that stay, ends those that no read finds any more, has the others read again, and deletes old ones. Copies of the service may do it side by side. */
@Injectable()
export class DriftWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Drifts');
  private readonly background = new Background({
    name: DriftWatch.name,
    round: async ({ stopping }) => {
      await this.round(stopping);
      return INTERVAL_MS;
    },
    failure: 'drifts were not looked after; the next round tries again',
    errorPauseMs: INTERVAL_MS,
  });

  constructor(
    private readonly database: DataSource,
    private readonly reads: DriftReads,
  ) {}

  onApplicationBootstrap(): void {
    this.background.start(INTERVAL_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** Ends early when `stopping` aborts. */
  async round(stopping?: AbortSignal): Promise<void> {
    await inParts(this.database, { sql: unseen, values: [UNSEEN_MS / 1_000], ...BOUNDS }, stopping);
    await this.reads.order(UNSEEN_MS);
    await inParts(this.database, { sql: old, values: [config.values.DRIFT_RETENTION / 1_000], ...BOUNDS }, stopping);
    await this.logLasting();
  }

  private async logLasting(): Promise<void> {
    const [rows] = await this.database.query<[{ subscriptionId: string; keptReason: string }[], number]>(
      `update subscription.drifts set told_at = now() where id in
         (select id from subscription.drifts where state = 'open' and told_at is null and recorded_at < now() - make_interval(secs => $1)
           order by recorded_at limit ${BOUNDS.rows} for update skip locked)
       returning subscription_id as "subscriptionId", kept_reason as "keptReason"`,
      [TOLD_AFTER_MS / 1_000],
    );
    if (rows.length === 0) return;
    this.logger.error(
      { count: rows.length, drifts: rows.slice(0, IDS_LOGGED) },
      'the record and Microsoft have differed for more than an hour, and it is not repaired by itself: see docs/how-to/look-into-a-drift.md',
    );
  }
}

const unseen = `
  update subscription.drifts d set state = 'over', ended_at = s.as_of from subscription.subscriptions s where s.id = d.subscription_id and d.id in
    (select o.id from subscription.drifts o join subscription.subscriptions r on r.id = o.subscription_id
      where o.state = 'open' and o.kept_reason not in ('missing', 'guarded') and o.seen_at < now() - make_interval(secs => $1) and r.as_of > o.last_found_at
      limit ${BOUNDS.rows} for update of o skip locked)`;

const old = `
  delete from subscription.drifts where id in
    (select id from subscription.drifts where recorded_at < now() - make_interval(secs => $1) and state <> 'open' limit ${BOUNDS.rows} for update skip locked)`;
