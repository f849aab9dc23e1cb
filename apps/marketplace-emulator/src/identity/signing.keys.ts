import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { limits } from '../limits';
import type { Collection, Document } from '../state/document.store';

export interface StoredKey extends Document {
  /** The private key. */
  jwk: JWK;
}

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  publicJwk: JWK;
}

/** The RSA keys of the identity service: the newest signs, those before it are still published, as tokens signed with them live for another hour. */
export class SigningKeys {
  private readonly keys: SigningKey[] = [];

  private constructor(private readonly stored: Collection<StoredKey>) {}

  static async open(stored: Collection<StoredKey>): Promise<SigningKeys> {
    const keys = new SigningKeys(stored);
    for (const { jwk } of stored.values()) keys.keys.push(await importKey(jwk));
    if (keys.keys.length === 0) await keys.rotate();
    return keys;
  }

  get current(): SigningKey {
    return this.keys.at(-1) as SigningKey;
  }

  publicKey(kid: string | undefined): CryptoKey | undefined {
    return this.keys.find((key) => key.kid === kid)?.publicKey;
  }

  /** The published set. Like Entra's it names no `alg`. */
  published(): { keys: JWK[] } {
    return { keys: this.keys.map((key) => key.publicJwk) };
  }

  /** Signs with a new key from now on. `withdrawOld` takes the others out of the published set at once, as in an emergency. */
  async rotate({ withdrawOld = false } = {}): Promise<string> {
    const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
    const jwk = await exportJWK(privateKey);
    const key = await importKey(jwk);
    this.keys.push(key);
    this.stored.put({ id: key.kid, jwk });
    while (this.keys.length > (withdrawOld ? 1 : limits.publishedKeys)) this.stored.delete((this.keys.shift() as SigningKey).kid);
    return key.kid;
  }
}

async function importKey(jwk: JWK): Promise<SigningKey> {
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n: jwk.n, e: jwk.e });
  const publicJwk = { kty: 'RSA', use: 'sig', kid, n: jwk.n, e: jwk.e };
  return {
    kid,
    privateKey: (await importJWK(jwk, 'RS256')) as CryptoKey,
    publicKey: (await importJWK(publicJwk, 'RS256')) as CryptoKey,
    publicJwk,
  };
}
