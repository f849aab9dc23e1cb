import { timingSafeEqual, createHash } from 'node:crypto';
import { entraErrors } from './entra.error';

export interface Registration {
  clientId: string;
  clientSecret: string;
}

/** Finds the registration that calls the token endpoint, by `client_id` and secret in the body or by HTTP Basic. Throws Entra's error otherwise. */
export function authenticateClient<R extends Registration>(
  form: URLSearchParams,
  authorization: string | undefined,
  tenant: string,
  registrations: readonly R[],
): R {
  const basic = basicCredentials(authorization);
  const clientId = form.get('client_id') ?? basic?.clientId;
  if (!clientId) throw entraErrors.missing('client_id');
  const registration = registrations.find((candidate) => candidate.clientId.toLowerCase() === clientId.toLowerCase());
  if (!registration) throw entraErrors.unknownClient(clientId, tenant);
  if (form.has('client_assertion')) throw entraErrors.noAssertions();
  const secret = form.get('client_secret') ?? basic?.clientSecret;
  if (!secret) throw entraErrors.noSecret();
  if (!same(secret, registration.clientSecret)) throw entraErrors.wrongSecret(clientId);
  return registration;
}

function basicCredentials(authorization: string | undefined): Registration | undefined {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (!encoded) return undefined;
  const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { clientId: formDecode(clientId), clientSecret: formDecode(secret.join(':')) };
}

/** Both halves are form-encoded before they are joined (RFC 6749, 2.3.1). What is not decodable stays as it is, and matches nothing. */
function formDecode(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? text;
}

function same(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}
