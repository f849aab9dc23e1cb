import { CatalogModule } from '@landfall/catalog';
import { Module } from '@nestjs/common';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { OperationRepository } from './operation/operation.repository';
import { ApprovalController } from './purchase/approval.controller';
import { ContactVault } from './purchase/contact.vault';
import { PurchaseApproval } from './purchase/purchase.approval';
import { ChangeRequestController } from './request/change-request.controller';
import { ChangeRequests } from './request/change.requests';
import { RequestReader } from './request/request.reader';
import { RequestRepository } from './request/request.repository';
import { config } from './subscription.config';
import { SubscriptionConsumer } from './subscription.consumer';
import { SubscriptionController } from './subscription/subscription.controller';
import { COPY_LAG } from './subscription/copy-lag';
import { SubscriptionMetrics } from './subscription/subscription.metrics';
import { SubscriptionReader } from './subscription/subscription.reader';
import { SubscriptionRepository } from './subscription/subscription.repository';
import { ProductClient } from './veto/product.client';
import { VETO_LIMITS, vetoLimits } from './veto/veto.limits';
import { VetoWatch } from './veto/veto.watch';
import { VetoWorker } from './veto/veto.worker';

@Module({
  imports: [ServiceModule.for(config), CatalogModule.for(config), MessagingModule.for('subscription', config)],
  controllers: [SubscriptionConsumer, SubscriptionController, ApprovalController, ChangeRequestController, VetoWorker],
  providers: [
    { provide: COPY_LAG, useFactory: () => config.values.COPY_LAG },
    { provide: VETO_LIMITS, useValue: vetoLimits },
    ChangeRequests,
    ContactVault,
    OperationRepository,
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
