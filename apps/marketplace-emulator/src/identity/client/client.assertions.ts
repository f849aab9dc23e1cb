import { createPublicKey } from 'node:crypto';
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import type { Registration } from '../../applications/application';
import type { ClientCertificate } from '../../applications/credentials';
import { limits } from '../../limits';
import type { Clock } from '../../time/clock';
import type { Addresses } from '../addresses';
import { entraErrors } from '../entra.error';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const algorithms = ['PS256', 'RS256'];

interface Assertion {
  header: ProtectedHeaderParameters;
  claims: JWTPayload;
  text: string;
}

/**
 * What an application signs instead of sending a secret (contract 2.1; RFC 7523): a token with its own certificate, or one that its
 * platform's identity provider gave it. An assertion may be used again until it expires, as at Entra. Its times are real ones, with the
 * usual five minutes of grace.
 */
export class ClientAssertions {
  constructor(
    private readonly addresses: Pick<Addresses, 'authorityUrl' | 'issuerV1' | 'issuerV2'>,
    private readonly clock: Pick<Clock, 'realNow'>,
  ) {}

  /** @throws Entra's error unless the assertion speaks for this registration. */
  async check(text: string, client: Registration, tenant: string): Promise<void> {
    const assertion = decoded(text);
    const { iss, sub } = assertion.claims;
    const isOwn = iss?.toLowerCase() === client.id && sub?.toLowerCase() === client.id;
    if (isOwn) await this.checkOwn(assertion, client, tenant);
    else await this.checkFederated(assertion, client);
    this.checkTimes(assertion.claims);
  }

  private async checkOwn(assertion: Assertion, client: Registration, tenant: string): Promise<void> {
    const certificate = client.certificates.find((known) => isNamed(known, assertion.header));
    if (!certificate) throw entraErrors.badAssertion('The key was not found.');
    await checkSignature(assertion, certificate.publicKey);
    const now = this.clock.realNow();
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) throw entraErrors.certificateNotValid();
    const audiences = [assertion.claims.aud ?? []].flat();
    if (!audiences.some((audience) => this.isAudience(audience, [tenant, client.tenantId]))) throw entraErrors.assertionAudience();
  }

  private async checkFederated(assertion: Assertion, client: Registration): Promise<void> {
    const { iss = '', sub = '', aud = [] } = assertion.claims;
    if (client.federatedCredentials.length === 0) throw entraErrors.assertionIdentity(client.id);
    const ofIssuer = client.federatedCredentials.filter(({ issuer }) => issuer === iss);
    if (ofIssuer.length === 0) throw entraErrors.noFederation('issuer', iss);
    const ofSubject = ofIssuer.filter(({ subject }) => subject === sub);
    if (ofSubject.length === 0) throw entraErrors.noFederation('subject', sub);
    const credential = ofSubject.find(({ audience }) => [aud].flat().includes(audience));
    if (!credential) throw entraErrors.noFederation('audience', [aud].flat().join(' '));
    await checkSignature(assertion, credential.publicKey);
  }

  private checkTimes({ exp, nbf }: JWTPayload): void {
    const now = this.clock.realNow() / 1_000;
    const isOver = typeof exp !== 'number' || exp + limits.assertionGraceSeconds <= now;
    if (isOver || (typeof nbf === 'number' && nbf - limits.assertionGraceSeconds > now)) throw entraErrors.assertionTimes();
  }

  /**
   * The token endpoint or the issuer, v1 or v2, under either of our names. The scheme is not looked at: a client that insists on https and
   * is led here over http signs for the https address.
   */
  private isAudience(audience: string, tenants: string[]): boolean {
    const wanted = withoutScheme(audience);
    return tenants.some((tenant) =>
      [
        `${this.addresses.authorityUrl}/${tenant}/oauth2/token`,
        `${this.addresses.authorityUrl}/${tenant}/oauth2/v2.0/token`,
        this.addresses.issuerV1(tenant),
        this.addresses.issuerV2(tenant),
      ].some((address) => withoutScheme(address) === wanted),
    );
  }
}

function decoded(text: string): Assertion {
  if (text.length > limits.clientAssertionCharacters) throw entraErrors.malformedAssertion();
  try {
    return { header: decodeProtectedHeader(text), claims: decodeJwt(text), text };
  } catch (error) {
    // jose throws TypeError for what is not a JWT
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw entraErrors.malformedAssertion();
    throw error;
  }
}

/** Entra's libraries name the certificate by `x5t` or `x5t#S256`; `kid` is what others write, in any of the usual forms. */
function isNamed({ id, sha256 }: ClientCertificate, header: ProtectedHeaderParameters): boolean {
  const [x5t, x5t256] = [id, sha256].map((hex) => Buffer.from(hex, 'hex').toString('base64url'));
  if (header['x5t#S256'] !== undefined) return header['x5t#S256'] === x5t256;
  if (header.x5t !== undefined) return header.x5t === x5t;
  return typeof header.kid === 'string' && [x5t, x5t256, id, sha256, id.toLowerCase(), sha256.toLowerCase()].includes(header.kid);
}

async function checkSignature({ text }: Assertion, publicKey: string): Promise<void> {
  try {
    await compactVerify(text, createPublicKey(publicKey), { algorithms });
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw entraErrors.badAssertion('The provided signature value did not match the expected signature value.');
    throw error;
  }
}

function withoutScheme(address: string): string {
  return address.toLowerCase().replace(/^https?:/, '');
}
