import { Module } from '@nestjs/common';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { ContactVault } from './purchase/contact.vault';
import { config } from './subscription.config';
import { SubscriptionConsumer } from './subscription.consumer';
import { SubscriptionController } from './subscription/subscription.controller';
import { SubscriptionMetrics } from './subscription/subscription.metrics';
import { SubscriptionReader } from './subscription/subscription.reader';
import { SubscriptionRepository } from './subscription/subscription.repository';

@Module({
  imports: [ServiceModule.for(config), MessagingModule.for('subscription', config)],
  controllers: [SubscriptionConsumer, SubscriptionController],
  providers: [ContactVault, SubscriptionMetrics, SubscriptionReader, SubscriptionRepository],
})
export class AppModule {}
