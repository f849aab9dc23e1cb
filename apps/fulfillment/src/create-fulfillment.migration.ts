import type { MigrationInterface, QueryRunner } from 'typeorm';

/** All tables of this service. Those of the library `messaging` come with their own migrations. */
export class CreateFulfillment1760000000001 implements MigrationInterface {
  readonly name = 'CreateFulfillment1760000000001';

  async up(runner: QueryRunner): Promise<void> {
    await createSubscriptionRegistrations(runner);
    await createOperations(runner);
    await createReadNumbers(runner);
    await createCalls(runner);
    await createReconciliations(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}

/** To which registration each subscription belongs. A row is inserted when Microsoft first shows it, and never changed. */
async function createSubscriptionRegistrations(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.subscription_registrations (
      subscription_id uuid primary key,
      registration text not null
    )`);
}

/**
 * Each operation of Microsoft that a webhook or the list of outstanding ones announced, what was shown of it, and how it settled. Once per subscription,
 * operation and action (rule 4). `first_look_at`, `shown_since` and `gone_since` are set by the database's clock alone.
 */
async function createOperations(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.operations (
      subscription_id uuid not null,
      operation_id uuid not null,
      action text not null,
      -- to whose address the webhook came
      registration text not null,
      -- the delivery named no operation: its own id stands for one
      is_unnamed boolean not null,
      source text,
      plan_id text,
      quantity int check (quantity > 0),
      time_stamp timestamptz,
      is_revert boolean not null,
      -- by the gateway's clock
      received_at timestamptz,
      first_look_at timestamptz not null default now(),
      status text check (status in ('NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict')),
      shown_since timestamptz,
      gone_since timestamptz,
      operation_date timestamptz,
      seen_open_at timestamptz,
      published_snapshot uuid,
      verdict text check (verdict in ('accepted', 'refused')),
      answered_at timestamptz,
      acknowledgements int not null check (acknowledgements >= 0),
      is_acknowledged boolean not null,
      settled text check (settled in ('Succeeded', 'Failed', 'Conflict', 'Vanished', 'Stuck', 'Invisible')),
      primary key (subscription_id, operation_id, action),
      check ((status is null) = (shown_since is null))
    )`);
}

/** The order of our reads (rule 2). Uncached: a copy that keeps numbers back would hand out lower ones later. */
async function createReadNumbers(runner: QueryRunner): Promise<void> {
  await runner.query('create sequence fulfillment.read_no as bigint cache 1');
}

/** Every attempt of every call to Microsoft, for its support and for ours (contract 10). It never holds a token or a body. */
async function createCalls(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.calls (
      request_id uuid primary key,
      -- with whose token
      registration text not null,
      correlation_id text not null,
      method text not null,
      route text not null,
      -- what it was for, by which it went before others or after them
      purpose text not null,
      subscription_id uuid,
      operation_id uuid,
      -- the job that makes the call, where the call changes something: its attempts are recorded before they are made
      job_id uuid,
      started_at timestamptz not null,
      duration_ms int,
      -- null with no error: not answered yet, or never by a process that was killed
      status smallint,
      error text,
      microsoft_request_id text
    )`);
  await runner.query('create index calls_by_subscription on fulfillment.calls (subscription_id, started_at)');
  // List and Resolve
  await runner.query('create index calls_about_none on fulfillment.calls (registration, started_at) where subscription_id is null');
  // what one course of events asked for
  await runner.query('create index calls_by_correlation on fulfillment.calls (correlation_id, started_at)');
  await runner.query('create index calls_by_job on fulfillment.calls (job_id) where job_id is not null');
  await runner.query('create index calls_by_age on fulfillment.calls using brin (started_at)');
}

/**
 * Sweeps over the list of each registration, and what they compare it with: the newest state of the record of each subscription, without people. A row of
 * `observations` without a record is a subscription that Microsoft lists and the record does not have.
 */
async function createReconciliations(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.reconciliation_schedules (
      registration text primary key,
      -- a row, so that a process that crashes again and again begins none each time
      due_at timestamptz not null,
      -- false: what nobody knows here is imported only when an operator has allowed it
      may_import boolean not null,
      -- when everything is read next, and how many such sweeps in a row have not come to their end
      whole_due_at timestamptz not null default now(),
      whole_failures int not null default 0,
      last_complete_at timestamptz,
      -- what was missing by then may be: an operator has said so
      missing_dismissed_at timestamptz
    )`);
  await runner.query(`
    create table fulfillment.reconciliations (
      id uuid primary key,
      registration text not null,
      occasion text not null check (occasion in ('timer', 'operator')),
      is_whole boolean not null,
      state text not null check (state in ('running', 'complete', 'incomplete')),
      reason text,
      started_at timestamptz not null default now(),
      step_at timestamptz not null default now(),
      ended_at timestamptz,
      tally jsonb not null,
      -- known, missing, ended, unknown: of a complete one, or where one that is not has found something that counts
      found jsonb,
      asks text[] not null default '{}',
      -- by question
      answers jsonb not null default '{}'
        check (not jsonb_path_exists(answers, '$.* ? (!(@ == "released" || @ == "dismissed" || @ == "superseded" || @ == "withdrawn"))')),
      check ((state = 'running') = (ended_at is null)),
      check (state <> 'complete' or found is not null),
      check (found is not null or asks = '{}')
    )`);
  await runner.query(`create unique index running_reconciliations on fulfillment.reconciliations (registration) where state = 'running'`);
  await runner.query(`create index unanswered_reconciliations on fulfillment.reconciliations (ended_at) where not (answers ?& asks)`);
  await runner.query('create index newest_reconciliations on fulfillment.reconciliations (started_at desc)');
  await runner.query(`
    create table fulfillment.observations (
      subscription_id uuid primary key,
      version int,
      record jsonb,
      known_since timestamptz not null default now(),
      -- by which sweep it was listed last, and how many complete ones in a row have not shown it since
      seen_in uuid,
      missed int not null default 0,
      -- the last one that counted it as missing, and when the first of them did
      missed_in uuid,
      missing_since timestamptz,
      -- kept back until the end of its sweep, or an operator's answer
      finding text check (finding in ('ended', 'unknown')),
      found_in uuid,
      -- a sweep whose question was open when the one of found_in found it again: an answer to that one is about it as well
      found_before_in uuid,
      -- the sweep whose answer is about it, and as what that had found it: the answer stands there, and holds until Microsoft shows it alive
      answered_in uuid,
      answered_as text check (answered_as in ('ended', 'unknown')),
      -- what subscription has been told of it, until it is told the end of that
      told text check (told in ('missing', 'guarded')),
      check ((version is null) = (record is null)),
      check ((finding is null) = (found_in is null)),
      check (finding is not null or found_before_in is null),
      check ((answered_in is null) = (answered_as is null))
    )`);
  await runner.query('create index kept_back on fulfillment.observations (found_in, subscription_id) where finding is not null');
  await runner.query(
    'create index kept_back_before on fulfillment.observations (found_before_in, subscription_id) where found_before_in is not null',
  );
  await runner.query(
    'create index answered_findings on fulfillment.observations (answered_in, subscription_id) where answered_in is not null',
  );
  await runner.query(
    `create index may_differ on fulfillment.observations (subscription_id)
      where finding is not null or missing_since is not null or told is not null`,
  );
}
