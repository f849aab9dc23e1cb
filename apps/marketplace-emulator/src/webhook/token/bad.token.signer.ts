import { createHmac } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { tenantFor, type Application } from '../../applications/application';
import type { Applications } from '../../applications/applications';
import type { Addresses } from '../../identity/addresses';
import type { SigningKeys } from '../../identity/token/signing.keys';
import { webhookClaims, type WebhookTokenVersion } from '../../identity/token/webhook.tokens';
import { marketplaceAppId } from '../../installation/installation';
import { limits } from '../../limits';
import type { Clock } from '../../time/clock';
import type { BadTokenName } from './bad.tokens';

const otherTenantId = 'bad0bad0-0000-4000-8000-000000000001';
const otherAppId = 'bad0bad0-0000-4000-8000-000000000002';
const hourSeconds = 3_600;

interface Key {
  privateKey: CryptoKey;
  publicJwk: JWK & { kid: string };
}

/** A token that is not signed yet. */
interface Draft {
  header: Record<string, unknown>;
  claims: JWTPayload;
  /** The key that signs where the algorithm is RS256. */
  key: CryptoKey;
}

/** Makes the bad tokens, each from a genuine one in which one thing is changed. */
export class BadTokenSigner {
  private ownKey: Promise<Key> | undefined;

  constructor(
    private readonly keys: SigningKeys,
    private readonly addresses: Addresses,
    private readonly clock: Clock,
    private readonly applications: Pick<Applications, 'all'>,
  ) {}

  /** The bad token; undefined: none at all. */
  async sign(name: BadTokenName, version: WebhookTokenVersion, application: Application): Promise<string | undefined> {
    const draft = this.genuine(version, application);
    switch (name) {
      case 'missing':
        return undefined;
      case 'garbage':
        return 'bnVsbA==';
      case 'alg-none':
        return `${unsigned({ ...draft, header: { ...draft.header, alg: 'none' } })}.`;
      case 'hs256-public-pem':
        return hs256(draft, await exportSPKI(this.keys.current.publicKey));
      case 'hs256-public-jwk':
        return hs256(draft, JSON.stringify(this.keys.current.publicJwk));
      default:
        return sign(await this.altered(name, draft, version, application));
    }
  }

  /** The keys behind the addresses in `jku` and `x5u`: those of the one who forges tokens, not Microsoft's. */
  async ownKeys(): Promise<{ keys: JWK[] }> {
    return { keys: [(await this.own()).publicJwk] };
  }

  private genuine(version: WebhookTokenVersion, application: Application): Draft {
    const nowSeconds = Math.floor(this.clock.realNow() / 1_000);
    const times = { iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + limits.accessTokenLifeSeconds };
    const { kid, privateKey } = this.keys.current;
    const claims = { ...webhookClaims(version, application, this.addresses), ...times };
    return { header: { typ: 'JWT', alg: 'RS256', kid }, claims, key: privateKey };
  }

  private async altered(name: AlteredName, draft: Draft, version: WebhookTokenVersion, application: Application): Promise<Draft> {
    const { header, claims, key } = draft;
    const own = await this.own();
    const withOwnKid = { ...header, kid: own.publicJwk.kid };
    const withClaims = (changes: JWTPayload): Draft => ({ header, key, claims: { ...claims, ...changes } });
    const withHeader = (changes: object): Draft => ({ header: { ...withOwnKid, ...changes }, key: own.privateKey, claims });
    switch (name) {
      case 'wrong-key':
        return { header, claims, key: own.privateKey };
      case 'unknown-kid':
        return withHeader({});
      case 'wrong-aud':
        return withClaims({ aud: otherAppId });
      case 'aud-as-uri':
        return withClaims({ aud: `api://${application.id}` });
      case 'wrong-tid':
        return withClaims({ tid: otherTenantId });
      case 'foreign-tenant':
        return withClaims({ tid: otherTenantId, iss: this.issuer(version, otherTenantId) });
      case 'other-publisher':
        return withClaims(webhookClaims(version, this.ofAnotherTenant(application), this.addresses));
      case 'wrong-appid':
        return withClaims(version === 'v1' ? { appid: otherAppId } : { azp: otherAppId });
      case 'wrong-iss':
        return withClaims({ iss: this.issuer(version, otherTenantId) });
      case 'issuer-of-other-version':
        return withClaims({ iss: this.issuer(version === 'v1' ? 'v2' : 'v1', tenantFor(application)) });
      case 'expired':
        return withClaims(shifted(claims, -2 * hourSeconds));
      case 'not-yet-valid':
        return withClaims(shifted(claims, hourSeconds));
      case 'unknown-crit':
        return { header: { ...header, crit: ['landing'], landing: true }, key, claims };
      case 'foreign-jku':
        return withHeader({ jku: this.addresses.foreignKeysUrl });
      case 'foreign-x5u':
        return withHeader({ x5u: this.addresses.foreignKeysUrl });
      case 'embedded-jwk':
        return withHeader({ jwk: own.publicJwk });
      case 'other-purpose':
        return withClaims({ aud: marketplaceAppId, ...(version === 'v1' ? { appid: application.id } : { azp: application.id }) });
    }
  }

  /** Another publisher's application; a made-up one where none of another tenant is registered. */
  private ofAnotherTenant(application: Application): Application {
    const other = this.applications.all().find((one) => tenantFor(one) !== tenantFor(application));
    return other ?? { ...application, id: otherAppId, tenantId: otherTenantId, technicalTenantId: null };
  }

  private issuer(version: WebhookTokenVersion, tenantId: string): string {
    return version === 'v1' ? this.addresses.issuerV1(tenantId) : this.addresses.issuerV2(tenantId);
  }

  private own(): Promise<Key> {
    return (this.ownKey ??= newKey());
  }
}

type AlteredName = Exclude<BadTokenName, 'missing' | 'garbage' | 'alg-none' | 'hs256-public-pem' | 'hs256-public-jwk'>;

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const { n, e } = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n, e });
  return { privateKey, publicJwk: { kty: 'RSA', use: 'sig', kid, n, e } };
}

function shifted({ iat = 0, nbf = 0, exp = 0 }: JWTPayload, seconds: number): JWTPayload {
  return { iat: iat + seconds, nbf: nbf + seconds, exp: exp + seconds };
}

/** Signs whatever the header claims; jose alone would refuse an extension that it does not know. */
function sign({ header, claims, key }: Draft): Promise<string> {
  const { alg, ...rest } = header;
  return new SignJWT(claims).setProtectedHeader({ alg: String(alg), ...rest }).sign(key, { crit: { landing: true } });
}

function hs256(draft: Draft, secret: string): string {
  const text = unsigned({ ...draft, header: { ...draft.header, alg: 'HS256' } });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function unsigned({ header, claims }: Draft): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}
