import { appendOnly } from '@landfall/messaging';

/** The history of every subscription. Rows are added and never changed. Nothing personal is in it, so nothing has to be erased from it. */
export const historySchema = `
create table subscription.transitions (
  subscription_id uuid not null references subscription.subscriptions,
  -- 1, 2, 3 … without gaps
  entry int not null,
  version int not null,
  -- of its public event; null where it has none
  sequence int,
  event text not null,
  actor jsonb not null,
  on_behalf_of jsonb,
  cause jsonb not null,
  operation_id uuid,
  action text,
  reason text,
  correlation_id text,
  causation_id text,
  "from" jsonb not null,
  "to" jsonb not null,
  changes jsonb not null,
  effective_at timestamptz,
  effective_between jsonb,
  observed_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (subscription_id, entry)
);
-- for exports of a range of time; costs next to nothing when a row is added
create index transitions_age on subscription.transitions using brin (recorded_at) with (pages_per_range = 16);
${appendOnly('subscription.transitions')}`;
