import type { MarketplaceClient } from '@landfall/marketplace-client';
import type { Registration } from './credential';
import { RegistrationNotConfigured } from './registration.errors';

/** The calls to Microsoft that this service makes. */
export type MarketplaceApi = Pick<
  MarketplaceClient,
  | 'listPage'
  | 'resolve'
  | 'activate'
  | 'cancel'
  | 'changePlan'
  | 'changeQuantity'
  | 'getSubscription'
  | 'listAvailablePlans'
  | 'listOperations'
  | 'getOperation'
  | 'patchOperation'
  | 'reportUsage'
  | 'listUsage'
>;
type Client = MarketplaceApi & Pick<MarketplaceClient, 'close'>;

/** A registration with what its self-check needs. */
export interface CheckedRegistration extends Omit<Registration, 'credential'> {
  readonly marketplace: Pick<MarketplaceClient, 'tokenClaims' | 'listSubscriptions'>;
}

/** One client for each registration, with tokens, slots and breaker of its own: one that is shut out, or used up, holds up no other. */
export class RegistrationClients {
  constructor(
    private readonly clients: ReadonlyMap<string, Client>,
    /** Those whose configuration is looked at. */
    readonly checked: readonly CheckedRegistration[] = [],
  ) {}

  /** Where there is no other, a subscription can belong to none but this one. */
  get only(): string | undefined {
    return this.clients.size === 1 ? [...this.clients.keys()][0] : undefined;
  }

  /** In the order of the settings. */
  get names(): string[] {
    return [...this.clients.keys()];
  }

  /** @throws MarketplaceForbidden where the settings do not name it (any more) */
  of(name: string): MarketplaceApi {
    const client = this.clients.get(name);
    if (!client) throw new RegistrationNotConfigured(name);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
  }
}
