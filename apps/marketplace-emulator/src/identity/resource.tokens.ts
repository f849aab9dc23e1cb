import { graphAppId, marketplaceAppId, type Installation } from '../installation/installation';
import type { Addresses } from './addresses';
import { entraErrors } from './entra.error';
import type { Registration } from './client.authentication';
import type { TokenSigner } from './token.signer';

/** Tokens for services: the publisher's for the marketplace, and the operators' for the publisher's own services. */
export class ResourceTokens {
  constructor(
    private readonly signer: TokenSigner,
    private readonly installation: Installation,
    private readonly addresses: Addresses,
  ) {}

  /** The resource decides the form of the token, not the endpoint: the marketplace's is v1 (contract 2.1). */
  async issue(client: Registration, resource: string): Promise<string> {
    const { tenantId, operatorsAudience, operatorsClientId, operatorsRoles } = this.installation;
    const oid = this.principalOf(client);
    const shared = { aud: resource, tid: tenantId, oid, sub: oid, idtyp: 'app' };
    switch (resource) {
      case marketplaceAppId:
      case graphAppId:
        return this.signer.sign({ ...shared, iss: this.addresses.issuerV1(tenantId), appid: client.clientId, appidacr: '1', ver: '1.0' });
      case operatorsAudience: {
        const roles = client.clientId === operatorsClientId ? operatorsRoles : [];
        return this.signer.sign({
          ...shared,
          iss: this.addresses.issuerV2(tenantId),
          azp: client.clientId,
          azpacr: '1',
          roles,
          ver: '2.0',
        });
      }
      default:
        throw entraErrors.unknownResource(resource);
    }
  }

  private principalOf(client: Registration): string {
    return client.clientId === this.installation.clientId ? this.installation.principalId : client.clientId;
  }
}
