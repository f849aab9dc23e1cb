import type { JWTPayload } from 'jose';
import { tenantFor, type Application } from '../../applications/application';
import { marketplaceAppId } from '../../installation/installation';
import type { Addresses } from '../addresses';
import type { TokenSigner } from './token.signer';

export type WebhookTokenVersion = 'v1' | 'v2';

const marketplacePrincipalId = '6f1d3e80-52a9-4c1b-8f70-000000000020';

/** The token with which Microsoft calls the webhook. */
export class WebhookTokens {
  constructor(
    private readonly signer: TokenSigner,
    private readonly addresses: Pick<Addresses, 'issuerV1' | 'issuerV2'>,
  ) {}

  /** @param application the one of the subscription's offer */
  issue(version: WebhookTokenVersion, application: Application): Promise<string> {
    return this.signer.sign(webhookClaims(version, application, this.addresses));
  }
}

/** Issued by the publisher's tenant, for the publisher's application, to the marketplace (contract 2.3). The signer adds the times. */
export function webhookClaims(
  version: WebhookTokenVersion,
  application: Application,
  addresses: Pick<Addresses, 'issuerV1' | 'issuerV2'>,
): JWTPayload {
  const tenantId = tenantFor(application);
  const shared = { aud: application.id, tid: tenantId, oid: marketplacePrincipalId, sub: marketplacePrincipalId };
  return version === 'v1'
    ? { ...shared, iss: addresses.issuerV1(tenantId), appid: marketplaceAppId, appidacr: '2', ver: '1.0' }
    : { ...shared, iss: addresses.issuerV2(tenantId), azp: marketplaceAppId, azpacr: '2', ver: '2.0' };
}
