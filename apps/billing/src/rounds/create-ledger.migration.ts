import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was counted, what was handed over, and what became of it. Quantities inside of jsonb are decimal text. */
export class CreateLedger1760000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table billing.subscriptions
        -- by plan: prices and included quantities as Microsoft's list showed them last, and since when they are asked for
        add column rates jsonb not null default '{}',
        -- by meter and day: the most that was used in an hour
        add column peaks jsonb not null default '{}',
        -- business time: when its ledger is looked at next; null: when something is used
        add column look_at timestamptz,
        -- an older hour from which on it is loaded: late usage waits to be looked at, or nobody has confirmed what is held
        add column late_from timestamptz,
        -- how many counts of it were told: each has its number
        add column counts int not null default 0,
        -- its ledger has changed since its sums were checked
        add column is_unchecked boolean not null default false`);
    await runner.query(`create index subscriptions_by_look on billing.subscriptions (look_at, id) where look_at is not null`);
    await runner.query(`create index subscriptions_unchecked on billing.subscriptions (id) where is_unchecked`);
    await createAccounts(runner);
    await createHours(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write the next one');
  }
}

async function createAccounts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table billing.accounts (
      subscription_id uuid not null references billing.subscriptions,
      plan_id text not null,
      meter text not null,
      term date not null,
      term_unit text not null,
      end_date date not null,
      -- what the plan includes in the term, and the tiers: null while nobody knows
      counted_by jsonb,
      net numeric not null,
      -- parts of net: what an operator gave, and all that somebody else charges
      opening numeric not null,
      shadowed numeric not null,
      -- the net without the opening balance, by the modes in which it was used
      phases jsonb not null default '[]',
      placed jsonb not null,
      placed_in_shadow jsonb not null,
      primary key (subscription_id, plan_id, meter, term)
    ) with (fillfactor = 70)`);
  // from an hour on: what BILLING_MODE said then
  await runner.query(`
    create table billing.modes (
      from_hour timestamptz primary key check (extract(epoch from from_hour) % 3600 = 0),
      setting text not null,
      set_at timestamptz not null default now()
    )`);
}

/** The primary key is Microsoft's own: no two events ever have one. */
async function createHours(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table billing.hours (
      subscription_id uuid not null references billing.subscriptions,
      dimension text not null,
      hour timestamptz not null check (extract(epoch from hour) % 3600 = 0),
      plan_id text not null,
      meter text not null,
      quantity numeric not null check (quantity >= 0),
      shares jsonb not null,
      state text not null
        check (state in ('held', 'waiting', 'accepted', 'uncertain', 'returned', 'carried', 'written-off', 'shadowed')),
      effective_start timestamptz not null,
      deadline timestamptz not null,
      not_before timestamptz,
      reason text,
      -- where its units were used; null: all in this hour
      origins jsonb,
      -- so much of it an operator has confirmed
      confirmed numeric,
      batch_id uuid,
      -- what Microsoft answered, in the order in which it did
      answers jsonb not null default '[]',
      -- what Microsoft's list, and operators, decided about it
      decisions jsonb not null default '[]',
      handed_over_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      primary key (subscription_id, dimension, hour)
    ) with (fillfactor = 80)`);
  await runner.query(`create index hours_by_batch on billing.hours (batch_id)`);
  await runner.query(`create index hours_by_hour on billing.hours (hour, subscription_id)`);
  await runner.query(`
    create index hours_without_end on billing.hours (state, hour) where state in ('held', 'waiting', 'uncertain', 'returned')`);
  await runner.query(`
    create table billing.write_offs (
      number bigint generated always as identity primary key,
      subscription_id uuid not null references billing.subscriptions,
      plan_id text not null,
      meter text not null,
      dimension text not null,
      quantity numeric not null check (quantity > 0),
      shares jsonb not null,
      reason text not null,
      written_off_at timestamptz not null
    )`);
  await runner.query(`create index write_offs_by_subscription on billing.write_offs (subscription_id, number)`);
}
