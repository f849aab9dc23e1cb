import type { NamedContact } from '@landfall/contracts';
import { Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';

/** What Microsoft says of people leaves this service for subscription alone, which may read it. */
@Injectable()
export class ContactEncryption {
  constructor(private readonly keyring: Keyring) {}

  /** As a message carries it; null where nobody was named with an address. @throws KeyMissing */
  async encrypt(contacts: readonly NamedContact[]): Promise<string | null> {
    return contacts.length === 0 ? null : this.keyring.encryptFor('subscription', JSON.stringify(contacts));
  }
}
