import { createHash } from 'node:crypto';
import type { Registration } from '../applications/application';
import { graphAppId } from '../installation/installation';
import { limits } from '../limits';
import type { People } from '../people/people';
import type { Person } from '../people/person';
import type { Addresses } from './addresses';
import type { Authorization, AuthorizationCodes, CodeChallenge } from './authorization.codes';
import { entraErrors } from './entra.error';
import type { TokenSigner } from './token.signer';

/** Turns an authorization code into the tokens of the person who signed in (contract 2.4). */
export class CodeExchange {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly people: People,
    private readonly signer: TokenSigner,
    private readonly addresses: Addresses,
  ) {}

  async redeem(form: URLSearchParams, client: Registration): Promise<object> {
    for (const parameter of ['code', 'redirect_uri']) if (!form.get(parameter)) throw entraErrors.missing(parameter);
    const authorization = this.codes.redeem(form.get('code') as string);
    if (authorization === 'used') throw entraErrors.usedCode();
    if (authorization === 'unknown' || authorization.clientId !== client.id) throw entraErrors.unknownCode();
    if (authorization.redirectUri !== form.get('redirect_uri')) throw entraErrors.wrongRedirect(form.get('redirect_uri') as string);
    checkVerifier(form.get('code_verifier'), authorization.codeChallenge);
    const person = this.people.get(authorization.personId);
    if (!person) throw entraErrors.unknownCode();
    return {
      token_type: 'Bearer',
      scope: authorization.scope,
      expires_in: limits.accessTokenLifeSeconds - 1,
      ext_expires_in: limits.accessTokenLifeSeconds - 1,
      access_token: await this.accessToken(person, authorization),
      id_token: await this.idToken(person, authorization),
    };
  }

  /** The issuer is the person's own tenant, also when the application asked at `common`. `email` is there only for who has a mailbox. */
  private idToken(person: Person, { clientId, nonce, scope }: Authorization): Promise<string> {
    const withEmail = scope.split(' ').includes('email') && person.mail !== null;
    return this.signer.sign({
      aud: clientId,
      iss: this.addresses.issuerV2(person.tenantId),
      tid: person.tenantId,
      oid: person.id,
      sub: pairwiseSubject(person, clientId),
      preferred_username: person.userPrincipalName,
      name: person.displayName,
      ...(withEmail ? { email: person.mail } : {}),
      ...(nonce === null ? {} : { nonce }),
      ver: '2.0',
    });
  }

  private accessToken(person: Person, { clientId, scope }: Authorization): Promise<string> {
    return this.signer.sign({
      aud: graphAppId,
      iss: this.addresses.issuerV1(person.tenantId),
      tid: person.tenantId,
      oid: person.id,
      sub: pairwiseSubject(person, clientId),
      appid: clientId,
      scp: scope,
      ver: '1.0',
    });
  }
}

/** Entra's `sub` differs per application, so that two applications cannot match their users by it. */
export function pairwiseSubject(person: Person, clientId: string): string {
  return createHash('sha256').update(`${clientId}/${person.tenantId}/${person.id}`).digest('base64url');
}

/** A challenge asks for its verifier, and a verifier for its challenge: else PKCE could be taken out of a request on its way. */
function checkVerifier(verifier: string | null, challenge: CodeChallenge | null): void {
  if (challenge && !verifier) throw entraErrors.missing('code_verifier');
  if (verifier && (!challenge || challengeOf(verifier, challenge.method) !== challenge.value)) throw entraErrors.wrongVerifier();
}

function challengeOf(verifier: string, method: CodeChallenge['method']): string {
  return method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
}
