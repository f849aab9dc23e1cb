import { Injectable, Logger } from '@nestjs/common';
import { namedContact, type DataOf, type purchaseConfirmed } from '@landfall/contracts';
import { Keyring } from '@landfall/service-defaults';
import type { EncryptedContact } from './contact';

/** Turns a contact that was encrypted for this service into the value of its own encrypted column. It is readable here for a moment and nowhere else. */
@Injectable()
export class ContactVault {
  private readonly logger = new Logger(ContactVault.name);

  constructor(private readonly keyring: Keyring) {}

  /** Throws where we lack the key that the contact was encrypted for: the message then waits until the key is back, and nothing is lost. */
  async take({ person, encryptedContact, confirmedAt }: DataOf<typeof purchaseConfirmed>): Promise<EncryptedContact | null> {
    if (!encryptedContact) return null;
    const encrypted = await this.keyring.encryptColumn(await this.keyring.decryptReceived(encryptedContact));
    return { role: 'customer', person, encrypted, givenAt: confirmedAt };
  }

  /** Whom Microsoft names. Where it can't be opened it is done without: what the same message says of the subscription must not wait for it, and they are named again each day. */
  async takeNamed({ encryptedContacts }: { readonly encryptedContacts?: string | null | undefined }): Promise<readonly EncryptedContact[]> {
    if (!encryptedContacts) return [];
    try {
      const named = namedContact.array().parse(JSON.parse(await this.keyring.decryptReceived(encryptedContacts)));
      return await Promise.all(
        named.map(async ({ role, person, email }) => ({ role, person, encrypted: await this.encrypted({ email }), givenAt: null })),
      );
    } catch (error) {
      this.logger.error(
        { err: error },
        'the addresses that Microsoft names cannot be read, and are not kept: once KEYRING_FILE has their key again, the next sweep that reads everything brings them',
      );
      return [];
    }
  }

  private encrypted(contact: object): Promise<string> {
    return this.keyring.encryptColumn(JSON.stringify(contact));
  }
}
