import type { Copy } from '../copies/copies';
import type { EmulatorDetails } from './emulator';
import type { SystemPorts } from './system-ports';
import { withOwnSecrets } from '../secrets/secrets';
import { nodeSettings } from './services';

type Environment = Record<string, string | undefined>;

export interface SystemDetails {
  ports: SystemPorts;
  /** The public address, as a browser on this machine types it. */
  gatewayUrl: string;
  brokers: string;
  /** The catalog that was made for the emulator's offers. */
  catalogFile: string | undefined;
  partitions: number;
  /** None where the user named another marketplace; then the user's own environment names the rest of it as well. */
  emulator: EmulatorDetails | undefined;
  /** The key that signs questions to products on this machine. */
  vetoKeyFile: string;
  /** What the services are told of the publishers of PUBLISHERS. */
  registrations: readonly object[];
  /** What the user, or a test, has set. */
  env: Environment;
}

/** The environment of one copy of a service. What the user has set wins, except what only the running emulator can know. Of secrets it holds its own. */
export function environmentOf(
  { service, name, instance }: Copy,
  details: SystemDetails,
  databaseUrl: string,
  keyringFile: string,
): Environment {
  const { ports, gatewayUrl, brokers, partitions, emulator, vetoKeyFile, registrations, env } = details;
  return {
    PARTITIONS: String(partitions),
    CATALOG_FILE: details.catalogFile,
    KEYRING_FILE: keyringFile,
    PUBLIC_URL: gatewayUrl,
    TRUSTED_PROXIES: '127.0.0.0/8,::1', // every browser and every test comes from here: none may use up the others' share
    LOG_MESSAGES: 'true',
    ...(service === asker && { ...productsOnThisMachine, ...(!env['VETO_SIGNING_KEYS'] && { VETO_SIGNING_KEYS_FILE: vetoKeyFile }) }),
    ...withOwnSecrets(service, { ...env, ...(emulator && marketplace(emulator)) }),
    ...(registrations.length > 0 && { REGISTRATIONS: JSON.stringify(registrations) }),
    ...nodeSettings,
    PORT: String(ports.furtherGateways[name] ?? ports.gateway),
    MANAGEMENT_PORT: String(ports.management[name]),
    INSTANCE_NAME: instance,
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: brokers,
  };
}

/** The service that asks products, and the products that it may ask: any that listens here. */
const asker = 'subscription';
const productsOnThisMachine = { OUTGOING_HOSTS: 'localhost:*,127.0.0.1:*', OUTGOING_NETWORKS: '127.0.0.0/8,::1/128' };

function marketplace(emulator: EmulatorDetails): Environment {
  return {
    MARKETPLACE_API_URL: emulator.apiUrl,
    MARKETPLACE_LINK_HOSTS: emulator.linkHosts.join(','),
    MARKETPLACE_APP_ID: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7',
    ENTRA_AUTHORITY_URL: emulator.authorityUrl,
    PUBLISHER_TENANT_ID: emulator.tenantId,
    PUBLISHER_CLIENT_ID: emulator.clientId,
    PUBLISHER_CLIENT_SECRET: emulator.clientSecret,
    FIRST_IMPORT: 'import', // nobody has to allow what the emulator has sold
    WEBHOOK_AUDIENCE: emulator.clientId,
    SIGNIN_CLIENT_ID: emulator.signinClientId,
    SIGNIN_CLIENT_SECRET: emulator.signinClientSecret,
    SIGNIN_AUTHORITY_URL: `${emulator.authorityUrl}/common/v2.0`,
    OPERATORS_AUTHORITY_URL: emulator.operatorsAuthorityUrl,
    OPERATORS_AUDIENCE: emulator.operatorsAudience,
    CLOCK_URL: `${emulator.controlUrl}/clock`,
  };
}
