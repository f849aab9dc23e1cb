import type { MigrationInterface, QueryRunner } from 'typeorm';
import { contactSchema } from '../contact/contact.schema';
import { driftSchema } from '../drift/drift.schema';
import { historySchema } from '../history/history.schema';
import { snapshotSchema } from '../snapshot/snapshot.schema';

/** The record of every subscription, its history, and personal data in a table of its own, so that it can be erased. */
export class CreateSubscriptions1760000000001 implements MigrationInterface {
  readonly name = 'CreateSubscriptions1760000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table subscription.subscriptions (
        id uuid primary key,
        publisher_id text not null,
        offer_id text not null,
        is_preview boolean not null,
        plan_id text not null,
        quantity int check (quantity > 0),
        status text not null
          check (status in ('NotStarted', 'PendingFulfillmentStart', 'Subscribed', 'Suspended', 'Unsubscribed')),
        stage text not null
          check (stage in ('awaiting-customer', 'awaiting-approval', 'rejected', 'provisioning', 'activating', 'done')),
        access text not null check (access in ('none', 'full', 'limited', 'ended')),
        term jsonb,
        auto_renew boolean not null,
        is_free_trial boolean not null,
        allowed_customer_operations text[] not null,
        private_offer_id text,
        purchased_at timestamptz,
        beneficiary jsonb not null,
        purchaser jsonb not null,
        tenant_reference text,
        activated boolean not null,
        failure_reason text,
        -- what the customer of a rejected purchase is told
        rejection_reason text,
        -- which request to cancel it at Microsoft counts
        cancellation_request_id uuid,
        imported boolean not null,
        version int not null,
        sequence int not null,
        as_of timestamptz not null,
        first_read_no bigint not null,
        first_read_date timestamptz not null,
        last_subscribed_date timestamptz,
        -- member -> what it stands on, and which reads may change it; without those that have not changed since the first read
        members jsonb not null,
        ordered_reads int not null,
        grace_ends_at timestamptz,
        -- what was done about deadlines: of each its date, and how many days before
        passed_milestones jsonb not null,
        -- of the deadline that stands, and when the next step is due; both follow from the row
        deadline_at timestamptz,
        next_milestone_at timestamptz,
        changed_at timestamptz not null default now(),
        -- when it was first shown as Subscribed, by our database's clock: Microsoft has billed it since
        first_subscribed_at timestamptz,
        check ((status = 'Unsubscribed') = (access = 'ended')),
        check ((stage = 'rejected') = (rejection_reason is not null)),
        check ((stage = 'rejected') = (cancellation_request_id is not null))
      )`);
    await runner.query(`
      create function subscription.keep_the_end() returns trigger language plpgsql as $$
      begin
        raise exception 'subscription % is Unsubscribed, and nothing revives it', old.id using errcode = 'check_violation';
      end $$`);
    await runner.query(`
      create trigger unsubscribed_absorbs before update on subscription.subscriptions for each row
        when (old.status = 'Unsubscribed' and new.status <> 'Unsubscribed') execute function subscription.keep_the_end()`);
    await runner.query(`
      create table subscription.operations (
        subscription_id uuid not null references subscription.subscriptions,
        operation_id uuid not null,
        action text not null,
        -- null while it is only announced
        registration text,
        source text,
        plan_id text,
        quantity int check (quantity > 0),
        -- Microsoft's clock: operations are ordered by it
        time_stamp timestamptz,
        is_revert boolean not null,
        status text not null check (status in
          ('Announced', 'NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict', 'Vanished', 'Stuck', 'Invisible')),
        seen_open_at timestamptz,
        -- null while nothing is decided
        verdict text check (verdict in ('accepted', 'refused')),
        reason text,
        decided_by text check (decided_by in ('catalog', 'product', 'silence')),
        had_no_effect boolean not null,
        closing_order int,
        changed_at timestamptz not null default now(),
        primary key (subscription_id, operation_id, action),
        check (verdict is null or registration is not null),
        check ((verdict is not distinct from 'refused') = (reason is not null))
      )`);
    await runner.query('create index newest_operations on subscription.operations (subscription_id, changed_at desc)');
    await runner.query(`
      create table subscription.change_requests (
        -- made of the idempotency key, so that a request that is sent again is the same one
        id uuid primary key,
        subscription_id uuid not null references subscription.subscriptions,
        action text not null check (action in ('ChangePlan', 'ChangeQuantity', 'Unsubscribe')),
        plan_id text,
        quantity int check (quantity > 0),
        state text not null check (state in ('pending', 'succeeded', 'failed', 'unconfirmed')),
        actor text not null,
        actor_kind text not null check (actor_kind in ('operator', 'product')),
        reason text not null,
        requested_at timestamptz not null,
        -- Microsoft's clock: an operation that began before is not that of the request
        not_before timestamptz not null,
        operation_id uuid,
        failure text,
        code text,
        ended_at timestamptz,
        check ((action = 'ChangePlan') = (plan_id is not null)),
        check ((action = 'ChangeQuantity') = (quantity is not null)),
        check ((state = 'pending') = (ended_at is null)),
        check ((state in ('failed', 'unconfirmed')) = (failure is not null))
      )`);
    await runner.query('create index requests_by_subscription on subscription.change_requests (subscription_id, requested_at desc)');
    await runner.query(`
      create unique index one_pending_request on subscription.change_requests (subscription_id, (action = 'Unsubscribe')) where state = 'pending'`);
    await runner.query(`create index oldest_pending_request on subscription.change_requests (requested_at) where state = 'pending'`);
    await runner.query(historySchema);
    await runner.query(contactSchema);
    await runner.query(driftSchema);
    await runner.query(snapshotSchema);
    await runner.query(
      'create index due_milestones on subscription.subscriptions (next_milestone_at, id) where next_milestone_at is not null',
    );
    await runner.query('create index oldest_deadline on subscription.subscriptions (deadline_at) where deadline_at is not null');
    await runner.query(`
      create index failed_subscriptions on subscription.subscriptions (changed_at)
        where failure_reason is not null and stage <> 'done' and status <> 'Unsubscribed'`);
    await runner.query(`
      create index unserved_subscriptions on subscription.subscriptions (first_subscribed_at)
        where stage <> 'done' and status = 'Subscribed'`);
    await runner.query(`
      create index unfinished_subscriptions on subscription.subscriptions (stage, changed_at, id)
        where stage <> 'done' and status <> 'Unsubscribed'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}
