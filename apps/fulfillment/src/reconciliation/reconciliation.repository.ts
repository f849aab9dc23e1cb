import { run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MISSED_SWEEPS, type Found, type KeptBack } from './guard.domain';
import { answerAbout, isAsking, isDismissed, isLetThrough, mayBeMissing } from './observation.repository';
import type { Asked, Beginning, Question, Schedule } from './reconciliation';
import { nothingYet, type Counted, type Tally } from './reconciliation.job';

/** A piece of what is counted at the end of a sweep. */
interface Piece extends Counted {
  readonly isLast: boolean;
}

/** So many ids stand in one line of the log; `GET /reconciliations/{id}` shows more. */
export const IDS_TOLD = 20;
/** Subscriptions of one piece: a list that is empty at Microsoft has all of them missing here, and no statement writes more rows than these. */
const PIECE = 1_000;
/** Before the first id. */
const NIL = '00000000-0000-0000-0000-000000000000';
/** Of a row of a piece: by this sweep an operator is told of it. */
const isNew = `$3::boolean and is_unseen and not is_expected and missed = ${MISSED_SWEEPS}`;
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
              whole_due_at <= now() as "isWholeDue",
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
   * Counts the next piece of what the record has alive, in the order of the ids, and once more each of it that a complete sweep did not show. Of what became known
   * while it ran it says nothing. A piece that is counted again, after a crash, is counted once: its rows name the sweep. Each entry of the list that names no
   * subscription may be one that was not shown: then none is counted once more.
   */
  async countPiece(id: string, after: string | null, isCountedOnceMore: boolean): Promise<Piece> {
    const [piece] = await this.database.query<Piece[]>(countPiece, [id, after, isCountedOnceMore]);
    return piece!;
  }

  /**
   * What a sweep keeps back: ends of what the record has alive, and what nobody knows here. Nobody is asked again about what a sweep before it kept back as well
   * and an operator has answered meanwhile.
   */
  async countKeptBack(id: string): Promise<KeptBack> {
    const isEnd = `finding = 'ended' and record ->> 'status' <> 'Unsubscribed'`;
    const [kept] = await this.database.query<KeptBack[]>(
      `select count(*) filter (where ${isEnd} and known_since < s.started_at)::int as ended,
              count(*) filter (where ${isEnd} and known_since >= s.started_at)::int as "endedSinceKnown",
              count(*) filter (where finding = 'unknown')::int as unknown
         from fulfillment.observations o join fulfillment.reconciliations s on s.id = o.found_in where found_in = $1 and finding is not null and not exists
           (select from fulfillment.reconciliations r where r.id = o.found_before_in and ${answerAbout('r', 'o.finding')} in ('released', 'dismissed'))`,
      [id],
    );
    return kept!;
  }

  /** A complete sweep replaces the open questions of the ones before: it has asked anew, or found that there is nothing to ask. */
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
      `update fulfillment.reconciliations r
          set answers = (select jsonb_object_agg(question, 'superseded') from unnest(asks) as asked (question)) || answers
        where registration = $1 and id <> $2 and ${isAsking('r')}`,
      [registration, id],
    );
  }

  /** Whether an operator is asked about this registration. Under the lock of its schedule. */
  async isAsking(tx: Transaction, registration: string): Promise<boolean> {
    const open = `select 1 from fulfillment.reconciliations r where registration = $1 and ${isAsking('r')} limit 1`;
    return (await run(tx, open, [registration])).length > 0;
  }

  /** Where it found something that counts, that is kept back as after a complete one. It replaces no question. */
  async incomplete(
    tx: Transaction,
    id: string,
    { reason, found, asks, tally }: { reason: string; found: Found | null; asks: Question[]; tally: Tally },
  ): Promise<void> {
    await run(
      tx,
      `update fulfillment.reconciliations set (state, reason, found, asks, tally, ended_at) = ('incomplete', $2, $3, $4, $5, now()) where id = $1`,
      [id, reason, found && JSON.stringify(found), asks, JSON.stringify(tally)],
    );
  }

  /**
   * The next one begins so long after this one ended. One that read everything is due again in a day; where it did not come to its end, after an hour, two, four, and a
   * day at most: all that it read would be read again by each sweep.
   */
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
              whole_failures = case when not $4 then whole_failures when $3 then 0 else least(whole_failures + 1, 5) end,
              whole_due_at = case when not $4 then whole_due_at when $3 then now() + interval '1 day'
                                  else now() + least(interval '1 day', interval '1 hour' * (2 ^ whole_failures)) end
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
        where registration = $1 and not exists
          (select from fulfillment.observations o where o.seen_in = $2 and o.record is null and ${isDismissed})`,
      [registration, id],
    );
  }

  /** A sweep that has found something, with what it asks. Its schedule is locked first, as by the end of a sweep: in another order the two would deadlock. */
  async lock(tx: Transaction, id: string): Promise<Map<string, Asked>> {
    await run(
      tx,
      `select 1 from fulfillment.reconciliation_schedules
        where registration = (select r.registration from fulfillment.reconciliations r where r.id = $1) for update`,
      [id],
    );
    const rows = await run<Asked>(
      tx,
      `select id, registration, asks, answers, (found ->> 'missing')::int as missing, (found ->> 'ended')::int as ended
         from fulfillment.reconciliations where id = $1 and found is not null for update`,
      [id],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  async answer(tx: Transaction, { id, answers }: Asked): Promise<void> {
    await run(tx, 'update fulfillment.reconciliations set answers = $2 where id = $1', [id, JSON.stringify(answers)]);
  }

  /** What was missing when a sweep ended whose loss is dismissed may be, until it is listed again: if it has ended then, that is another finding. */
  async keepMissingDismissed(tx: Transaction, { registration }: Asked): Promise<void> {
    await run(
      tx,
      `update fulfillment.reconciliation_schedules s set missing_dismissed_at =
          (select max(r.ended_at) from fulfillment.reconciliations r where r.registration = s.registration and r.answers ->> 'loss' = 'dismissed')
        where s.registration = $1`,
      [registration],
    );
  }
}

const countPiece = `
  with piece as (
    select o.subscription_id as id, o.seen_in is distinct from r.id as is_unseen, ${isDismissed} or ${mayBeMissing} or ${isLetThrough(`'ended'`)} as is_expected,
           case when o.missed_in = r.id then o.missed else o.missed + 1 end as missed
      from fulfillment.reconciliations r
      join fulfillment.reconciliation_schedules s on s.registration = r.registration
      join fulfillment.subscription_registrations b on b.registration = r.registration
      join fulfillment.observations o on o.subscription_id = b.subscription_id
     where r.id = $1 and r.state = 'running' and o.subscription_id > coalesce($2::uuid, '${NIL}')
       and o.record ->> 'status' <> 'Unsubscribed' and o.known_since < r.started_at
     order by o.subscription_id limit ${PIECE}),
  locked as (
    select o.subscription_id as id from fulfillment.observations o
     where $3::boolean and o.missed_in is distinct from $1 and o.subscription_id in (select id from piece where is_unseen)
     order by o.subscription_id for update),
  counted as (
    update fulfillment.observations o
       set (missed, missed_in, missing_since) = (least(o.missed + 1, 1000000), $1, coalesce(o.missing_since, now()))
      from locked where o.subscription_id = locked.id)
  select (array_agg(id order by id desc))[1] as "upTo", count(*)::int as known, count(*) < ${PIECE} as "isLast",
         count(*) filter (where is_unseen and not is_expected)::int as missing, count(*) filter (where ${isNew})::int as "newlyMissing",
         coalesce((array_agg(id order by id) filter (where ${isNew}))[1:${IDS_TOLD}], '{}') as "newlyMissingIds"
    from piece`;
