import { tenantFor, type Application } from '../applications/application';
import { marketplaceAppId } from '../installation/installation';
import type { Addresses } from './addresses';
import type { TokenSigner } from './token.signer';

const marketplacePrincipalId = '6f1d3e80-52a9-4c1b-8f70-000000000020';

/** The token with which Microsoft calls the webhook: issued by the publisher's tenant, for the publisher's app, to the marketplace (contract 2.3). */
export class WebhookTokens {
  constructor(
    private readonly signer: TokenSigner,
    private readonly addresses: Addresses,
  ) {}

  /** @param application the one of the subscription's offer */
  issue(version: 'v1' | 'v2', application: Application): Promise<string> {
    const tenantId = tenantFor(application);
    const shared = { aud: application.id, tid: tenantId, oid: marketplacePrincipalId, sub: marketplacePrincipalId };
    return version === 'v1'
      ? this.signer.sign({ ...shared, iss: this.addresses.issuerV1(tenantId), appid: marketplaceAppId, appidacr: '2', ver: '1.0' })
      : this.signer.sign({ ...shared, iss: this.addresses.issuerV2(tenantId), azp: marketplaceAppId, azpacr: '2', ver: '2.0' });
  }
}
