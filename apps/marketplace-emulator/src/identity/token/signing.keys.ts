import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { limits } from '../../limits';
import type { Collection, Document } from '../../state/document.store';

export interface StoredKey extends Document {
  /** The private key. */
  jwk: JWK;
  /** Real time when another key took its place; left out: it signs. */
  retiredAtMs?: number;
}

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  publicJwk: JWK;
  retiredAtMs: number | undefined;
}

/**
 * The RSA keys of the identity service: the newest signs; those before it stay published for a day of real time, longer than the tokens
 * that they have signed and as long as a publisher may cache the set (contract 2.3).
 */
export class SigningKeys {
  private readonly keys: SigningKey[] = [];

  private constructor(
    private readonly stored: Collection<StoredKey>,
    private readonly realNow: () => number,
  ) {}

  static async open(stored: Collection<StoredKey>, realNow: () => number = Date.now): Promise<SigningKeys> {
    const keys = new SigningKeys(stored, realNow);
    const retiredAt = ({ retiredAtMs = Infinity }: StoredKey) => retiredAtMs;
    // two that sign: as stored
    const inOrder = [...stored.values()].sort((one, other) => Math.sign(retiredAt(one) - retiredAt(other)) || 0);
    for (const key of inOrder) keys.keys.push(await importKey(key));
    if (keys.keys.length === 0) await keys.rotate();
    return keys;
  }

  get current(): SigningKey {
    return this.keys.at(-1) as SigningKey;
  }

  publicKey(kid: string | undefined): CryptoKey | undefined {
    return this.keys.find((key) => key.kid === kid && this.isPublished(key))?.publicKey;
  }

  /** The published set. Like Entra's it names no `alg`. */
  published(): { keys: JWK[] } {
    return { keys: this.keys.filter((key) => this.isPublished(key)).map((key) => key.publicJwk) };
  }

  /** Signs with a new key from now on. `withdrawOld` takes the others out of the published set at once, as in an emergency. */
  async rotate({ withdrawOld = false } = {}): Promise<string> {
    const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
    const jwk = await exportJWK(privateKey);
    const key = await importKey({ jwk });
    this.retire(this.keys.at(-1));
    this.keys.push(key);
    this.stored.put({ id: key.kid, jwk });
    while (this.keys.length > (withdrawOld ? 1 : limits.publishedKeys)) this.stored.delete((this.keys.shift() as SigningKey).kid);
    return key.kid;
  }

  private retire(key: SigningKey | undefined): void {
    const stored = key && this.stored.get(key.kid);
    if (!stored) return;
    key.retiredAtMs = this.realNow();
    this.stored.put({ ...stored, retiredAtMs: key.retiredAtMs });
  }

  private isPublished({ retiredAtMs = Infinity }: SigningKey): boolean {
    return this.realNow() - retiredAtMs < limits.retiredKeyPublishedMs;
  }
}

async function importKey({ jwk, retiredAtMs }: Omit<StoredKey, 'id'>): Promise<SigningKey> {
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n: jwk.n, e: jwk.e });
  const publicJwk = { kty: 'RSA', use: 'sig', kid, n: jwk.n, e: jwk.e };
  return {
    kid,
    privateKey: (await importJWK(jwk, 'RS256')) as CryptoKey,
    publicKey: (await importJWK(publicJwk, 'RS256')) as CryptoKey,
    publicJwk,
    retiredAtMs,
  };
}
