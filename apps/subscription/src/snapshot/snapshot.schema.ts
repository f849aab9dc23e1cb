/** How far each night has got with sending every snapshot again. A new installation has nothing to send: its first night is the next one. */
export const snapshotSchema = `
create table subscription.snapshot_runs (
  day date primary key,
  -- the last subscription of the pages that were sent
  after uuid,
  messages int not null default 0,
  -- when the last page was sent
  page_at timestamptz not null default '-infinity',
  ended_at timestamptz
);
insert into subscription.snapshot_runs (day, ended_at) values ((now() at time zone 'UTC')::date, now());
`;
