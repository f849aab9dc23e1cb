import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge, register as registry } from 'prom-client';
import { DataSource } from 'typeorm';

interface Ages {
  failed: number;
  unfinished: number;
  unserved: number;
}

/** Age, not count, is what alarms: how long the unluckiest customer has been waiting. */
@Injectable()
export class SubscriptionMetrics implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    const ages = () => this.ages();
    gauge(
      'subscription_oldest_failed_seconds',
      'Age of the oldest set-up that has failed and needs an operator',
      async () => (await ages()).failed,
    );
    gauge(
      'subscription_oldest_setup_seconds',
      'Age of the oldest set-up between confirmation and access',
      async () => (await ages()).unfinished,
    );
    gauge(
      'subscription_oldest_unserved_seconds',
      'Age of the oldest subscription that Microsoft bills and that has no access',
      async () => (await ages()).unserved,
    );
  }

  private async ages(): Promise<Ages> {
    const [row]: Ages[] = await this.dataSource.query(
      `select coalesce(extract(epoch from now() - min(changed_at) filter (where failure_reason is not null)), 0)::float8 as failed,
              coalesce(extract(epoch from now() - min(changed_at) filter (where stage in ('provisioning', 'activating'))), 0)::float8 as unfinished,
              coalesce(extract(epoch from now() - min(changed_at) filter (where status = 'Subscribed')), 0)::float8 as unserved
         from subscription.subscriptions where stage <> 'done' and status <> 'Unsubscribed'`,
    );
    return row!;
  }
}

function gauge(name: string, help: string, read: () => Promise<number>): void {
  if (registry.getSingleMetric(name)) return;
  new Gauge({
    name,
    help,
    async collect() {
      this.set(await read());
    },
  });
}
