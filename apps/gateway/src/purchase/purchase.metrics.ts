import { ageGauge } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Age, not count, is what alarms: how long the unluckiest customer has been looking at a page that waits for Microsoft. */
@Injectable()
export class PurchaseMetrics implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    const help = 'Age of the oldest purchase of the last day that is neither registered nor unresolved';
    ageGauge('gateway_oldest_opening_seconds', help, () => this.oldestOpening());
    const setup = 'Age of the oldest confirmation of a purchase that is neither active nor waits for an approval, nor was rejected';
    ageGauge('gateway_oldest_setup_seconds', setup, () => this.oldestSetup());
  }

  private async oldestSetup(): Promise<number> {
    const [row] = await this.dataSource.query<[{ age: number }]>(
      `select coalesce(extract(epoch from now() - min(confirmed_at)), 0)::float8 as age from gateway.subscription_projections
        where access = 'none' and confirmed_at is not null and stage not in ('awaiting-approval', 'rejected')`,
    );
    return row.age;
  }

  private async oldestOpening(): Promise<number> {
    const [row] = await this.dataSource.query<[{ age: number }]>(
      `select coalesce(extract(epoch from now() - min(opened_at)), 0)::float8 as age from gateway.purchases
        where subscription_id is null and unresolved_reason is null and opened_at > now() - interval '1 day'`,
    );
    return row.age;
  }
}
