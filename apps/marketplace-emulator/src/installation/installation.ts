import { randomBytes, randomUUID } from 'node:crypto';
import { newSecretText } from '../applications/credentials';
import type { Collection, Document } from '../state/document.store';

/** The marketplace's own application: audience of the publisher's tokens, caller in webhook tokens (contract 0.2). */
export const marketplaceAppId = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

/** What the marketplace was called before mid-2020: still granted, no longer accepted (contract 0.2). */
export const formerMarketplaceAppId = '62d94f6c-d599-489b-a797-3e10e42fbe22';

/** Graph, which the access token of a signed-in person is for. */
export const graphAppId = '00000003-0000-0000-c000-000000000000';

/** Who the publisher is, and its three app registrations. Secrets are made at the first start and kept in the data directory. */
export interface Installation extends Document {
  id: 'installation';
  tenantId: string;
  /** The registration of Technical configuration: calls the API, receives webhooks. */
  clientId: string;
  clientSecret: string;
  /** Object id of that registration's service principal. */
  principalId: string;
  /** The registration with which customers sign in on the landing page. */
  signinClientId: string;
  signinClientSecret: string;
  /** The registration with which the publisher's own operators call the publisher's own services. */
  operatorsClientId: string;
  operatorsClientSecret: string;
  operatorsAudience: string;
  operatorsRoles: string[];
  /** 32 bytes in base64, for purchase tokens. */
  purchaseTokenKey: string;
}

export function installationIn(installations: Collection<Installation>, wanted: Partial<Installation>): Installation {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  const installation: Installation = { ...newInstallation(), ...installations.get('installation'), ...given };
  return installations.put({
    ...installation,
    tenantId: installation.tenantId.toLowerCase(), // ids as Entra writes them, however they were given
    clientId: installation.clientId.toLowerCase(),
    signinClientId: installation.signinClientId.toLowerCase(),
    operatorsClientId: installation.operatorsClientId.toLowerCase(),
  });
}

function newInstallation(): Installation {
  return {
    id: 'installation',
    tenantId: 'c0a7e1de-51b2-4c3d-9e4f-000000000001',
    clientId: 'c0a7e1de-51b2-4c3d-9e4f-000000000002',
    clientSecret: newSecretText(),
    principalId: randomUUID(),
    signinClientId: 'c0a7e1de-51b2-4c3d-9e4f-000000000003',
    signinClientSecret: newSecretText(),
    operatorsClientId: 'landfall-operators',
    operatorsClientSecret: newSecretText(),
    operatorsAudience: 'api://landfall',
    operatorsRoles: ['landfall.read', 'landfall.operate', 'landfall.admin', 'landfall.personal', 'landfall.usage'],
    purchaseTokenKey: randomBytes(32).toString('base64'),
  };
}
