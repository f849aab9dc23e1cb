import { columns, run, type Transaction, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answer, Finding, Known, Observation } from './reconciliation';

/** What a sweep asks where it keeps such a finding back and does not let it through by itself. */
const questionAbout = (finding: string) => `case ${finding} when 'ended' then 'loss' else 'import' end`;

/** Of `reconciliations`: how an operator has answered what it asks about such a finding. */
export const answerAbout = (sweep: string, finding: string) =>
  `case when ${questionAbout(finding)} = any(${sweep}.asks) then ${sweep}.answers ->> ${questionAbout(finding)} end`;

/** Of `reconciliations`: an operator is asked something that is not answered yet. */
export const isAsking = (sweep: string) => `not (${sweep}.answers ?& ${sweep}.asks)`;

/**
 * Of `observations o`: whether an operator has answered so about such a finding. The answer is that of the sweep which the row names, until Microsoft shows it alive;
 * or of one that keeps it back, which the row names as its answer a little later.
 */
const isAnswered = (answer: Answer, finding?: string) => `(exists
  (select from fulfillment.reconciliations d where d.id = o.answered_in and ${answerAbout('d', 'o.answered_as')} = '${answer}'
    ${finding ? `and o.answered_as = ${finding}` : ''}) or exists
  (select from fulfillment.reconciliations d where d.id in (o.found_in, o.found_before_in) and ${answerAbout('d', 'o.finding')} = '${answer}'
    ${finding ? `and o.finding = ${finding}` : ''}))`;

/** Of `observations o`: it is not to be imported, or its end is not to be acted upon. */
export const isDismissed = isAnswered('dismissed');

/** Of `observations o`: what was found of it happens, and the record has not taken it over yet. */
export const isLetThrough = (finding: string) => isAnswered('released', finding);

/** Of `observations o` and `reconciliation_schedules s`: an operator has said so, which holds until it is listed again. */
export const mayBeMissing = `coalesce(o.missing_since <= s.missing_dismissed_at, false)`;

/** What the record says of each subscription, and when Microsoft's list last showed it. */
@Injectable()
export class ObservationRepository {
  constructor(private readonly database: DataSource) {}

  /** In id order: two writers that share rows then wait for each other instead of deadlocking. */
  async lock(tx: Transaction, ids: string[]): Promise<Map<string, Observation>> {
    const rows = await run<Observation>(
      tx,
      `select subscription_id as "subscriptionId", version, record from fulfillment.observations
        where subscription_id = any($1) and record is not null order by subscription_id for update`,
      [ids],
    );
    return new Map(rows.map((row) => [row.subscriptionId, row]));
  }

  save(tx: Transaction, observations: Observation[]): void {
    const rows = observations.map(({ record, ...row }) => ({ ...row, record: JSON.stringify(record) }));
    write(
      tx,
      `insert into fulfillment.observations as known (subscription_id, version, record)
       select * from unnest($1::uuid[], $2::int[], $3::jsonb[])
       on conflict (subscription_id) do update
          set (version, record, known_since) = (excluded.version, excluded.record, case when known.record is null then now() else known.known_since end)
        where known.version is null or known.version < excluded.version`,
      columns(rows, 'subscriptionId', 'version', 'record'),
    );
  }

  /** What is known of these subscriptions; those of which nothing is are there as well. */
  async knownOf(ids: readonly string[]): Promise<Map<string, Known>> {
    const rows = await this.database.query<(Required<Known> & { id: string })[]>(
      `select wanted.id, o.record, bound.registration as "boundTo", coalesce(${isDismissed}, false) as "isDismissed",
                coalesce(${isLetThrough(`'ended'`)}, false) as "isLetThrough"
         from unnest($1::uuid[]) as wanted (id)
         left join fulfillment.observations o on o.subscription_id = wanted.id
         left join fulfillment.subscription_registrations bound on bound.subscription_id = wanted.id`,
      [ids],
    );
    return new Map(rows.map(({ id, ...known }) => [id, known]));
  }

  /**
   * Marks what a page of a sweep shows. It is not missing any more; and where the record has it and it is shown alive, what operators have answered about it is over. A copy that
   * hung, and writes after its sweep has ended, marks nothing: the sweep that came next would miss it.
   * @returns how many of them this sweep had not seen before
   */
  async seen(reconciliationId: string, listed: readonly { readonly subscriptionId: string; readonly isAlive: boolean }[]): Promise<number> {
    const rows = await this.database.query<unknown[]>(
      `insert into fulfillment.observations as known (subscription_id, seen_in)
       select distinct shown.id, $1::uuid from unnest($2::uuid[]) as shown (id)
        where exists (select from fulfillment.reconciliations r where r.id = $1 and r.state = 'running') order by 1
       on conflict (subscription_id) do update
          set (seen_in, missed, missing_since, answered_in, answered_as)
            = (excluded.seen_in, 0, null, ${unlessAlive('known.answered_in')}, ${unlessAlive('known.answered_as')})
        where known.seen_in is distinct from excluded.seen_in
       returning 1`,
      [
        reconciliationId,
        listed.map(({ subscriptionId }) => subscriptionId),
        listed.flatMap((one) => (one.isAlive ? [one.subscriptionId] : [])),
      ],
    );
    return rows.length;
  }

  /**
   * Keeps back what a sweep that is under way found of these. What is kept back already by one whose question is open is kept back by both, so that the answer
   * to it is about these as well. What has been answered is left as it is.
   */
  async keepBack(reconciliationId: string, finding: Finding, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.query(
      `update fulfillment.observations o set finding = $2, found_in = $1, found_before_in =
          (select r.id from fulfillment.reconciliations r
            where r.id in (o.found_in, o.found_before_in) and r.id <> $1 and r.found is not null and ${answerAbout('r', '$2')} is null limit 1)
        where subscription_id = any($3::uuid[]) and not ${isDismissed} and not ${isLetThrough('$2')}
          and exists (select from fulfillment.reconciliations r where r.id = $1 and r.state = 'running')`,
      [reconciliationId, finding, ids],
    );
  }

  /** Some of what a sweep keeps back, the same ones until they are handed over. What an operator has dismissed is none of it. */
  async keptBack(reconciliationId: string, findings: readonly Finding[], limit: number): Promise<string[]> {
    const some = (column: string) =>
      `(select o.subscription_id as id from fulfillment.observations o where o.${column} = $1 and o.finding = any($2) and not ${isDismissed}
        order by o.subscription_id limit $3)`;
    const rows = await this.database.query<{ id: string }[]>(
      `select id from (${some('found_in')} union ${some('found_before_in')}) as kept order by id limit $3`,
      [reconciliationId, findings, limit],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * They are kept back no more, by no sweep. An operator's answer stays with those whose end was told, until Microsoft shows them alive: the record may take its
   * time.
   */
  async handOver(reconciliationId: string, ids: readonly string[], toldIds: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.query(
      `update fulfillment.observations o
          set (finding, found_in, found_before_in, answered_in, answered_as)
            = (null, null, null, case when ${isAnsweredHere} then $1 else answered_in end, case when ${isAnsweredHere} then finding else answered_as end)
        where (found_in = $1 or found_before_in = $1) and subscription_id = any($2::uuid[])`,
      [reconciliationId, ids, toldIds],
    );
  }
}

/** Of a row that a page shows, those of `$3` alive. */
const unlessAlive = (column: string) =>
  `case when known.record is null or not (known.subscription_id = any($3::uuid[])) then ${column} end`;

const isAnsweredHere = `(o.subscription_id = any($3::uuid[]) and exists
  (select from fulfillment.reconciliations r where r.id = $1 and ${answerAbout('r', 'o.finding')} = 'released'))`;
