import { Module } from '@nestjs/common';
import { ContactEncryption } from '../contact/contact.encryption';
import { MicrosoftModule } from '../microsoft/microsoft.module';
import { DifferenceRepository } from './difference/difference.repository';
import { DifferenceWorker } from './difference/difference.worker';
import { ObservationRepository } from './observation.repository';
import { ReconciliationCleaner } from './reconciliation.cleaner';
import { ReconciliationConsumer } from './reconciliation.consumer';
import { ReconciliationActs } from './operators/reconciliation.acts';
import { ReconciliationController } from './operators/reconciliation.controller';
import { ReconciliationMetrics } from './reconciliation.metrics';
import { ReconciliationReader } from './operators/reconciliation.reader';
import { ReconciliationRepository } from './reconciliation.repository';
import { ReconciliationTimer } from './reconciliation.timer';
import { ReconciliationWorker } from './reconciliation.worker';
import { SubscriptionReads } from './subscription.reads';
import { SweepEnding } from './sweep.ending';

/** Finds out what we missed: compares the record with Microsoft's list, again and again. */
@Module({
  imports: [MicrosoftModule],
  controllers: [DifferenceWorker, ReconciliationConsumer, ReconciliationController, ReconciliationWorker],
  providers: [
    ContactEncryption,
    DifferenceRepository,
    ObservationRepository,
    ReconciliationActs,
    ReconciliationCleaner,
    ReconciliationMetrics,
    ReconciliationReader,
    ReconciliationRepository,
    ReconciliationTimer,
    SubscriptionReads,
    SweepEnding,
  ],
})
export class ReconciliationModule {}
