import { Background, inTransaction, run, write, type Transaction } from '@landfall/messaging';
import { isOutage, isRolledBackByPostgres } from '@landfall/service-defaults';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { config } from '../billing.config';
import { decimalOf } from '../ledger/micros';
import type { Difference } from './audit';
import { AuditRepository } from './audit.repository';
import { UsageAudit } from './usage.audit';

/** Between two looks whether a run has begun, in real time. */
const LOOK_INTERVAL_MS = 60_000;
/** Between two pages, so that usage goes between them. */
const PACE_MS = 100;
/** Subscriptions of one page. */
const PAGE = 50;
/** A page that takes longer is given up, and the next one is half as large; after each that does not, twice as large again. */
const PAGE_LIMIT_MS = 20_000;
/** Of a page, so many differences are logged; all of them are in the table. */
const LOGGED = 20;
const KEPT_DAYS = 30;
const STOP_LIMIT_MS = 5_000;

/** `hour`: what has changed, and what differed before, under the locks of the subscriptions. `night`: all subscriptions, each page at one moment. */
const kinds = ['hour', 'night'] as const;
type Kind = (typeof kinds)[number];

interface OpenRun {
  readonly period: string;
  readonly after: string;
}

/**
 * Checks the sums of usage each hour and each night, by the database's clock: once, whichever copies of the service run. How far a run is stands in its row and is committed with each page. One
 * that has not ended is ended before another of its kind begins.
 */
@Injectable()
export class AuditRuns implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Audit');
  private page = PAGE;
  private readonly background = new Background({
    name: AuditRuns.name,
    round: async ({ stopping }) => {
      await this.begin();
      for (const kind of kinds) while (!stopping.aborted && (await this.checkPage(kind)));
      return LOOK_INTERVAL_MS;
    },
    failure: 'the sums of usage were not checked; the next round goes on where this one was',
    errorPauseMs: LOOK_INTERVAL_MS,
    isPassing: (error) => isOutage(error) || isRolledBackByPostgres(error),
  });

  constructor(
    private readonly database: DataSource,
    private readonly repository: AuditRepository,
    private readonly audit: UsageAudit,
  ) {}

  onApplicationBootstrap(): void {
    this.background.start(LOOK_INTERVAL_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** Begins what is due. A run that was missed, since no copy ran, begins late. */
  async begin(): Promise<void> {
    await this.database.query(
      `insert into billing.audit_runs (kind, period)
       select due.kind, due.period
         from (values ('hour', date_trunc('hour', now(), 'UTC')), ('night', date_trunc('day', now() - $1::interval, 'UTC'))) as due (kind, period)
        where due.period > coalesce((select max(period) from billing.audit_runs past where past.kind = due.kind), '-infinity')
          and not exists (select from billing.audit_runs past where past.kind = due.kind and ended_at is null)
       on conflict do nothing`,
      [config.values.USAGE_AUDIT_AT],
    );
  }

  /**
   * Checks one page of the run that is under way, unless another copy does so.
   * @returns whether there is more to do
   */
  async checkPage(kind: Kind): Promise<boolean> {
    const began = performance.now();
    try {
      const found = await inTransaction(this.database, (tx) => this.checkPageIn(tx, kind, this.page), PAGE_LIMIT_MS);
      if (!found) return false;
      this.page = Math.min(PAGE, this.page * 2);
      this.tell(found.differences);
      if (!found.isLast) await new Promise((resolve) => setTimeout(resolve, PACE_MS));
      return !found.isLast;
    } catch (error) {
      if (performance.now() - began >= PAGE_LIMIT_MS) this.page = Math.max(1, Math.floor(this.page / 2));
      throw error;
    }
  }

  private async checkPageIn(tx: Transaction, kind: Kind, limit: number): Promise<{ differences: Difference[]; isLast: boolean } | null> {
    if (kind === 'night') await run(tx, 'set transaction isolation level repeatable read', []);
    const [open] = await run<OpenRun>(
      tx,
      `select period::text, after from billing.audit_runs where kind = $1 and ended_at is null for update skip locked`,
      [kind],
    );
    if (!open) return null;
    const candidates = kind === 'hour' ? await changedBehind(tx, open.after, limit) : await allBehind(tx, open.after, limit);
    const ids = kind === 'hour' ? await lockAndUnmark(tx, candidates) : candidates;
    const differences = (await this.audit.of(tx, ids, kind === 'hour' ? 'none' : 'night')).flatMap((audited) => audited.differences);
    this.repository.replace(tx, ids, differences);
    const isLast = candidates.length < limit;
    write(
      tx,
      `update billing.audit_runs set after = $3, subscriptions = subscriptions + $4, differences = differences + $5, ended_at = case when $6 then clock_timestamp() end
        where kind = $1 and period = $2::timestamptz`,
      [kind, open.period, candidates.at(-1) ?? open.after, ids.length, differences.length, isLast],
    );
    write(tx, `delete from billing.audit_runs where kind = $1 and period < $2::timestamptz - make_interval(days => ${KEPT_DAYS})`, [
      kind,
      open.period,
    ]);
    return { differences, isLast };
  }

  private tell(differences: readonly Difference[]): void {
    for (const { difference, ...found } of differences.slice(0, LOGGED))
      this.logger.error(
        { ...found, difference: decimalOf(difference) },
        'the sums of usage do not agree: the ledger of this subscription is wrong, or its rows were changed by hand; docs/runbooks/LandfallUsageImbalance.md',
      );
    if (differences.length > LOGGED)
      this.logger.error({ others: differences.length - LOGGED }, 'more sums of usage do not agree: npm run usage-audit names them');
  }
}

async function changedBehind(tx: Transaction, after: string, limit: number): Promise<string[]> {
  const rows = await run<{ id: string }>(
    tx,
    `(select id from billing.subscriptions where is_unchecked and id > $1::uuid order by id limit $2)
     union (select distinct subscription_id from billing.imbalances where subscription_id > $1::uuid order by subscription_id limit $2)
     order by id limit $2`,
    [after, limit],
  );
  return rows.map(({ id }) => id);
}

async function allBehind(tx: Transaction, after: string, limit: number): Promise<string[]> {
  const rows = await run<{ id: string }>(tx, `select id from billing.subscriptions where id > $1::uuid order by id limit $2`, [
    after,
    limit,
  ]);
  return rows.map(({ id }) => id);
}

/** Those that a round or an answer is working on are marked still, and left to the next run. */
async function lockAndUnmark(tx: Transaction, candidates: readonly string[]): Promise<string[]> {
  const locked = await run<{ id: string }>(
    tx,
    `select id from billing.subscriptions where id = any($1::uuid[]) order by id for update skip locked`,
    [candidates],
  );
  const ids = locked.map(({ id }) => id);
  write(tx, 'update billing.subscriptions set is_unchecked = false where id = any($1::uuid[]) and is_unchecked', [ids]);
  return ids;
}
