import { Injectable } from '@nestjs/common';
import type { DataOf, purchaseConfirmed } from '@landfall/contracts';
import { Keyring } from '@landfall/service-defaults';
import type { EncryptedContact } from './contact';

/** Turns a contact that was encrypted for this service into the value of its own encrypted column. It is readable here for a moment and nowhere else. */
@Injectable()
export class ContactVault {
  constructor(private readonly keyring: Keyring) {}

  /** Throws where we lack the key that the contact was encrypted for: the message then waits until the key is back, and nothing is lost. */
  async take({ person, encryptedContact, confirmedAt }: DataOf<typeof purchaseConfirmed>): Promise<EncryptedContact | null> {
    if (!encryptedContact) return null;
    const encrypted = await this.keyring.encryptColumn(await this.keyring.decryptReceived(encryptedContact));
    return { role: 'customer', person, encrypted, givenAt: confirmedAt };
  }
}
