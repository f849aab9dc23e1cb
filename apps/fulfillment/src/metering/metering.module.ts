import { Module } from '@nestjs/common';
import { MicrosoftModule } from '../microsoft/microsoft.module';
import { MeteringCleaner } from './metering.cleaner';
import { MeteringClient } from './metering.client';
import { MeteringConsumer } from './metering.consumer';
import { MeteringMetrics } from './metering.metrics';
import { ReadingWorker } from './reading/reading.worker';
import { RecordedRepository } from './recorded/recorded.repository';
import { RecordedWorker } from './recorded/recorded.worker';
import { BatchRepository } from './report/batch.repository';
import { ReportWorker } from './report/report.worker';

/** Usage at Microsoft: reports it, and reads what it has recorded and what it bills. What is reported is billing's matter. */
@Module({
  imports: [MicrosoftModule],
  controllers: [MeteringConsumer, ReadingWorker, RecordedWorker, ReportWorker],
  providers: [BatchRepository, MeteringCleaner, MeteringClient, MeteringMetrics, RecordedRepository],
})
export class MeteringModule {}
