import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { Module } from '@nestjs/common';
import { ErasureWorker } from './erasure/erasure.worker';
import { config } from './provisioning.config';
import { ProvisioningTerms } from './provisioning.terms';
import { ReminderWorker } from './reminder/reminder.worker';
import { TenantConsumer } from './tenant/tenant.consumer';
import { TenantMetrics } from './tenant/tenant.metrics';
import { TenantRepository } from './tenant/tenant.repository';

@Module({
  imports: [ServiceModule.for(config), MessagingModule.for('provisioning', config)],
  controllers: [TenantConsumer, ReminderWorker, ErasureWorker],
  providers: [TenantRepository, ProvisioningTerms, TenantMetrics],
})
export class AppModule {}
