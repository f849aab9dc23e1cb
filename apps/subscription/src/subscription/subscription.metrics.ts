import { ageGauge, Clock } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface Ages {
  readonly failed: number;
  readonly unfinished: number;
  readonly unserved: number;
  readonly unapproved: number;
  readonly requested: number;
  /** In business time, as deadlines are. */
  readonly overdue: number;
  readonly due: number;
}

/** Age, not count, is what alarms: how long the unluckiest customer has been waiting. */
@Injectable()
export class SubscriptionMetrics implements OnModuleInit {
  private reading?: Promise<Ages>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const gauge = (name: string, age: keyof Ages, help: string) => ageGauge(name, help, async () => (await this.ages())[age]);
    gauge('subscription_oldest_failed_seconds', 'failed', 'Age of the oldest set-up that has failed and needs an operator');
    gauge('subscription_oldest_setup_seconds', 'unfinished', 'Age of the oldest set-up between confirmation and access');
    gauge('subscription_oldest_unserved_seconds', 'unserved', 'Time since Microsoft began to bill the oldest subscription without access');
    gauge(
      'subscription_oldest_awaiting_approval_seconds',
      'unapproved',
      'Age of the oldest purchase that waits for an operator to approve it',
    );
    gauge('subscription_oldest_pending_request_seconds', 'requested', 'Age of the oldest change or cancellation of ours that is pending');
    gauge(
      'subscription_oldest_overdue_deadline_seconds',
      'overdue',
      'Time since the oldest deadline was over that Microsoft does not show as over',
    );
    gauge('subscription_oldest_due_milestone_seconds', 'due', 'For how long the oldest reminder of a deadline has been due');
  }

  /** A scrape asks for all of them at once, and one query answers it. */
  private ages(): Promise<Ages> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<Ages> {
    const [row] = await this.dataSource.query<[Ages]>(
      `select coalesce(extract(epoch from now() - min(changed_at) filter (where failure_reason is not null)), 0)::float8 as failed,
              coalesce(extract(epoch from now() - min(changed_at) filter (where stage in ('provisioning', 'activating'))), 0)::float8 as unfinished,
              coalesce(extract(epoch from now() - min(changed_at) filter (where stage = 'awaiting-approval')), 0)::float8 as unapproved,
              coalesce(extract(epoch from now() - min(${shownSubscribedAt}) filter (where status = 'Subscribed')), 0)::float8 as unserved,
              (select coalesce(extract(epoch from now() - min(requested_at)), 0)::float8
                 from subscription.change_requests where state = 'pending') as requested,
              ${sinceOldest('deadline_at')} as overdue, ${sinceOldest('next_milestone_at')} as due
         from subscription.subscriptions s where stage <> 'done' and status <> 'Unsubscribed'`,
      [this.clock.now().toISOString()],
    );
    return row;
  }
}

/** 0 while the oldest is still to come. */
const sinceOldest = (column: string): string =>
  `(select greatest(coalesce(extract(epoch from $1::timestamptz - min(d.${column})), 0), 0)::float8 from subscription.subscriptions d)`;

/** Changes meanwhile make no subscription younger that is billed and has nothing to use: it counts from the first row of history that shows it Subscribed. */
const shownSubscribedAt = `(select min(t.recorded_at) from subscription.transitions t
                             where t.subscription_id = s.id and t."to" ->> 'status' = 'Subscribed')`;
