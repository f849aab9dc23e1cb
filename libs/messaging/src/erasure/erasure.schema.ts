import { withoutPersonalDataSql } from './personal.data';

/**
 * The one way to change what is in the outbox: it takes what is personal out of the messages of some keys. A page at a time, by the primary key, since an
 * outbox holds a month of messages. Gives the id with which the next page begins; null at the end.
 */
export const erasureSchema = (schema: string): string => `
create function ${schema}.outbox_erase(of_partition smallint, of_topic text, keys text[], after bigint, page int) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  last bigint;
  seen bigint;
begin
  select max(id), count(*) into last, seen
    from (select id from ${schema}.outbox where partition = of_partition and topic = of_topic and id > after order by id limit page) as read;
  update ${schema}.outbox set envelope = ${withoutPersonalDataSql('envelope')}
   where partition = of_partition and topic = of_topic and id > after and id <= last and key = any(keys)
     and envelope is distinct from ${withoutPersonalDataSql('envelope')};
  return case when seen = page then last end;
end $$;
revoke all on function ${schema}.outbox_erase(smallint, text, text[], bigint, int) from public;
`;
