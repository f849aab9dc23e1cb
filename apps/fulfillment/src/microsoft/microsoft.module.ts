import { Module, type OnModuleDestroy } from '@nestjs/common';
import { MarketplaceClient } from '@landfall/marketplace-client';
import { config, type FulfillmentConfig } from '../fulfillment.config';
import { CallLedger } from './call.ledger';
import { credentialOf } from './credential';
import { LEDGER_RETENTION_MS, LedgerCleaner } from './ledger.cleaner';
import { MicrosoftClient } from './microsoft.client';
import { MicrosoftLooks } from './microsoft.looks';
import { ReadNumbers } from './read.numbers';

/** Access to Microsoft: the client, and the ledger of its calls. */
@Module({
  providers: [
    CallLedger,
    LedgerCleaner,
    MicrosoftClient,
    MicrosoftLooks,
    ReadNumbers,
    { provide: LEDGER_RETENTION_MS, useFactory: () => config.values.CALL_LEDGER_RETENTION },
    { provide: MarketplaceClient, inject: [CallLedger], useFactory: (ledger: CallLedger) => marketplaceClient(config.values, ledger) },
  ],
  exports: [MicrosoftClient, MicrosoftLooks, CallLedger],
})
export class MicrosoftModule implements OnModuleDestroy {
  constructor(private readonly marketplace: MarketplaceClient) {}

  async onModuleDestroy(): Promise<void> {
    await this.marketplace.close();
  }
}

function marketplaceClient(values: FulfillmentConfig, ledger: CallLedger): MarketplaceClient {
  return new MarketplaceClient({
    apiUrl: values.MARKETPLACE_API_URL,
    appId: values.MARKETPLACE_APP_ID,
    authorityUrl: values.ENTRA_AUTHORITY_URL,
    tenantId: values.PUBLISHER_TENANT_ID,
    clientId: values.PUBLISHER_CLIENT_ID,
    credential: credentialOf(values),
    linkHosts: values.MARKETPLACE_LINK_HOSTS,
    maxConcurrent: values.MARKETPLACE_CONCURRENCY,
    onCall: (call) => ledger.record(call),
  });
}
