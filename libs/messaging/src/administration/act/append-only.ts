/**
 * SQL that makes a table one to which rows are added and in which none is changed: the service's role may not, and the trigger stops everybody else's mistakes,
 * the owner's too, who could remove it. `table` is a name of ours, with its schema.
 */
export const appendOnly = (table: string): string => `
create function ${table}_keep() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '${table} keeps what was written: % is not allowed', lower(tg_op) using errcode = 'insufficient_privilege';
end $$;
create trigger ${nameOf(table)}_keep before update or delete or truncate on ${table}
  for each statement execute function ${table}_keep();
alter table ${table} enable always trigger ${nameOf(table)}_keep;

-- Takes back what default privileges gave the service's role on a new table: it reads, and it adds.
do $$
declare
  role regrole;
begin
  for role in select distinct acl.grantee from pg_class c, aclexplode(c.relacl) acl
               where c.oid = '${table}'::regclass and acl.grantee not in (0, c.relowner) loop
    execute format('revoke update, delete, truncate, references, trigger on ${table} from %s', role);
  end loop;
end $$;
`;

const nameOf = (table: string): string => table.slice(table.indexOf('.') + 1);
