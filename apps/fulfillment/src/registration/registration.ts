import type { PublisherCredential } from '@landfall/marketplace-client';

/** What Partner Center holds for one publisher account, as its calls need it. */
export interface Registration {
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: PublisherCredential;
}

/** Which subscription Microsoft is asked about. */
export interface Subject {
  readonly subscriptionId: string;
  /** To whose address the webhook came that leads to the question; absent where another service asks. */
  readonly registration?: string;
}
