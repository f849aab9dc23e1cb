import { ageGauge } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface Ages {
  readonly failed: number;
  readonly unfinished: number;
  readonly unserved: number;
}

/** Age, not count, is what alarms: how long the unluckiest customer has been waiting. */
@Injectable()
export class SubscriptionMetrics implements OnModuleInit {
  private reading?: Promise<Ages>;

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    const gauge = (name: string, age: keyof Ages, help: string) => ageGauge(name, help, async () => (await this.ages())[age]);
    gauge('subscription_oldest_failed_seconds', 'failed', 'Age of the oldest set-up that has failed and needs an operator');
    gauge('subscription_oldest_setup_seconds', 'unfinished', 'Age of the oldest set-up between confirmation and access');
    gauge('subscription_oldest_unserved_seconds', 'unserved', 'Age of the oldest subscription that Microsoft bills and that has no access');
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
              coalesce(extract(epoch from now() - min(changed_at) filter (where status = 'Subscribed')), 0)::float8 as unserved
         from subscription.subscriptions where stage <> 'done' and status <> 'Unsubscribed'`,
    );
    return row;
  }
}
