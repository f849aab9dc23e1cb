import { Module } from '@nestjs/common';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { ActivationWorker } from './activation/activation.worker';
import { CancellationWorker } from './cancellation/cancellation.worker';
import { ChangeWorker } from './change/change.worker';
import { ContactEncryption } from './contact/contact.encryption';
import { ErasureWorker } from './erasure/erasure.worker';
import { config } from './fulfillment.config';
import { FulfillmentConsumer } from './fulfillment.consumer';
import { CallController } from './ledger/call.controller';
import { CallReader } from './ledger/call.reader';
import { MeteringModule } from './metering/metering.module';
import { MicrosoftModule } from './microsoft/microsoft.module';
import { ReadWorker } from './observation/read.worker';
import { OperationLooks } from './operation/operation.looks';
import { OperationRepository } from './operation/operation.repository';
import { OperationWorker } from './operation/operation.worker';
import { PurchaseWorker } from './purchase/purchase.worker';
import { ReconciliationModule } from './reconciliation/reconciliation.module';

@Module({
  imports: [ServiceModule.for(config), MessagingModule.for('fulfillment', config), MicrosoftModule, MeteringModule, ReconciliationModule],
  controllers: [
    FulfillmentConsumer,
    PurchaseWorker,
    ActivationWorker,
    CancellationWorker,
    ChangeWorker,
    OperationWorker,
    ReadWorker,
    ErasureWorker,
    CallController,
  ],
  providers: [OperationRepository, OperationLooks, CallReader, ContactEncryption],
})
export class AppModule {}
