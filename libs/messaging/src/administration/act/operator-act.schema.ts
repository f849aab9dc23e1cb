/**
 * What operators did and why. Rows are added and never changed: the service's role may not, and the trigger stops everybody else's
 * mistakes. The owner of the table could remove the trigger.
 */
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

create function ${schema}.operator_act_keep() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '${schema}.operator_act keeps what was written: % is not allowed', lower(tg_op) using errcode = 'insufficient_privilege';
end $$;
create trigger operator_act_keep before update or delete or truncate on ${schema}.operator_act
  for each statement execute function ${schema}.operator_act_keep();
alter table ${schema}.operator_act enable always trigger operator_act_keep;

-- Takes back what default privileges gave the service's role on a new table: it reads, and it adds.
do $$
declare
  role regrole;
begin
  for role in select distinct acl.grantee from pg_class c, aclexplode(c.relacl) acl
               where c.oid = '${schema}.operator_act'::regclass and acl.grantee not in (0, c.relowner) loop
    execute format('revoke update, delete, truncate, references, trigger on ${schema}.operator_act from %s', role);
  end loop;
end $$;
`;
