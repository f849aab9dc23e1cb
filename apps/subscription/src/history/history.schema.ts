/**
 * The history of every subscription. Rows are added and never changed: the service's role may not, and the trigger stops everybody else's mistakes, the
 * owner's too. Nothing personal is in it, so nothing has to be erased from it.
 */
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

create function subscription.transitions_keep() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'subscription.transitions keeps what was written: % is not allowed', lower(tg_op) using errcode = 'insufficient_privilege';
end $$;
create trigger transitions_keep before update or delete or truncate on subscription.transitions
  for each statement execute function subscription.transitions_keep();
alter table subscription.transitions enable always trigger transitions_keep;

-- Takes back what default privileges gave the service's role on a new table: it reads, and it adds.
do $$
declare
  role regrole;
begin
  for role in select distinct acl.grantee from pg_class c, aclexplode(c.relacl) acl
               where c.oid = 'subscription.transitions'::regclass and acl.grantee not in (0, c.relowner) loop
    execute format('revoke update, delete, truncate, references, trigger on subscription.transitions from %s', role);
  end loop;
end $$;
`;
