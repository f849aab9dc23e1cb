import { cause, member } from '@landfall/contracts';
import { ageGauge, counter, countGauge } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

export const driftsFound = counter(
  'subscription_drifts_total',
  'Differences between the record and Microsoft that nothing had told us of, by member and the cause that is told',
  { member: [...member.options, 'subscription'], cause: cause.shape.source.options },
);

/** A scrape counts no further. */
const counted = 10_000;

/** Age is what alarms: for how long the record and Microsoft have differed. */
@Injectable()
export class DriftMetrics implements OnModuleInit {
  constructor(private readonly database: DataSource) {}

  onModuleInit(): void {
    ageGauge('subscription_oldest_open_drift_seconds', 'For how long the oldest drift that is not repaired has been known', () =>
      this.read(`coalesce(extract(epoch from now() - min(recorded_at)), 0)`),
    );
    countGauge('subscription_open_drifts', `Drifts that are not repaired, counted to ${counted}`, () => this.read('count(*)'));
  }

  private async read(value: string): Promise<number> {
    const [row] = await this.database.query<[{ value: number }]>(
      `select (${value})::float8 as value from (select recorded_at from subscription.drifts where state = 'open' order by recorded_at limit ${counted}) as oldest`,
    );
    return row.value;
  }
}
