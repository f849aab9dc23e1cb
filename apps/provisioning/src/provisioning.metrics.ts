import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge, register } from 'prom-client';
import { DataSource } from 'typeorm';

/** Age, not count, is what alarms: how long the product, or an operator, has owed an answer. */
const ages = {
  provisioning_oldest_request_seconds: { state: 'requested', help: 'Age of the oldest tenant that a product was asked for' },
  provisioning_oldest_release_seconds: { state: 'releasing', help: 'Age of the oldest tenant that a product was asked to take back' },
  provisioning_oldest_failed_seconds: { state: 'failed', help: 'Age of the oldest tenant that could not be made: an operator is needed' },
  provisioning_oldest_unreleased_seconds: {
    state: 'unreleased',
    help: 'Age of the oldest tenant that was not given back: an operator is needed',
  },
} as const;

@Injectable()
export class ProvisioningMetrics implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    for (const [name, { state, help }] of Object.entries(ages)) {
      if (register.getSingleMetric(name)) continue; // several applications in one process: specs
      const age = () => this.oldest(state);
      new Gauge({
        name,
        help,
        async collect() {
          this.set(await age());
        },
      });
    }
  }

  private async oldest(state: string): Promise<number> {
    const [row] = await this.dataSource.query<[{ age: number }]>(
      `select greatest(extract(epoch from now() - min(coalesce(waiting_since, updated_at))), 0)::float8 as age
         from provisioning.tenants where state = $1 and state in ('requested', 'releasing', 'failed', 'unreleased')`,
      [state],
    );
    return row.age;
  }
}
