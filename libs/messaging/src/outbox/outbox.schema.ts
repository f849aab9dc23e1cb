/** The outbox, the function that writes it, and its maintenance. One table per day, so that what is old goes as a whole table; written only through `outbox_append`. */
export const outboxSchema = (schema: string): string => `
create sequence ${schema}.outbox_id as bigint;

create table ${schema}.outbox (
  partition smallint not null,
  -- drawn while the partition's lock is held: within a partition, ids are in commit order
  id bigint not null default nextval('${schema}.outbox_id'),
  topic text not null,
  key text not null,
  message_id uuid not null,
  envelope text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- a relay reads each topic of a partition by itself, so that one which refuses holds up no other
  primary key (partition, topic, id, created_at)
) partition by range (created_at);

-- holds what no day holds, so that a late maintenance loses nothing; its rows raise an alarm and move out with the next maintenance
create table ${schema}.outbox_default partition of ${schema}.outbox default;

-- the topics that were ever written: a relay reads all of them
create table ${schema}.outbox_topic (topic text primary key);

-- who publishes a partition
create table ${schema}.relay_cursor (
  partition smallint primary key,
  owner_epoch bigint not null default 0
) with (fillfactor = 50);

-- how far a topic of a partition was published
create table ${schema}.relay_position (
  partition smallint not null references ${schema}.relay_cursor,
  topic text not null,
  position bigint not null,
  primary key (partition, topic)
) with (fillfactor = 50);

-- the highest outbox id that was read back from a compacted topic: a smaller one behind it was written late
create table ${schema}.read_back (
  topic text not null,
  partition smallint not null,
  highest bigint not null,
  primary key (topic, partition)
) with (fillfactor = 50);

create sequence ${schema}.relay_epoch as bigint;

-- Takes back what default privileges gave the service's role on a new table of the outbox: it reads, and writes by outbox_append alone.
create function ${schema}.outbox_close(name regclass) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  role regrole;
begin
  for role in select distinct acl.grantee from pg_class c, aclexplode(c.relacl) acl where c.oid = name and acl.grantee not in (0, c.relowner) loop
    execute format('revoke insert, update, delete, truncate, references, trigger on %s from %s', name, role);
  end loop;
end $$;
select ${schema}.outbox_close('${schema}.outbox'), ${schema}.outbox_close('${schema}.outbox_default'), ${schema}.outbox_close('${schema}.outbox_topic');

-- The only way to write the outbox. Whoever reads id n of a partition has seen every smaller id of it: the lock is released after the commit
-- is visible. Ascending, so that two writers of several partitions wait for each other instead of deadlocking.
create function ${schema}.outbox_append(partitions smallint[], topics text[], keys text[], ids uuid[], envelopes text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  taken int;
begin
  for taken in select distinct p::int from unnest(partitions) as p order by 1 loop
    perform pg_advisory_xact_lock(hashtext('${schema}.outbox'), taken);
  end loop;
  insert into ${schema}.outbox_topic select distinct topic from unnest(topics) as topic
   where not exists (select from ${schema}.outbox_topic known where known.topic = topic.topic) on conflict do nothing;
  insert into ${schema}.outbox (partition, topic, key, message_id, envelope)
  select partition, topic, key, message_id, envelope
    from unnest(partitions, topics, keys, ids, string_to_array(envelopes, E'\\x1e'))
         with ordinality as rows (partition, topic, key, message_id, envelope, position)
   order by position;
end $$;

-- Makes the tables of today and the coming days, and of those that are over and whose rows no table holds; and drops those that are older than the retention and published to the last row.
-- Takes short exclusive locks and gives up after 2 s of waiting for them: it is called again.
create function ${schema}.outbox_maintain(retention interval, days_ahead int, out made int, out dropped int)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s' set timezone = 'UTC' as $$
declare
  day date;
  day_table text;
  unpublished boolean;
begin
  made := 0;
  dropped := 0;
  if not pg_try_advisory_xact_lock(hashtext('${schema}.outbox_maintain'), 0) then return; end if;
  for day in select d::date from generate_series(current_date, current_date + least(days_ahead, 31), interval '1 day') as d
              union select distinct created_at::date from ${schema}.outbox_default order by 1 loop
    day_table := 'outbox_' || to_char(day, 'YYYYMMDD');
    if to_regclass('${schema}.' || day_table) is null then
      lock table ${schema}.outbox in access exclusive mode;
      execute format('create table ${schema}.%I (like ${schema}.outbox including all)', day_table);
      execute format('with moved as (delete from ${schema}.outbox_default where created_at >= %L and created_at < %L returning *)
                      insert into ${schema}.%I select * from moved', day, day + 1, day_table);
      execute format('alter table ${schema}.outbox attach partition ${schema}.%I for values from (%L) to (%L)', day_table, day, day + 1);
      perform ${schema}.outbox_close(format('${schema}.%I', day_table)::regclass);
      made := made + 1;
    end if;
  end loop;
  for day_table in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = '${schema}.outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$'
       and to_date(right(c.relname, 8), 'YYYYMMDD') + 1 < current_timestamp - greatest(retention, interval '1 day')
     order by 1
  loop
    execute format('select exists (select from ${schema}.%I o left join ${schema}.relay_position p using (partition, topic) where o.id > coalesce(p.position, 0))',
                   day_table) into unpublished;
    if not unpublished then
      execute format('drop table ${schema}.%I', day_table);
      dropped := dropped + 1;
    end if;
  end loop;
end $$;

select ${schema}.outbox_maintain(interval '31 days', 3);
revoke all on function ${schema}.outbox_append(smallint[], text[], text[], uuid[], text) from public;
revoke all on function ${schema}.outbox_maintain(interval, int) from public;
`;
