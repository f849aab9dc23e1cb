import { formerMarketplaceAppId, graphAppId, marketplaceAppId, type Installation } from '../../installation/installation';
import type { Registration } from '../../applications/application';
import type { Addresses } from '../addresses';
import { entraErrors } from '../entra.error';
import type { TokenSigner } from './token.signer';

/** Tokens for services: the publisher's for the marketplace, and the operators' for the publisher's own services. */
export class ResourceTokens {
  constructor(
    private readonly signer: TokenSigner,
    private readonly installation: Pick<Installation, 'operatorsAudience' | 'operatorsClientId' | 'operatorsRoles'>,
    private readonly addresses: Pick<Addresses, 'issuerV1' | 'issuerV2'>,
  ) {}

  /** The resource decides the form of the token, not the endpoint: the marketplace's is v1 (contract 2.1). */
  async issue(client: Registration, resource: string): Promise<string> {
    const { operatorsAudience, operatorsClientId, operatorsRoles } = this.installation;
    const { id, tenantId, principalId } = client;
    const principal = principalId === null ? { sub: id } : { oid: principalId, sub: principalId };
    const shared = { aud: resource, tid: tenantId, ...principal, idtyp: 'app' };
    switch (resource) {
      case marketplaceAppId:
      case formerMarketplaceAppId:
      case graphAppId:
        return this.signer.sign({ ...shared, iss: this.addresses.issuerV1(tenantId), appid: id, appidacr: '1', ver: '1.0' });
      case operatorsAudience: {
        const roles = id === operatorsClientId ? operatorsRoles : [];
        return this.signer.sign({
          ...shared,
          iss: this.addresses.issuerV2(tenantId),
          azp: id,
          azpacr: '1',
          roles,
          ver: '2.0',
        });
      }
      default:
        throw entraErrors.unknownResource(resource);
    }
  }
}
