import { CatalogModule } from '@landfall/catalog';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { Module } from '@nestjs/common';
import { config } from './gateway.config';
import { DecisionRepository } from './decision/decision.repository';
import { DeliveryController } from './delivery/delivery.controller';
import { DeliveryReader } from './delivery/delivery.reader';
import { ErasureWorker } from './erasure/erasure.worker';
import { GatewayConsumer } from './gateway.consumer';
import { LandingController } from './landing/landing.controller';
import { AddressBudget } from './landing/address.budget';
import { LandingStore } from './landing/landing.store';
import { PageFilter } from './pages/page.filter';
import { PageRenderer } from './pages/page.renderer';
import { ProjectionRepository } from './projection/projection.repository';
import { PurchaseController } from './purchase/purchase.controller';
import { PurchaseMetrics } from './purchase/purchase.metrics';
import { PurchaseRepository } from './purchase/purchase.repository';
import { Registrations } from './registrations';
import { Retention } from './retention';
import { AttemptStore } from './signin/attempt.store';
import { SessionRepository } from './signin/session.repository';
import { Sessions } from './signin/sessions';
import { SigninController } from './signin/signin.controller';
import { SigninProvider } from './signin/signin.provider';
import { SignoutController } from './signin/signout.controller';
import { UsageRepository } from './usage/usage.repository';
import { WebhookVerifier } from './webhook/webhook.verifier';
import { WebhookController } from './webhook/webhook.controller';
import { HeldAnswers } from './webhook/webhook.hold';
import { WebhookInbox } from './webhook/webhook.inbox';
import { WebhookRepository } from './webhook/webhook.repository';

@Module({
  imports: [ServiceModule.for(config), MessagingModule.for('gateway', config), CatalogModule.for(config)],
  controllers: [
    LandingController,
    PurchaseController,
    SigninController,
    SignoutController,
    WebhookController,
    DeliveryController,
    GatewayConsumer,
    ErasureWorker,
  ],
  providers: [
    { provide: SigninProvider, useFactory: () => new SigninProvider(config.values) },
    ...[
      Registrations,
      AddressBudget,
      LandingStore,
      PurchaseMetrics,
      PurchaseRepository,
      ProjectionRepository,
      AttemptStore,
      SessionRepository,
      Sessions,
      PageRenderer,
      PageFilter,
      Retention,
      UsageRepository,
    ],
    ...[WebhookVerifier, WebhookInbox, HeldAnswers, WebhookRepository, DecisionRepository, DeliveryReader],
  ],
})
export class AppModule {}
