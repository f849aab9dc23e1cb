import { Module, type OnModuleDestroy } from '@nestjs/common';
import { MarketplaceClient, type PublisherCredential } from '@landfall/marketplace-client';
import { ConfigurationInvalid } from '@landfall/service-defaults';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { config, type FulfillmentConfig } from '../fulfillment.config';
import { CallLedger } from './call.ledger';
import { LedgerCleaner } from './ledger.cleaner';
import { MicrosoftClient } from './microsoft.client';
import { LEDGER_RETENTION_MS } from './microsoft.tokens';

/** The door to Microsoft: the client, and the ledger of what went through it. */
@Module({
  providers: [
    CallLedger,
    LedgerCleaner,
    MicrosoftClient,
    { provide: LEDGER_RETENTION_MS, useFactory: () => config.values.CALL_LEDGER_RETENTION },
    { provide: MarketplaceClient, inject: [CallLedger], useFactory: (ledger: CallLedger) => marketplaceClient(config.values, ledger) },
  ],
  exports: [MicrosoftClient, CallLedger],
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

/** Exactly one way of signing in, so that nobody believes a secret to be unused that is not. @throws ConfigurationInvalid */
export function credentialOf(
  values: Pick<FulfillmentConfig, 'PUBLISHER_CLIENT_SECRET' | 'PUBLISHER_CERTIFICATE_FILE' | 'PUBLISHER_FEDERATED_TOKEN_FILE'>,
): PublisherCredential {
  const { PUBLISHER_CLIENT_SECRET: secret, PUBLISHER_CERTIFICATE_FILE: certificate, PUBLISHER_FEDERATED_TOKEN_FILE: token } = values;
  const given = [secret, certificate, token].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new ConfigurationInvalid('fulfillment', [
      `Of PUBLISHER_CLIENT_SECRET, PUBLISHER_CERTIFICATE_FILE and PUBLISHER_FEDERATED_TOKEN_FILE exactly one must be set, not ${given.length}`,
    ]);
  }
  if (secret !== undefined) return { secret };
  if (token !== undefined) return { federatedToken: () => readFile(token, 'utf8') };
  try {
    return { certificate: { pem: readFileSync(certificate!, 'utf8') } };
  } catch (error) {
    throw new ConfigurationInvalid('fulfillment', [`PUBLISHER_CERTIFICATE_FILE can't be read: ${(error as Error).message}`]);
  }
}
