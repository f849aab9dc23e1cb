import { findSecret, type Registration } from '../applications/application';
import { entraErrors } from './entra.error';
import type { Registrations } from './registrations';

/** Finds the registration that calls the token endpoint, by `client_id` and secret in the body or by HTTP Basic. Throws Entra's error otherwise. */
export function authenticateClient(
  form: URLSearchParams,
  authorization: string | undefined,
  tenant: string,
  registrations: Registrations,
): Registration {
  const basic = basicCredentials(authorization);
  const clientId = form.get('client_id') ?? basic?.clientId;
  if (!clientId) throw entraErrors.missing('client_id');
  const registration = registrations.find(clientId);
  if (!registration) throw entraErrors.unknownClient(clientId, tenant);
  if (form.has('client_assertion')) throw entraErrors.noAssertions();
  const text = form.get('client_secret') ?? basic?.clientSecret;
  if (!text) throw entraErrors.noSecret();
  const secret = findSecret(registration, text);
  if (!secret) throw entraErrors.wrongSecret(clientId);
  if (secret.expiresAt !== null && Date.parse(secret.expiresAt) <= Date.now()) throw entraErrors.expiredSecret(clientId);
  return registration;
}

function basicCredentials(authorization: string | undefined): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (!encoded) return undefined;
  const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { clientId: formDecode(clientId), clientSecret: formDecode(secret.join(':')) };
}

/** Both halves are form-encoded before they are joined (RFC 6749, 2.3.1). What is not decodable stays as it is, and matches nothing. */
function formDecode(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? text;
}
