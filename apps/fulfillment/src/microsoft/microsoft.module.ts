import { Module, type OnModuleDestroy } from '@nestjs/common';
import { MarketplaceClient } from '@landfall/marketplace-client';
import { config, type FulfillmentConfig } from '../fulfillment.config';
import { registrationsOf } from '../registration/credential';
import { RegistrationAccess } from '../registration/registration.access';
import { RegistrationClients } from '../registration/registration.clients';
import { RegistrationHealth } from '../registration/registration.health';
import { beginOtherRegistrationsAtZero } from '../registration/registration.metrics';
import { RegistrationRepository } from '../registration/registration.repository';
import { SelfCheck } from '../self-check/self.check';
import { CallLedger } from './call.ledger';
import { LEDGER_RETENTION_MS, LedgerCleaner } from './ledger.cleaner';
import { MicrosoftClient } from './microsoft.client';
import { MicrosoftLooks } from './microsoft.looks';
import { beginRegistrationsAtZero } from './microsoft.metrics';
import { ReadNumbers } from './read.numbers';

/** Access to Microsoft: a client for each registration, and the ledger of their calls. */
@Module({
  providers: [
    CallLedger,
    LedgerCleaner,
    MicrosoftClient,
    MicrosoftLooks,
    ReadNumbers,
    RegistrationAccess,
    RegistrationRepository,
    SelfCheck,
    { provide: LEDGER_RETENTION_MS, useFactory: () => config.values.CALL_LEDGER_RETENTION },
    { provide: RegistrationClients, inject: [CallLedger], useFactory: (ledger: CallLedger) => clientsOf(config.values, ledger) },
  ],
  exports: [MicrosoftClient, MicrosoftLooks, CallLedger, RegistrationAccess, RegistrationClients],
})
export class MicrosoftModule implements OnModuleDestroy {
  constructor(private readonly clients: RegistrationClients) {}

  async onModuleDestroy(): Promise<void> {
    await this.clients.close();
  }
}

function clientsOf(values: FulfillmentConfig, ledger: CallLedger): RegistrationClients {
  const registrations = registrationsOf(values);
  const names = registrations.map(({ name }) => name);
  beginRegistrationsAtZero(names);
  beginOtherRegistrationsAtZero(names);
  const health = new RegistrationHealth();
  const clients = registrations.map(({ name, lifetime: _lifetime, ...registration }) => {
    const client = new MarketplaceClient({
      ...registration,
      apiUrl: values.MARKETPLACE_API_URL,
      meteringUrl: values.METERING_API_URL,
      appId: values.MARKETPLACE_APP_ID,
      authorityUrl: values.ENTRA_AUTHORITY_URL,
      linkHosts: values.MARKETPLACE_LINK_HOSTS,
      maxConcurrent: values.MARKETPLACE_CONCURRENCY,
      onCall: (call) => ledger.record({ ...call, registration: name }),
      onBreaker: (change) => health.changed(name, change),
      onRefusedLink: (link) => health.linkRefused(name, link),
    });
    health.watch(name, client);
    return [name, client] as const;
  });
  const byName = new Map(clients);
  const checked = registrations.map(({ credential: _credential, ...registration }) => ({
    ...registration,
    marketplace: byName.get(registration.name)!,
  }));
  return new RegistrationClients(byName, checked);
}
