import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Actor } from './actor.decorator';
import type { FoundKey, IssuerKeys } from '../issuer.keys';

const MAX_TOKEN_BYTES = 8 * 1024;
const CLOCK_SKEW_SECONDS = 300;
const MAX_ROLES = 50;

/** A token that is proven wrong. The reason is one of a few words, fit for a metric and for the answer. */
export class TokenRefused extends Error {
  readonly code = 'TOKEN_REFUSED';
  readonly retriable = false;

  constructor(
    readonly reason:
      | 'too long'
      | 'unreadable'
      | 'algorithm'
      | 'audience'
      | 'expired'
      | 'not yet valid'
      | 'unknown key'
      | 'signature'
      | 'issuer'
      | 'subject',
  ) {
    super(`The bearer token was refused: ${reason}`);
    this.name = 'TokenRefused';
  }
}

/**
 * Verifies an operator's bearer token: RS256 only, signed by the authority, for our audience, valid now (real time, 5 minutes of skew). What
 * costs nothing is looked at first, so that no forged token makes us fetch keys or do arithmetic.
 * @throws TokenRefused, KeysUnreachable
 */
export async function verifyOperatorToken(token: string, audience: string, keys: IssuerKeys): Promise<Actor> {
  const kid = checkCheapClaims(token, audience);
  const found = await keys.find(kid);
  if (!found) throw new TokenRefused('unknown key');
  const { payload } = await verifySignature(token, found, audience);
  const subject = payload['oid'] ?? payload.sub;
  if (typeof subject !== 'string' || subject === '') throw new TokenRefused('subject');
  return { subject, isApplication: isApplication(payload), roles: rolesOf(payload['roles']) };
}

/** By the claim that says so; without it by what only an application's token has: no scope, and its own id as both object and subject. */
const isApplication = ({ idtyp, scp, oid, sub }: JWTPayload): boolean =>
  idtyp === undefined ? scp === undefined && oid !== undefined && oid === sub : idtyp === 'app';

function checkCheapClaims(token: string, audience: string): string {
  if (token.length > MAX_TOKEN_BYTES) throw new TokenRefused('too long');
  const { header, claims } = decoded(token);
  if (header.alg !== 'RS256') throw new TokenRefused('algorithm');
  if (typeof header.kid !== 'string') throw new TokenRefused('unknown key');
  if (![claims.aud].flat().includes(audience)) throw new TokenRefused('audience');
  const nowSeconds = Date.now() / 1000;
  if (typeof claims.exp !== 'number' || claims.exp + CLOCK_SKEW_SECONDS <= nowSeconds) throw new TokenRefused('expired');
  if (claims.nbf !== undefined && claims.nbf - CLOCK_SKEW_SECONDS > nowSeconds) throw new TokenRefused('not yet valid');
  return header.kid;
}

function decoded(token: string) {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    throw new TokenRefused('unreadable'); // jose's own message would quote nothing more useful
  }
}

async function verifySignature(token: string, { key, issuer }: FoundKey, audience: string) {
  try {
    return await jwtVerify(token, key.publicKey, {
      algorithms: ['RS256'],
      audience,
      issuer,
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ['exp'],
    });
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed) throw new TokenRefused(error.claim === 'iss' ? 'issuer' : 'audience');
    if (error instanceof errors.JOSEError) throw new TokenRefused('signature');
    throw error;
  }
}

function rolesOf(claim: unknown): string[] {
  return Array.isArray(claim) ? claim.slice(0, MAX_ROLES).filter((role) => typeof role === 'string') : [];
}
