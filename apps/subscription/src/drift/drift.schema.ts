/**
 * Where our record and Microsoft's differed. One open row for each member of a subscription; nothing personal is in it, since people are known by their object
 * ids alone.
 */
export const driftSchema = `
create table subscription.drifts (
  -- made of the message that showed it, so that it is written once
  id uuid primary key,
  subscription_id uuid not null references subscription.subscriptions,
  member text not null,
  ours jsonb,
  microsofts jsonb,
  differs_from timestamptz,
  differs_to timestamptz not null,
  -- Microsoft's clock
  found_at timestamptz not null,
  last_found_at timestamptz not null,
  times_found int not null,
  occasion text not null,
  reconciliation_id uuid,
  source text not null,
  operation_id uuid,
  state text not null check (state in ('open', 'repaired', 'over')),
  kept_reason text check (kept_reason in ('shut', 'echo', 'absorbed', 'stale', 'missing', 'guarded')),
  ended_at timestamptz,
  event text,
  version int,
  end_reason text check (end_reason in ('shown-again', 'dismissed')),
  recorded_at timestamptz not null default now(),
  -- of the last finding, or of the last read that was ordered about it, by our database's clock
  seen_at timestamptz not null default now(),
  -- when an operator was told that it stays
  told_at timestamptz,
  check ((state = 'open') = (ended_at is null)),
  check (state <> 'open' or kept_reason is not null),
  check ((event is null) = (version is null))
);
create unique index one_open_drift on subscription.drifts (subscription_id, member) where state = 'open';
create index drifts_by_subscription on subscription.drifts (subscription_id, recorded_at desc);
create index drifts_by_age on subscription.drifts (recorded_at, id);
create index drifts_by_sweep on subscription.drifts (reconciliation_id) where reconciliation_id is not null;
create index oldest_open_drift on subscription.drifts (recorded_at) where state = 'open';
`;
