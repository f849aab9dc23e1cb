import type { Document } from '../state/document.store';
import type { ClientCertificate, ClientSecret, FederatedCredential } from './credentials';

/** What the identity service stores of an app registration. */
export interface Registration {
  /** The client id, in lower case as Entra writes it. */
  id: string;
  /** The tenant in which it exists, and which issues its tokens. */
  tenantId: string;
  /** Object id of its service principal. Null: it has none, so that its tokens carry no `oid` (contract 2.1). */
  principalId: string | null;
  secrets: ClientSecret[];
  certificates: ClientCertificate[];
  federatedCredentials: FederatedCredential[];
}

/**
 * An app registration that a publisher names in the Technical configuration of its offers: it calls the API and gets the webhooks
 * (contract 1.1).
 */
export interface Application extends Registration, Document {
  /** The tenant that Technical configuration names beside the client id, where the publisher mistook itself; null: the right one. */
  technicalTenantId: string | null;
  /** Microsoft lets an application in when its first offer is published to preview; before that every call is refused (contract 2.1). */
  publishedToPreview: boolean;
}

/**
 * The tenant of Technical configuration: the marketplace lets in tokens of this one alone, and its webhooks carry tokens of this one
 * (contract 2.1, 2.3).
 */
export function tenantFor({ technicalTenantId, tenantId }: Application): string {
  return technicalTenantId ?? tenantId;
}
