import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Document } from '../state/document.store';

/** A client secret. Only its hash is kept: like Entra, the emulator shows a secret once, when it is made. */
export interface ClientSecret {
  id: string;
  sha256: string;
  /** Real time, since tokens live in it; null: never. */
  expiresAt: string | null;
}

/** What the identity service knows of an app registration. */
export interface Registration {
  /** The client id, in lower case as Entra writes it. */
  id: string;
  /** The tenant in which it exists, and which issues its tokens. */
  tenantId: string;
  /** Object id of its service principal. Null: it has none, so that its tokens carry no `oid` (contract 2.1). */
  principalId: string | null;
  secrets: ClientSecret[];
}

/** An app registration that a publisher names in the Technical configuration of its offers: it calls the API and gets the webhooks (contract 1.1). */
export interface Application extends Registration, Document {
  /** The tenant that Technical configuration names beside the client id, where the publisher mistook itself; null: the right one. */
  technicalTenantId: string | null;
  /** Microsoft lets an application in when its first offer is published to preview; before that every call is refused (contract 2.1). */
  publishedToPreview: boolean;
}

/** The tenant of Technical configuration: the marketplace lets in tokens of this one alone, and its webhooks carry tokens of this one (contract 2.1, 2.3). */
export function tenantFor({ technicalTenantId, tenantId }: Application): string {
  return technicalTenantId ?? tenantId;
}

export function newSecretText(): string {
  return randomBytes(24).toString('base64url');
}

export function secretOf(text: string, expiresAt: string | null = null): ClientSecret {
  return { id: randomUUID(), sha256: createHash('sha256').update(text).digest('hex'), expiresAt };
}

/** The secret with this text, expired or not. */
export function findSecret({ secrets }: Registration, text: string): ClientSecret | undefined {
  const sha256 = createHash('sha256').update(text).digest();
  return secrets.find((secret) => timingSafeEqual(Buffer.from(secret.sha256, 'hex'), sha256));
}
