import { CatalogModule } from '@landfall/catalog';
import { Module } from '@nestjs/common';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { OperationRepository } from './operation/operation.repository';
import { ContactVault } from './purchase/contact.vault';
import { config } from './subscription.config';
import { SubscriptionConsumer } from './subscription.consumer';
import { SubscriptionController } from './subscription/subscription.controller';
import { COPY_LAG } from './subscription/copy-lag';
import { SubscriptionMetrics } from './subscription/subscription.metrics';
import { SubscriptionReader } from './subscription/subscription.reader';
import { SubscriptionRepository } from './subscription/subscription.repository';

@Module({
  imports: [ServiceModule.for(config), CatalogModule.for(config), MessagingModule.for('subscription', config)],
  controllers: [SubscriptionConsumer, SubscriptionController],
  providers: [
    { provide: COPY_LAG, useFactory: () => config.values.COPY_LAG },
    ContactVault,
    OperationRepository,
    SubscriptionMetrics,
    SubscriptionReader,
    SubscriptionRepository,
  ],
})
export class AppModule {}
