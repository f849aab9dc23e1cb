import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { PublisherCredential } from '@landfall/marketplace-client';
import { ConfigurationInvalid } from '@landfall/service-defaults';
import type { FulfillmentConfig } from '../fulfillment.config';

/** Exactly one way of signing in, so that nobody believes a secret to be unused that is not. @throws ConfigurationInvalid */
export function credentialOf(
  values: Pick<FulfillmentConfig, 'PUBLISHER_CLIENT_SECRET' | 'PUBLISHER_CERTIFICATE_FILE' | 'PUBLISHER_FEDERATED_TOKEN_FILE'>,
): PublisherCredential {
  const { PUBLISHER_CLIENT_SECRET: secret, PUBLISHER_CERTIFICATE_FILE: certificate, PUBLISHER_FEDERATED_TOKEN_FILE: token } = values;
  const given = [secret, certificate, token].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new ConfigurationInvalid('fulfillment', [
      `Of PUBLISHER_CLIENT_SECRET, PUBLISHER_CERTIFICATE_FILE and PUBLISHER_FEDERATED_TOKEN_FILE exactly one must be set, not ${given.length}`,
    ]);
  }
  if (secret !== undefined) return { secret };
  if (token !== undefined) return { federatedToken: async () => (await readFile(token, 'utf8')).trim() };
  try {
    return { certificate: { pem: readFileSync(certificate!, 'utf8') } };
  } catch (error) {
    throw new ConfigurationInvalid('fulfillment', [`PUBLISHER_CERTIFICATE_FILE can't be read: ${(error as Error).message}`]);
  }
}
