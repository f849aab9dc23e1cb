import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { DEFAULT_REGISTRATION, type RegistrationSetting as Listed } from '@landfall/contracts';
import type { PublisherCredential } from '@landfall/marketplace-client';
import { ConfigurationInvalid } from '@landfall/service-defaults';
import type { FulfillmentConfig } from '../fulfillment.config';

/** What Partner Center holds for one publisher account, as its calls need it. */
export interface Registration {
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: PublisherCredential;
  readonly lifetime: CredentialLifetime;
}

/** Until when a credential signs us in. */
export type CredentialLifetime =
  /** A secret does not tell when it ends: null where the settings do not either. */
  | { readonly kind: 'secret' | 'certificate'; readonly endsAtMs: number | null }
  /** The platform renews it in its file. */
  | { readonly kind: 'federated token'; readonly file: string };

type Credential = Pick<Registration, 'credential' | 'lifetime'>;

type Settings = Pick<
  FulfillmentConfig,
  | 'PUBLISHER_TENANT_ID'
  | 'PUBLISHER_CLIENT_ID'
  | 'PUBLISHER_CLIENT_SECRET'
  | 'PUBLISHER_SECRET_EXPIRES'
  | 'PUBLISHER_CERTIFICATE_FILE'
  | 'PUBLISHER_FEDERATED_TOKEN_FILE'
  | 'REGISTRATIONS'
>;

/**
 * The registrations of this installation with what signs each of them in. Secrets and certificates are read now, federated tokens each time.
 * @throws ConfigurationInvalid that names every credential that is missing, given twice or can't be read
 */
export function registrationsOf(settings: Settings): Registration[] {
  const problems: string[] = [];
  const single = singleOf(settings, problems);
  const listed = settings.REGISTRATIONS.map((entry, index) => listedOf(entry, `REGISTRATIONS[${index}]`, problems));
  if (problems.length > 0) throw new ConfigurationInvalid('fulfillment', problems);
  return [...single, ...listed];
}

/** Exactly one way of signing in, so that nobody believes a secret to be unused that is not. */
function singleOf(settings: Settings, problems: string[]): Registration[] {
  const { PUBLISHER_TENANT_ID: tenantId, PUBLISHER_CLIENT_ID: clientId, PUBLISHER_CLIENT_SECRET: secret } = settings;
  const { PUBLISHER_CERTIFICATE_FILE: certificate, PUBLISHER_FEDERATED_TOKEN_FILE: token } = settings;
  const given = [secret, certificate, token].filter((value) => value !== undefined).length;
  const names = 'PUBLISHER_CLIENT_SECRET, PUBLISHER_CERTIFICATE_FILE and PUBLISHER_FEDERATED_TOKEN_FILE';
  if (!tenantId || !clientId) {
    if (given > 0) problems.push(`Of ${names} none may be set without PUBLISHER_TENANT_ID and PUBLISHER_CLIENT_ID, not ${given}`);
    return [];
  }
  if (given !== 1) {
    problems.push(`Of ${names} exactly one must be set, not ${given}`);
    return [];
  }
  const ends = settings.PUBLISHER_SECRET_EXPIRES;
  if (ends !== undefined && secret === undefined)
    problems.push('PUBLISHER_SECRET_EXPIRES is for PUBLISHER_CLIENT_SECRET, which is not set');
  const credential =
    secret !== undefined ? ofSecret(secret, ends) : fromFile({ certificate, token }, 'PUBLISHER_CERTIFICATE_FILE', problems);
  return [{ name: DEFAULT_REGISTRATION, tenantId, clientId, ...credential }];
}

function listedOf(entry: Listed, place: string, problems: string[]): Registration {
  const { name, tenantId, clientId, clientSecretFile, secretExpires, certificateFile: certificate, federatedTokenFile: token } = entry;
  const credential =
    clientSecretFile === undefined
      ? fromFile({ certificate, token }, `${place}.certificateFile`, problems)
      : ofSecret(textOf(clientSecretFile, `${place}.clientSecretFile`, problems).trim(), secretExpires);
  return { name, tenantId, clientId, ...credential };
}

function fromFile(
  { certificate, token }: { certificate: string | undefined; token: string | undefined },
  setting: string,
  problems: string[],
): Credential {
  if (token !== undefined) {
    const federatedToken = async () => (await readFile(token, 'utf8')).trim();
    return { credential: { federatedToken }, lifetime: { kind: 'federated token', file: token } };
  }
  const pem = textOf(certificate!, setting, problems);
  return { credential: { certificate: { pem } }, lifetime: { kind: 'certificate', endsAtMs: endOf(pem) } };
}

const ofSecret = (secret: string, ends: string | undefined): Credential => ({
  credential: { secret },
  lifetime: { kind: 'secret', endsAtMs: ends === undefined ? null : Date.parse(ends) },
});

/** Null where it is no certificate, which its first use says in words. */
function endOf(pem: string): number | null {
  try {
    return new X509Certificate(pem).validToDate.getTime();
  } catch {
    return null;
  }
}

/** '' where there is nothing to read, which is told. */
function textOf(file: string, setting: string, problems: string[]): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.trim() === '') problems.push(`${setting} names a file that is empty`);
    return text;
  } catch (error) {
    problems.push(`${setting} can't be read: ${(error as Error).message}`);
    return '';
  }
}
