import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { limits } from '../limits';

/** What may be kept of a bearer token. */
export interface BearerReading {
  /** Distinguishes tokens, and cannot be used as one. */
  fingerprint: string;
  /** Real time; null: the token has no `exp`. It is not verified here. */
  expiresAtMs: number | null;
}

export function readBearer(authorization: string | undefined): BearerReading | null {
  const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (!token || token.length > limits.bearerTokenCharacters) return null;
  return { fingerprint: fingerprintOf(token), expiresAtMs: expiryOf(token) };
}

export function fingerprintOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url').slice(0, 22);
}

function expiryOf(token: string): number | null {
  try {
    const { exp } = decodeJwt(token);
    return typeof exp === 'number' ? exp * 1_000 : null;
  } catch {
    return null; // not a JWT
  }
}
