import { CatalogModule } from '@landfall/catalog';
import { Module } from '@nestjs/common';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { ContactController } from './contact/contact.controller';
import { ContactRepository } from './contact/contact.repository';
import { ContactVault } from './contact/contact.vault';
import { ErasureWorker } from './contact/erasure.worker';
import { PersonalData } from './contact/personal.data';
import { DeadlineRepository } from './deadline/deadline.repository';
import { DeadlineWatch } from './deadline/deadline.watch';
import { DriftController } from './drift/drift.controller';
import { DriftMetrics } from './drift/drift.metrics';
import { DriftReader } from './drift/drift.reader';
import { DriftRepository } from './drift/drift.repository';
import { DriftReads } from './drift/drift.reads';
import { DriftWatch } from './drift/drift.watch';
import { HistoryController } from './history/history.controller';
import { HistoryReader } from './history/history.reader';
import { HistoryRepository } from './history/history.repository';
import { OperationRepository } from './operation/operation.repository';
import { ApprovalController } from './purchase/approval.controller';
import { PurchaseApproval } from './purchase/purchase.approval';
import { ChangeRequestController } from './request/change-request.controller';
import { ChangeRequests } from './request/change.requests';
import { RequestReader } from './request/request.reader';
import { RequestRepository } from './request/request.repository';
import { NightlySnapshots } from './snapshot/nightly.snapshots';
import { config } from './subscription.config';
import { SubscriptionConsumer } from './subscription.consumer';
import { SubscriptionController } from './subscription/subscription.controller';
import { SubscriptionMetrics } from './subscription/subscription.metrics';
import { SubscriptionReader } from './subscription/subscription.reader';
import { COPY_LAG, SubscriptionRepository } from './subscription/subscription.repository';
import { ProductClient } from './veto/product.client';
import { VETO_LIMITS, vetoLimits } from './veto/veto.limits';
import { VetoWatch } from './veto/veto.watch';
import { VetoWorker } from './veto/veto.worker';

@Module({
  imports: [ServiceModule.for(config), CatalogModule.for(config), MessagingModule.for('subscription', config)],
  controllers: [
    SubscriptionConsumer,
    SubscriptionController,
    HistoryController,
    ContactController,
    ApprovalController,
    ChangeRequestController,
    DriftController,
    VetoWorker,
    ErasureWorker,
  ],
  providers: [
    { provide: COPY_LAG, useFactory: () => config.values.COPY_LAG },
    { provide: VETO_LIMITS, useValue: vetoLimits },
    ChangeRequests,
    ContactRepository,
    ContactVault,
    DeadlineRepository,
    DeadlineWatch,
    DriftMetrics,
    DriftReader,
    DriftRepository,
    DriftReads,
    DriftWatch,
    HistoryReader,
    HistoryRepository,
    NightlySnapshots,
    OperationRepository,
    PersonalData,
    ProductClient,
    PurchaseApproval,
    RequestReader,
    RequestRepository,
    SubscriptionMetrics,
    SubscriptionReader,
    SubscriptionRepository,
    VetoWatch,
  ],
})
export class AppModule {}
