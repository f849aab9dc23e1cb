import { usageStatus } from '@landfall/contracts';
import { ageGauge, counter } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** `none`: never answered although attempts went out. `unsent`: none of them can have reached Microsoft. */
export const usageResults = counter('metering_results_total', 'Usage events whose batch has ended, by what Microsoft said of them', {
  status: [...usageStatus.options, 'none', 'unsent'],
});

/** Alarmed where it goes on: each may have reached Microsoft. */
export const unansweredReports = counter(
  'metering_unanswered_attempts_total',
  'Usage events in attempts that Microsoft did not answer, or about which its answer said nothing',
);

/** Alarmed where it goes on: usage waits, and its time runs. */
export const reportsShutOut = counter(
  'metering_reports_shut_out_total',
  'Calls that report usage and were refused as a whole without a fault of an event: 401, 403, 404',
);

/** How long the oldest batch has been on its way. */
@Injectable()
export class MeteringMetrics implements OnModuleInit {
  constructor(private readonly database: DataSource) {}

  onModuleInit(): void {
    ageGauge('metering_oldest_open_batch_seconds', 'Age of the oldest batch of usage events that has not ended', async () => {
      const [row] = await this.database.query<[{ seconds: number }]>(
        `select coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as seconds
           from fulfillment.usage_batches where answered_at is null`,
      );
      return row.seconds;
    });
  }
}
