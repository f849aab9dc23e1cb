import { Background, run, UnitOfWork } from '@landfall/messaging';
import { ageGauge } from '@landfall/service-defaults';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { config } from '../subscription.config';
import { rebuildSnapshots } from '../subscription/snapshot.rebuild';

/** Between two looks whether a night has begun. */
const LOOK_INTERVAL_MS = 60_000;
/** Snapshots of one page: one transaction, and what the relay is given at once. */
const PAGE = 200;
/** Between two pages, whichever copy sends them: 100,000 subscriptions take nine minutes, and events go between. */
const PACE_MS = 1_000;
/** Nights that are kept, for whoever asks when one ended. */
const NIGHTS_KEPT = 30;
/** How long a stop waits for the page that is under way. */
const STOP_LIMIT_MS = 5_000;

/**
 * Sends the snapshot of every subscription again each night, from the table, so that a reader which has lost some is whole again. How far it is stands in
 * the table and is committed with each page: after a crash, or on another copy, it goes on there. A night that has not ended is ended before another begins.
 */
@Injectable()
export class NightlySnapshots implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Snapshots');
  private readonly background = new Background({
    name: NightlySnapshots.name,
    round: async () => {
      await this.begin();
      return (await this.sendPage()) ? PACE_MS : LOOK_INTERVAL_MS;
    },
    failure: 'snapshots were not sent again; the next round goes on where this one was',
    errorPauseMs: LOOK_INTERVAL_MS,
  });

  constructor(
    private readonly database: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  onModuleInit(): void {
    ageGauge('subscription_last_snapshots_seconds', 'Time since the last night ended in which every snapshot was sent again', async () => {
      const [row] = await this.database.query<[{ age: number }]>(
        'select coalesce(extract(epoch from now() - max(ended_at)), 0)::float8 as age from subscription.snapshot_runs',
      );
      return row.age;
    });
  }

  onApplicationBootstrap(): void {
    this.background.start(LOOK_INTERVAL_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** Begins a night when its time has come, by the database's clock. One that was missed, since no copy ran, begins late. */
  async begin(): Promise<void> {
    await this.database.query(
      `insert into subscription.snapshot_runs (day)
       select due.day from (select (now() at time zone 'UTC' - $1::interval)::date as day) as due
        where due.day > (select max(day) from subscription.snapshot_runs)
          and not exists (select from subscription.snapshot_runs where ended_at is null)
       on conflict do nothing`,
      [config.values.SNAPSHOTS_AT],
    );
  }

  /**
   * Sends one page of the night that is under way, unless a copy has just sent one.
   * @returns whether one was sent
   */
  async sendPage(page = PAGE, paceMs = PACE_MS): Promise<boolean> {
    const night = await this.unitOfWork.inTransaction(async (tx, append) => {
      const [open] = await run<{ day: string; after: string | null }>(
        tx,
        `select day::text, after from subscription.snapshot_runs
          where ended_at is null and page_at <= clock_timestamp() - make_interval(secs => $1) for update skip locked`,
        [paceMs / 1_000],
      );
      if (!open) return null;
      const { messages, next } = await rebuildSnapshots(tx, open.after, page);
      append(messages, { id: `snapshots/${open.day}/${open.after ?? ''}` });
      const [sent] = await run<{ day: string; messages: number; isEnded: boolean }>(
        tx,
        `update subscription.snapshot_runs
            set after = $2, messages = messages + $3, page_at = clock_timestamp(), ended_at = case when $2::uuid is null then clock_timestamp() end
          where day = $1::date returning day::text, messages, ended_at is not null as "isEnded"`,
        [open.day, next, messages.length],
      );
      await run(tx, 'delete from subscription.snapshot_runs where day < $1::date - $2::int', [open.day, NIGHTS_KEPT]);
      return sent!;
    });
    if (night?.isEnded) this.logger.log({ day: night.day, snapshots: night.messages }, 'the snapshot of every subscription was sent again');
    return night !== null;
  }
}
