import { run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MISSED_SWEEPS, type Found } from './guard.domain';
import type { Asked, Beginning, Question, Schedule } from './reconciliation';
import { nothingYet, type Tally } from './reconciliation.job';

/** Subscriptions that so many complete sweeps did not show: how many, and the first of them. A list that is empty at Microsoft has all of them here. */
export interface Missing {
  readonly count: number;
  readonly ids: readonly string[];
}

/** So many ids stand in one line of the log; `GET /reconciliations/{id}` shows more. */
const IDS_TOLD = 20;
/** Nothing has been heard of a sweep for so long: its job was discarded, and another one may begin. */
const SILENT_HOURS = 24;

/** Sweeps, and when they are due: by the database's clock alone. */
@Injectable()
export class ReconciliationRepository {
  constructor(private readonly database: DataSource) {}

  /** At the start of the service. A registration that is known keeps its time; the settings may allow an import, and never forbid one that was allowed. */
  async schedule(registrations: readonly string[], firstAfterMs: number, mayImport: boolean): Promise<void> {
    await this.database.query(
      `insert into fulfillment.reconciliation_schedules as known (registration, due_at, may_import)
       select name, now() + make_interval(secs => $2), $3 from unnest($1::text[]) as named (name) order by name
       on conflict (registration) do update set may_import = known.may_import or excluded.may_import`,
      [registrations, firstAfterMs / 1_000, mayImport],
    );
  }

  async due(registrations: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ registration: string }[]>(
      `select registration from fulfillment.reconciliation_schedules s where registration = any($1) and due_at <= now() and not exists
         (select from fulfillment.reconciliations r where r.registration = s.registration and r.state = 'running')`,
      [registrations],
    );
    return rows.map(({ registration }) => registration);
  }

  /** Ends sweeps whose job is gone. @returns their registrations */
  async endSilent(): Promise<string[]> {
    const rows = await this.database.query<[{ registration: string }[], number]>(
      `update fulfillment.reconciliations set (state, reason, ended_at) = ('incomplete', 'nothing was heard of it for a day', now())
        where state = 'running' and step_at < now() - make_interval(hours => $1) returning registration`,
      [SILENT_HOURS],
    );
    return rows[0].map(({ registration }) => registration);
  }

  async lockSchedule(tx: Transaction, registration: string): Promise<Map<string, Schedule>> {
    const rows = await run<Schedule>(
      tx,
      `select registration, due_at <= now() as "isDue", may_import as "mayImport",
              coalesce(last_whole_at < now() - interval '1 day', true) as "isWholeDue",
              (select r.id from fulfillment.reconciliations r where r.registration = s.registration and r.state = 'running') as running
         from fulfillment.reconciliation_schedules s where registration = $1 for update`,
      [registration],
    );
    return new Map(rows.map((row) => [row.registration, row]));
  }

  async begin(tx: Transaction, { id, registration, occasion, isWhole }: Beginning): Promise<void> {
    await run(
      tx,
      `insert into fulfillment.reconciliations (id, registration, occasion, is_whole, state, tally) values ($1, $2, $3, $4, 'running', $5)`,
      [id, registration, occasion, isWhole, JSON.stringify(nothingYet)],
    );
  }

  async step(id: string, tally: Tally): Promise<boolean> {
    const [rows] = await this.database.query<[unknown[], number]>(
      `update fulfillment.reconciliations set (tally, step_at) = ($2, now()) where id = $1 and state = 'running' returning id`,
      [id, JSON.stringify(tally)],
    );
    return rows.length > 0;
  }

  /** Under the lock of its schedule. Where two copies of the service come to the end of a sweep, the second finds it ended. */
  async isRunning(tx: Transaction, id: string): Promise<boolean> {
    return (await run(tx, `select 1 from fulfillment.reconciliations where id = $1 and state = 'running'`, [id])).length > 0;
  }

  /**
   * Counts what a complete sweep found, and once more what it did not show. Of what became known while it ran it says nothing. Each of `unnamed` entries
   * of the list may be one that it did not show: so many fewer are missing at least, and none is counted once more.
   */
  async count(tx: Transaction, id: string, registration: string, unnamed: number): Promise<Found & { readonly newlyMissing: Missing }> {
    const alive = `o.record ->> 'status' <> 'Unsubscribed' and o.known_since < r.started_at`;
    const own = `fulfillment.reconciliations r join fulfillment.subscription_registrations b on b.registration = r.registration
                 join fulfillment.observations o on o.subscription_id = b.subscription_id`;
    const [newlyMissing] = await run<Missing>(
      tx,
      `with unseen as (
         update fulfillment.observations m set missed = least(m.missed + 1, 1000000)
          where $3::int = 0 and m.subscription_id in (select o.subscription_id from ${own}
                 where r.id = $1 and r.registration = $2 and ${alive} and o.seen_in is distinct from r.id)
         returning m.subscription_id as id, m.missed)
       select count(*)::int as count, coalesce((array_agg(id order by id))[1:${IDS_TOLD}], '{}') as ids from unseen where missed = ${MISSED_SWEEPS}`,
      [id, registration, unnamed],
    );
    const [counted] = await run<Found>(
      tx,
      `select (select count(*) from ${own} where r.id = $1 and r.registration = $2 and ${alive})::int as known,
              greatest(0, (select count(*) from ${own} where r.id = $1 and r.registration = $2 and ${alive} and o.seen_in is distinct from r.id
                and not (o.is_dismissed or o.may_be_missing)) - $3::int)::int as missing,
              (select count(*) from fulfillment.observations where found_in = $1 and finding = 'ended' and record ->> 'status' <> 'Unsubscribed')::int
                as ended,
              (select count(*) from fulfillment.observations where found_in = $1 and finding = 'unknown')::int as unknown`,
      [id, registration, unnamed],
    );
    return { ...counted!, newlyMissing: newlyMissing! };
  }

  /** A complete sweep replaces the question of the one before: it has asked anew, or found that there is nothing to ask. */
  async complete(
    tx: Transaction,
    id: string,
    registration: string,
    { found, asks, tally }: { found: Found; asks: Question[]; tally: Tally },
  ) {
    await run(
      tx,
      `update fulfillment.reconciliations set (state, found, asks, tally, ended_at) = ('complete', $2, $3, $4, now()) where id = $1`,
      [id, JSON.stringify(found), asks, JSON.stringify(tally)],
    );
    await run(
      tx,
      `update fulfillment.reconciliations set answer = 'superseded'
        where registration = $1 and id <> $2 and state = 'complete' and asks <> '{}' and answer is null`,
      [registration, id],
    );
    await run(
      tx,
      `update fulfillment.observations o set (finding, found_in) = (null, null) from fulfillment.reconciliations r
        where r.id = o.found_in and r.registration = $1 and r.answer = 'superseded'`,
      [registration],
    );
  }

  async incomplete(tx: Transaction, id: string, reason: string, tally: Tally): Promise<void> {
    await run(tx, `update fulfillment.reconciliations set (state, reason, tally, ended_at) = ('incomplete', $2, $3, now()) where id = $1`, [
      id,
      reason,
      JSON.stringify(tally),
    ]);
    await run(tx, 'update fulfillment.observations set (finding, found_in) = (null, null) where found_in = $1', [id]);
  }

  /** The next one begins so long after this one ended. */
  async scheduleNext(
    tx: Transaction,
    registration: string,
    afterMs: number,
    done: { isComplete: boolean; isWhole: boolean },
  ): Promise<void> {
    await run(
      tx,
      `update fulfillment.reconciliation_schedules
          set due_at = now() + make_interval(secs => $2),
              last_complete_at = case when $3 then now() else last_complete_at end,
              last_whole_at = case when $3 and $4 then now() else last_whole_at end
        where registration = $1`,
      [registration, afterMs / 1_000, done.isComplete, done.isWhole],
    );
  }

  async allowImport(tx: Transaction, registration: string): Promise<void> {
    await run(tx, 'update fulfillment.reconciliation_schedules set may_import = true where registration = $1', [registration]);
  }

  /** A complete sweep found nothing to ask about. Where an operator has dismissed some of what it listed, the next unknown ones are asked about as well. */
  async allowImportWithoutAsking(tx: Transaction, registration: string, id: string): Promise<void> {
    await run(
      tx,
      `update fulfillment.reconciliation_schedules set may_import = true
        where registration = $1 and not exists (select from fulfillment.observations where seen_in = $2 and is_dismissed and record is null)`,
      [registration, id],
    );
  }

  /** A complete sweep, with what it asks. */
  async lock(tx: Transaction, id: string): Promise<Map<string, Asked>> {
    const rows = await run<Asked>(
      tx,
      `select id, registration, asks, answer from fulfillment.reconciliations where id = $1 and state = 'complete' for update`,
      [id],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  async answer(tx: Transaction, { id, answer }: Asked): Promise<void> {
    await run(tx, 'update fulfillment.reconciliations set answer = $2 where id = $1', [id, answer]);
  }

  /** What the sweep kept back; and what is missing, where it asked about a loss, until it is listed again: if it has ended then, that is another finding. */
  async dismiss(tx: Transaction, { id, registration, asks }: Asked): Promise<void> {
    await run(
      tx,
      `update fulfillment.observations o
          set (is_dismissed, may_be_missing, finding, found_in)
            = (o.is_dismissed or coalesce(o.found_in = $1, false), o.may_be_missing or ($3 and missed > 0), null, null)
        where found_in = $1 or ($3 and missed > 0 and exists
          (select from fulfillment.subscription_registrations b where b.subscription_id = o.subscription_id and b.registration = $2))`,
      [id, registration, asks.includes('loss')],
    );
  }
}
