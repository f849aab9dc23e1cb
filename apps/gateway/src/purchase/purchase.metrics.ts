import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge, register } from 'prom-client';
import { DataSource } from 'typeorm';

const OLDEST_OPENING = 'gateway_oldest_opening_seconds';

/** Age, not count, is what alarms: how long the unluckiest customer has been looking at a page that waits for Microsoft. */
@Injectable()
export class PurchaseMetrics implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    if (register.getSingleMetric(OLDEST_OPENING)) return;
    const oldest = () => this.oldestOpening();
    new Gauge({
      name: OLDEST_OPENING,
      help: 'Age of the oldest purchase of the last day that is neither registered nor unresolved',
      async collect() {
        this.set(await oldest());
      },
    });
  }

  private async oldestOpening(): Promise<number> {
    const [row] = await this.dataSource.query<{ seconds: number }[]>(
      `select coalesce(extract(epoch from now() - min(opened_at)), 0)::float8 as seconds from gateway.purchases
        where subscription_id is null and unresolved_reason is null and opened_at > now() - interval '1 day'`,
    );
    return row?.seconds ?? 0;
  }
}
