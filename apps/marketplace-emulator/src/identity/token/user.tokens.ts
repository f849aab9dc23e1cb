import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { graphAppId, type Installation } from '../../installation/installation';
import { limits } from '../../limits';
import type { Person } from '../../people/person';
import type { Addresses } from '../addresses';
import type { RefreshTokens } from './refresh.tokens';
import { readScopes, type RequestedScopes } from '../sign-in/requested.scopes';
import type { TokenSigner } from './token.signer';

/** What a person's tokens are about. */
export interface Consent {
  clientId: string;
  /** What the tokens at hand are for. */
  scope: string;
  /** What was agreed to at the sign-in: a refresh token stands for all of it. */
  grantedScope: string;
  nonce: string | null;
  /** Asked for by `client_info=1`, as every MSAL does. */
  wantsClientInfo: boolean;
}

/** The tokens of a person who signed in (contract 2.4). */
export class UserTokens {
  constructor(
    private readonly signer: TokenSigner,
    private readonly refreshTokens: Pick<RefreshTokens, 'issue'>,
    private readonly installation: Pick<Installation, 'operatorsAudience' | 'operatorsClientId'>,
    private readonly addresses: Pick<Addresses, 'issuerV1' | 'issuerV2'>,
  ) {}

  /** The answer of the token endpoint. It has a refresh token where `offline_access` was requested. */
  async issue(person: Person, { clientId, scope, grantedScope, nonce, wantsClientInfo }: Consent): Promise<object> {
    const scopes = readScopes(scope, this.installation.operatorsAudience);
    const isOffline = grantedScope.split(' ').includes('offline_access');
    return {
      token_type: 'Bearer',
      scope: scopes.words.filter((word) => word !== 'offline_access').join(' '),
      expires_in: limits.accessTokenLifeSeconds - 1,
      ext_expires_in: limits.accessTokenLifeSeconds - 1,
      access_token: await this.signer.sign(this.accessClaims(person, clientId, scopes)),
      ...(wantsClientInfo ? { client_info: clientInfoOf(person) } : {}),
      ...(isOffline ? { refresh_token: this.refreshTokens.issue({ clientId, personId: person.id, scope: grantedScope }) } : {}),
      ...(scopes.words.includes('openid') ? { id_token: await this.signer.sign(this.idClaims(person, clientId, scopes, nonce)) } : {}),
    };
  }

  /**
   * The issuer is the person's own tenant, also when the application asked at `common`. `email` is there only for a person with a mailbox.
   */
  private idClaims(person: Person, clientId: string, { words }: RequestedScopes, nonce: string | null): JWTPayload {
    const withEmail = words.includes('email') && person.mail !== null;
    return {
      aud: clientId,
      iss: this.addresses.issuerV2(person.tenantId),
      ...whoIs(person, clientId),
      preferred_username: person.userPrincipalName,
      name: person.displayName,
      ...(withEmail ? { email: person.mail } : {}),
      ...(nonce === null ? {} : { nonce }),
      ...this.rolesFor(person, clientId),
      ver: '2.0',
    };
  }

  /** For Graph in its v1 form; for the publisher's own services in the v2 form, as their operators' client credentials get it. */
  private accessClaims(person: Person, clientId: string, { resource, permissions, words }: RequestedScopes): JWTPayload {
    if (resource === 'graph') {
      const scp = words.filter((word) => word !== 'offline_access').map(withoutResource);
      return {
        aud: graphAppId,
        iss: this.addresses.issuerV1(person.tenantId),
        ...whoIs(person, clientId),
        appid: clientId,
        scp: scp.join(' '),
        ver: '1.0',
      };
    }
    const scp = permissions.filter((permission) => permission !== '.default').join(' ');
    return {
      aud: this.installation.operatorsAudience,
      iss: this.addresses.issuerV2(person.tenantId),
      ...whoIs(person, clientId),
      azp: clientId,
      preferred_username: person.userPrincipalName,
      name: person.displayName,
      ...(scp ? { scp } : {}),
      ...this.rolesFor(person, clientId),
      ver: '2.0',
    };
  }

  /** The roles that the operators' registration gives to this person; like Entra's, the claim is left out rather than empty. */
  private rolesFor({ roles = [] }: Person, clientId: string): { roles?: string[] } {
    return clientId === this.installation.operatorsClientId && roles.length > 0 ? { roles } : {};
  }
}

/** Entra's `sub` differs per application, so that two applications cannot match their users by it. */
function whoIs(person: Person, clientId: string) {
  const sub = createHash('sha256').update(`${clientId}/${person.tenantId}/${person.id}`).digest('base64url');
  return { tid: person.tenantId, oid: person.id, sub };
}

/** What MSAL makes its account ids of, `{uid}.{utid}`. */
function clientInfoOf({ id, tenantId }: Person): string {
  return Buffer.from(JSON.stringify({ uid: id, utid: tenantId })).toString('base64url');
}

function withoutResource(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1);
}
