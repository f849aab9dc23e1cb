import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EventPublisher } from './event.publisher';
import { MarketplaceApi } from './marketplace.api';
import { config } from './naive.config';
import { ProcessedOperation } from './processed-operation.entity';
import { Subscription } from './subscription.entity';
import { SubscriptionService } from './subscription.service';
import { WebhookController } from './webhook.controller';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: config.databaseUrl,
      entities: [Subscription, ProcessedOperation],
      synchronize: true,
      poolSize: 32,
    }),
  ],
  controllers: [WebhookController],
  providers: [MarketplaceApi, SubscriptionService, EventPublisher],
})
export class NaiveModule {}
