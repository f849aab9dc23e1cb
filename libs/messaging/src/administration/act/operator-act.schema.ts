import { appendOnly } from './append-only';

/** What operators did and why. Rows are added and never changed. */
export const operatorActSchema = (schema: string): string => `
create table ${schema}.operator_act (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  act text not null,
  -- what it was done to: dead-letters/17
  subject text not null,
  actor text not null check (actor <> ''),
  reason text not null check (reason <> ''),
  idempotency_key text not null unique,
  correlation_id text not null,
  before jsonb not null,
  after jsonb not null
);
create index operator_act_subject on ${schema}.operator_act (subject, id);
${appendOnly(`${schema}.operator_act`)}`;
