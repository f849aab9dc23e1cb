import type { Person } from '@landfall/contracts';

/** `customer`: who confirmed the purchase and gave the data by the form. The others are named by Microsoft. */
export type ContactRole = 'customer' | 'beneficiary' | 'purchaser';

/** Contact data of a subscription, encrypted for a column of this service. Decisions pass it on unread. */
export interface EncryptedContact {
  readonly role: ContactRole;
  readonly person: Person;
  readonly encrypted: string;
  /** When the person gave it; null where they did not, but Microsoft did. What was given before an erasure is not kept after it. */
  readonly givenAt: string | null;
}
