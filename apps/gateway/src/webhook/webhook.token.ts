import { type IssuerKeys, KeysUnreachable } from '@landfall/service-defaults';

/** The longest header that is looked at. Microsoft's tokens have about 1.5 kB. */
export const TOKEN_LIMIT = 8 * 1024;
/** How far Microsoft's clock and ours may differ (contract 2.3). */
export const CLOCK_SKEW_SECONDS = 5 * 60;
const ALGORITHM = 'RS256';
const STORABLE = /^[\x20-\x7e]{1,300}$/;

export const tokenFaults = [
  'missing',
  'too-long',
  'malformed',
  'algorithm',
  'version',
  'tenant',
  'caller',
  'expired',
  'not-yet-valid',
  'signature',
  'issuer',
] as const;
export type TokenFault = (typeof tokenFaults)[number];

/** The claims that may be kept: who called, and nothing that could be used again. */
export interface KeptClaims {
  readonly ver: string;
  readonly iss: string;
  readonly aud: string;
  readonly tid: string;
  readonly appid?: string;
  readonly azp?: string;
  readonly exp: number;
  readonly uti?: string;
}

export type TokenVerification =
  | { readonly kind: 'authentic'; readonly claims: KeptClaims }
  /** Proven wrong. Nothing is stored and nothing is called. */
  | { readonly kind: 'rejected'; readonly reason: TokenFault }
  /** Microsoft signed and called, but for somebody else: we are misconfigured, and that must not reject orders. */
  | { readonly kind: 'foreign-audience'; readonly claims: KeptClaims }
  /** It can be neither believed nor refused now: keys cannot be read, or its key is in no reading of them. */
  | { readonly kind: 'undecidable' };

export interface Expected {
  readonly tenantId: string;
  readonly callerId: string;
  readonly audience: string;
}

/** v1 and v2 have discovery documents of their own, with another issuer each; the token's `ver` says which one counts. */
export type KeysByVersion = Readonly<Record<'1.0' | '2.0', Pick<IssuerKeys, 'find' | 'issuer'>>>;

/**
 * Verifies the `Authorization` header of a webhook (contract 2.3). Cheap claims come first, so that garbage never costs a signature or a
 * fetch of keys; the audience comes last, since what it leads to depends on everything else being good. Real time, never business time.
 */
export async function verifyWebhookToken(
  header: string | undefined,
  expected: Expected,
  keys: KeysByVersion,
  now = Date.now(),
): Promise<TokenVerification> {
  const parsed = parseToken(header);
  if ('fault' in parsed) return rejected(parsed.fault);
  const { token, kid, isExtended, claims } = parsed;
  const fault = cheapFault(claims, expected, now / 1000);
  if (fault) return rejected(fault);
  try {
    const issuerKeys = keys[claims['ver'] as '1.0' | '2.0'];
    const found = await issuerKeys.find(kid);
    // discovery may lag behind the signer, so a key that no reading shows proves nothing
    if (!found) return claims['iss'] === issuerKeys.issuer ? { kind: 'undecidable' } : rejected('issuer');
    if (isExtended || !found.key.hasSigned(token)) return rejected('signature');
    if (claims['iss'] !== found.issuer) return rejected('issuer');
  } catch (error) {
    if (error instanceof KeysUnreachable) return { kind: 'undecidable' };
    throw error;
  }
  const kept = keptClaims(claims);
  return { kind: claims['aud'] === expected.audience ? 'authentic' : 'foreign-audience', claims: kept };
}

/** The tenant that a token claims to be of, in lower case. It proves nothing: it tells against whose keys the token is to be checked. */
export function tenantNamedIn(header: string | undefined): { readonly tenantId: string } | { readonly fault: TokenFault } {
  const parsed = parseToken(header);
  if ('fault' in parsed) return parsed;
  const tenantId = lower(parsed.claims['tid']);
  return tenantId === undefined ? { fault: 'tenant' } : { tenantId };
}

const rejected = (reason: TokenFault): TokenVerification => ({ kind: 'rejected', reason });

type Claims = Record<string, unknown>;

interface ParsedToken {
  readonly token: string;
  readonly kid: string;
  /** It asks for an extension (`crit`): whoever does not know that one must refuse it (RFC 7515, section 4.1.11), and we know none. */
  readonly isExtended: boolean;
  readonly claims: Claims;
}

function parseToken(header: string | undefined): ParsedToken | { fault: TokenFault } {
  if (!header) return { fault: 'missing' };
  if (header.length > TOKEN_LIMIT) return { fault: 'too-long' };
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header)?.[1];
  if (!token) return { fault: 'malformed' };
  const [head = '', body = ''] = token.split('.');
  const protectedHeader = decodedObject(head);
  const claims = decodedObject(body);
  if (!protectedHeader || !claims) return { fault: 'malformed' };
  if (protectedHeader['alg'] !== ALGORITHM) return { fault: 'algorithm' };
  const kid = protectedHeader['kid'];
  if (typeof kid !== 'string' || kid === '') return { fault: 'malformed' };
  return { token, kid, isExtended: protectedHeader['crit'] !== undefined, claims };
}

function decodedObject(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined; // counted as malformed
  }
}

/** v1 names the caller `appid`, v2 `azp` (contract 8, pitfall 4). `nbf` may be absent in genuine tokens; `exp` may not. */
function cheapFault(claims: Claims, expected: Expected, nowSeconds: number): TokenFault | undefined {
  const { ver, tid, exp, nbf } = claims;
  if (ver !== '1.0' && ver !== '2.0') return 'version';
  if (lower(tid) !== expected.tenantId) return 'tenant';
  if (lower(ver === '1.0' ? claims['appid'] : claims['azp']) !== expected.callerId) return 'caller';
  if (typeof exp !== 'number' || exp + CLOCK_SKEW_SECONDS < nowSeconds) return 'expired';
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf - CLOCK_SKEW_SECONDS > nowSeconds)) return 'not-yet-valid';
  return undefined;
}

const lower = (value: unknown): string | undefined => (typeof value === 'string' ? value.toLowerCase() : undefined);

/** Only what can be stored as it is: a claim of odd text is left out, it proves nothing more. */
function keptClaims(claims: Claims): KeptClaims {
  const kept = ['ver', 'iss', 'aud', 'tid', 'appid', 'azp', 'exp', 'uti'].flatMap((name) => {
    const value = claims[name];
    return typeof value === 'number' || (typeof value === 'string' && STORABLE.test(value)) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(kept) as unknown as KeptClaims;
}
