import type { OfferInput } from './offers/offer.input';
import type { ControlClient } from './client/control.client';
import type { Settings } from './settings/settings';

export interface EmulatorOptions {
  /** 0, the default: any free port. */
  port?: number;
  /** Address to listen on; loopback by default. */
  host?: string;
  /** Where state is kept from one start to the next. Without it everything is forgotten at the end. */
  dataDir?: string;
  landingUrl?: string;
  webhookUrl?: string;
  /** Further settings to start with. */
  settings?: Partial<Settings>;
  /** What is sold, in the place of the built-in offers. */
  offers?: OfferInput[];
  /** How others reach this server, where that is not `http://127.0.0.1:<port>`, and the second name that links and v1 issuers use. */
  publicUrl?: string;
  secondUrl?: string;
  /**
   * Single addresses in the place of those that are derived from the two: of the API and of the API in links, both ending in `/api`, of
   * the authority, and of the issuer of v1 tokens up to the tenant.
   */
  apiUrl?: string;
  linkUrl?: string;
  authorityUrl?: string;
  issuerV1Url?: string;
  /** The publisher's identity, where it is not to be the built-in one with secrets made at the first start. */
  tenantId?: string;
  clientId?: string;
  clientSecret?: string;
  /** A certificate of the application in PEM, for assertions instead of the secret. */
  clientCertificate?: string;
  /** False: no offer is published to preview yet, so that the API refuses every call (contract 2.1). */
  publishedToPreview?: boolean;
  signinClientId?: string;
  signinClientSecret?: string;
  operatorsAudience?: string;
  operatorsClientId?: string;
  operatorsClientSecret?: string;
  operatorsRoles?: string[];
}

/** All that a publisher system needs to be configured with. */
export interface EmulatorDetails {
  /** Ends in `/api`. */
  apiUrl: string;
  authorityUrl: string;
  /** Ends in `/control`. */
  controlUrl: string;
  storeUrl: string;
  /** `host:port` of the API, and of the API in links: `@nextLink` and `Operation-Location` lead to the second. */
  linkHosts: string[];
  tenantId: string;
  clientId: string;
  clientSecret: string;
  signinClientId: string;
  signinClientSecret: string;
  /** Issuer of operators' tokens; discovery is below it. */
  operatorsAuthorityUrl: string;
  operatorsAudience: string;
  operatorsClientId: string;
  operatorsClientSecret: string;
  /** The first offer priced per seat, and the first one with metered dimensions. Null where there is none. */
  perSeatOfferId: string | null;
  meteredOfferId: string | null;
}

export interface RunningEmulator extends EmulatorDetails {
  /** The control API, for tests. */
  readonly control: ControlClient;
  /** Stops at once what can be stopped; what was begun continues at the next start with the same data directory. */
  stop(): Promise<void>;
}
