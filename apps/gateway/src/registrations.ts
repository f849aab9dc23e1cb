import { DEFAULT_REGISTRATION } from '@landfall/contracts';
import { Injectable } from '@nestjs/common';
import { config, type GatewayValues } from './gateway.config';

/** What the gateway knows of a registration in Partner Center (contract 1.1): who may call its webhook. Its credentials are fulfillment's. */
export interface KnownRegistration {
  readonly name: string;
  /** Lower case. */
  readonly tenantId: string;
  /** What tokens of its webhooks are made for (contract 2.3). */
  readonly audience: string;
}

/** The registrations that this installation serves, each with a landing page and a webhook at an address of its own. */
@Injectable()
export class Registrations {
  private readonly byName = new Map(knownRegistrations(config.values).map((registration) => [registration.name, registration]));

  /** The registration that an address names; an address without a name is the default one's. Undefined where it is not set up here. */
  find(name: string | undefined): KnownRegistration | undefined {
    return this.byName.get(name || DEFAULT_REGISTRATION);
  }

  all(): KnownRegistration[] {
    return [...this.byName.values()];
  }
}

function knownRegistrations({
  PUBLISHER_TENANT_ID,
  PUBLISHER_CLIENT_ID,
  WEBHOOK_AUDIENCE,
  REGISTRATIONS,
}: GatewayValues): KnownRegistration[] {
  const listed = REGISTRATIONS.map(({ name, tenantId, clientId, webhookAudience }) => ({
    name,
    tenantId,
    audience: webhookAudience ?? clientId,
  }));
  if (!PUBLISHER_TENANT_ID || !PUBLISHER_CLIENT_ID) return listed;
  return [{ name: DEFAULT_REGISTRATION, tenantId: PUBLISHER_TENANT_ID, audience: WEBHOOK_AUDIENCE ?? PUBLISHER_CLIENT_ID }, ...listed];
}
