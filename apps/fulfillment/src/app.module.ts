import { Module } from '@nestjs/common';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { ActivationWorker } from './activation/activation.worker';
import { CommandsConsumer } from './commands.consumer';
import { DecisionsConsumer } from './decisions.consumer';
import { config } from './fulfillment.config';
import { GatewayEventsConsumer } from './gateway-events.consumer';
import { MicrosoftModule } from './microsoft/microsoft.module';
import { OperationRepository } from './operation/operation.repository';
import { SettlementWorker } from './operation/settlement.worker';
import { WebhookFacts } from './operation/webhook.facts';
import { PurchaseWorker } from './purchase/purchase.worker';

@Module({
  imports: [ServiceModule.for(config), MessagingModule.for('fulfillment', config), MicrosoftModule],
  controllers: [GatewayEventsConsumer, DecisionsConsumer, CommandsConsumer, PurchaseWorker, ActivationWorker, SettlementWorker],
  providers: [OperationRepository, WebhookFacts],
})
export class AppModule {}
