import { Injectable } from '@nestjs/common';
import { Overloaded } from '@landfall/messaging';
import type { Subject } from './subject';
import { askingFor, type Belonging } from './registration.domain';
import { RegistrationClients, type MarketplaceApi } from './registration.clients';
import { notAnnounced, OtherRegistration, RegistrationNotRead } from './registration.errors';
import { RegistrationRepository } from './registration.repository';

/** By which client Microsoft is asked about one subscription. */
export interface Access {
  readonly registration: string;
  readonly marketplace: MarketplaceApi;
  /** Whether it is on record already that the subscription belongs to it. */
  readonly isBound: boolean;
}

/** Finds the client for a subscription: that of its own registration, and never another's. */
@Injectable()
export class RegistrationAccess {
  constructor(
    private readonly clients: RegistrationClients,
    private readonly registrations: RegistrationRepository,
  ) {}

  /** For a purchase token, of which nobody knows yet what it stands for. @throws MarketplaceForbidden */
  through(registration: string): Access {
    return { registration, marketplace: this.clients.of(registration), isBound: false };
  }

  /**
   * Of a subscription that Microsoft has not shown yet, the registration is the one to whose address its webhook came.
   * @throws OtherRegistration, RegistrationNotRead, MarketplaceForbidden
   */
  async to({ subscriptionId, registration: announced }: Subject): Promise<Access> {
    const belonging = await this.belongingOf(subscriptionId);
    const asking = askingFor({ registration: announced }, belonging, this.clients.only ?? null);
    if (asking.kind === 'other') throw new OtherRegistration(subscriptionId, asking.announced, asking.boundTo);
    if (asking.kind === 'unknown') throw notAnnounced(subscriptionId);
    return { ...this.through(asking.registration), isBound: belonging.boundTo !== null };
  }

  /** Microsoft has shown the subscription through this access: from now on it belongs to that registration. @throws OtherRegistration */
  async bind(subscriptionId: string, { registration, isBound }: Access): Promise<void> {
    if (isBound) return;
    const boundTo = await this.registrations.bind(subscriptionId, registration);
    if (boundTo !== registration) throw new OtherRegistration(subscriptionId, registration, boundTo);
  }

  private async belongingOf(subscriptionId: string): Promise<Belonging> {
    try {
      return await this.registrations.belongingOf(subscriptionId);
    } catch (error) {
      throw error instanceof Overloaded ? new RegistrationNotRead(error) : error;
    }
  }
}
