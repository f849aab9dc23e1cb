import { ageGauge } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

type Alarming = 'requested' | 'releasing' | 'failed' | 'unreleased';

/** Age, not count, is what alarms: how long the product, or an operator, has owed an answer. */
@Injectable()
export class TenantMetrics implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    const gauge = (name: string, state: Alarming, help: string) => ageGauge(name, help, () => this.oldest(state));
    gauge('provisioning_oldest_request_seconds', 'requested', 'Age of the oldest tenant that a product was asked for');
    gauge('provisioning_oldest_release_seconds', 'releasing', 'Age of the oldest tenant that a product was asked to take back');
    gauge('provisioning_oldest_failed_seconds', 'failed', 'Age of the oldest tenant that could not be made: an operator is needed');
    gauge(
      'provisioning_oldest_unreleased_seconds',
      'unreleased',
      'Age of the oldest tenant that was not given back: an operator is needed',
    );
  }

  private async oldest(state: Alarming): Promise<number> {
    const [row] = await this.dataSource.query<[{ age: number }]>(
      `select greatest(extract(epoch from now() - min(coalesce(waiting_since, updated_at))), 0)::float8 as age
         from provisioning.tenants where state = $1 and state in ('requested', 'releasing', 'failed', 'unreleased')`,
      [state],
    );
    return row.age;
  }
}
