/** What an access token says about whom it was issued to. A claim that it lacks, or that is no text, is absent. */
export interface TokenClaims {
  readonly tenantId?: string;
  readonly applicationId?: string;
  readonly audience?: string;
  /** Of the service principal: Microsoft may refuse a token without one (contract 2.1). */
  readonly objectId?: string;
}

/** Reads a token without checking it, for diagnosis alone: it is opaque to whoever calls (contract 2.1). Null where it cannot be read. */
export function claimsOf(token: string): TokenClaims | null {
  const claims = readObject(token.split('.')[1] ?? '');
  if (!claims) return null;
  const text = (...names: string[]) => names.map((name) => claims[name]).find((value): value is string => typeof value === 'string');
  const said = { tenantId: text('tid'), applicationId: text('appid', 'azp'), audience: text('aud'), objectId: text('oid') };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function readObject(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
