/** Personal data, in a table of its own so that it can be erased, and what was erased of whom: by ids, since it is a promise that has to be kept. */
export const contactSchema = `
create table subscription.contacts (
  subscription_id uuid not null references subscription.subscriptions,
  role text not null check (role in ('customer', 'beneficiary', 'purchaser')),
  tenant_id text not null,
  object_id text not null,
  -- { email, name }
  encrypted text not null,
  changed_at timestamptz not null default now(),
  primary key (subscription_id, role)
);
create index contacts_of_a_person on subscription.contacts (tenant_id, object_id);

create table subscription.erasures (
  id uuid primary key,
  tenant_id text not null,
  object_id text not null,
  requested_at timestamptz not null,
  -- business time: what the person gave until then is not kept, however late it comes
  drops_until timestamptz not null,
  -- service -> when it had erased what it stored
  erased jsonb not null default '{}'
);
create index erasures_of_a_person on subscription.erasures (tenant_id, object_id, requested_at);
`;
