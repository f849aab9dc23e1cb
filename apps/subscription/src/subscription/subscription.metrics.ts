import type { Stage } from '@landfall/contracts';
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
      `select ${age(oldest('changed_at', `failure_reason is not null and ${isInSetUp}`))} as failed,
              ${age(`least(${oldestIn('provisioning')}, ${oldestIn('activating')})`)} as unfinished,
              ${age(oldestIn('awaiting-approval'))} as unapproved,
              ${age(oldest('first_subscribed_at', `stage <> 'done' and status = 'Subscribed'`))} as unserved,
              ${age(`(select min(requested_at) from subscription.change_requests where state = 'pending')`)} as requested,
              ${sinceOldest('deadline_at')} as overdue, ${sinceOldest('next_milestone_at')} as due`,
      [this.clock.now().toISOString()],
    );
    return row;
  }
}

/** The first entry of an index tells it, however many subscriptions there are: each condition is that of an index. */
const oldest = (column: string, condition: string): string => `(select min(${column}) from subscription.subscriptions where ${condition})`;

const isInSetUp = `stage <> 'done' and status <> 'Unsubscribed'`;

const oldestIn = (stage: Stage): string => oldest('changed_at', `stage = '${stage}' and ${isInSetUp}`);

const age = (since: string): string => `coalesce(extract(epoch from now() - ${since}), 0)::float8`;

/** 0 while the oldest is still to come. */
const sinceOldest = (column: string): string =>
  `greatest(coalesce(extract(epoch from $1::timestamptz - ${oldest(column, `${column} is not null`)}), 0), 0)::float8`;
