import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, importJWK, type CryptoKey, type JWK } from 'jose';
import { partsOf, type JWKSet, type KeyKind, type KeyringKey } from './keyring.file';
import { KeyMissing, DecryptionFailed } from './keyring.errors';

const ENCRYPTION = 'A256GCM';
const ALGORITHM = { encryption: 'ECDH-ES', data: 'dir' } as const;
const SIGNING_SECRET_BYTES = 32;

/**
 * The keys of one service. What travels to another service is encrypted for it and only that service opens it; what stays in this service's columns is
 * encrypted with its own data key. The newest key of a kind encrypts; every key opens, so keys rotate by being added, and are removed when
 * nothing is left that they encrypted.
 */
@Injectable()
export class Keyring {
  private readonly imported = new Map<string, Promise<CryptoKey | Uint8Array>>();
  private readonly keys: Map<string, KeyringKey>;

  constructor(
    private readonly service: string,
    set: JWKSet,
  ) {
    this.keys = new Map(set.keys.map((key) => [key.kid, key]));
  }

  /** Encrypts a text so that only `service` can read it: a compact JWE (ECDH-ES, A256GCM). @throws KeyMissing */
  async encryptFor(service: string, text: string): Promise<string> {
    const { kid } = this.newest(service, 'encryption');
    return this.encrypt(text, kid, await this.publicKey(kid), 'encryption');
  }

  /** Opens what was encrypted for this service. @throws KeyMissing, DecryptionFailed */
  decryptReceived(jwe: string): Promise<string> {
    return this.decrypt(jwe, 'encryption');
  }

  /** Encrypts a value for a column of this service (dir, A256GCM, the kid in its header). The same text never gives the same value twice: it cannot be searched for. @throws KeyMissing */
  async encryptColumn(text: string): Promise<string> {
    const { kid } = this.newest(this.service, 'data');
    return this.encrypt(text, kid, await this.openingKey(kid), 'data');
  }

  /** @throws KeyMissing, DecryptionFailed */
  decryptColumn(jwe: string): Promise<string> {
    return this.decrypt(jwe, 'data');
  }

  /** The secret that this service signs with for a purpose (cookies, hand-offs …); another purpose never shares it. 32 bytes. @throws KeyMissing */
  signingSecret(purpose: string): Buffer {
    return derived(this.newest(this.service, 'session'), purpose);
  }

  /** All secrets of a purpose, the newest first: the first signs, each verifies. @throws KeyMissing */
  signingSecrets(purpose: string): Buffer[] {
    const keys = this.ofKind(this.service, 'session');
    if (keys.length === 0) throw new KeyMissing(`There is no session key of ${this.service}`);
    return keys.map((key) => derived(key, purpose));
  }

  private async encrypt(text: string, kid: string, key: CryptoKey | Uint8Array, kind: keyof typeof ALGORITHM): Promise<string> {
    return new CompactEncrypt(Buffer.from(text, 'utf8')).setProtectedHeader({ alg: ALGORITHM[kind], enc: ENCRYPTION, kid }).encrypt(key);
  }

  private async decrypt(jwe: string, kind: keyof typeof ALGORITHM): Promise<string> {
    const kid = kidOf(jwe);
    if (!kid.startsWith(`${this.service}.${kind}.`))
      throw new KeyMissing(`A text for ${kid} was handed to ${this.service}, which opens its own ${kind} keys' texts alone`);
    const key = await this.openingKey(kid);
    try {
      const limits = { keyManagementAlgorithms: [ALGORITHM[kind]], contentEncryptionAlgorithms: [ENCRYPTION] };
      const { plaintext } = await compactDecrypt(jwe, key, limits);
      return Buffer.from(plaintext).toString('utf8');
    } catch (error) {
      throw new DecryptionFailed(kid, { cause: error });
    }
  }

  private publicKey(kid: string): Promise<CryptoKey | Uint8Array> {
    const { d: _private, ...open } = this.find(kid);
    return this.importOnce(`public ${kid}`, open, ALGORITHM.encryption);
  }

  private openingKey(kid: string): Promise<CryptoKey | Uint8Array> {
    const key = this.find(kid);
    if (key.kty === 'EC' && key['d'] === undefined) throw new KeyMissing(`Of ${kid} only the public half is here`);
    return this.importOnce(kid, key, key.kty === 'EC' ? ALGORITHM.encryption : ALGORITHM.data);
  }

  private importOnce(name: string, key: Record<string, unknown>, algorithm: string): Promise<CryptoKey | Uint8Array> {
    const known = this.imported.get(name);
    if (known) return known;
    const imported = importJWK(key as JWK, algorithm);
    this.imported.set(name, imported);
    return imported;
  }

  private find(kid: string): KeyringKey {
    const key = this.keys.get(kid);
    if (!key) throw new KeyMissing(`There is no key ${kid}`);
    return key;
  }

  private newest(service: string, kind: KeyKind): KeyringKey {
    const [newest] = this.ofKind(service, kind);
    if (!newest) throw new KeyMissing(`There is no ${kind} key of ${service}`);
    return newest;
  }

  private ofKind(service: string, kind: KeyKind): KeyringKey[] {
    const prefix = `${service}.${kind}.`;
    const keys = [...this.keys.values()].filter(({ kid }) => kid.startsWith(prefix));
    return keys.sort((a, b) => partsOf(b.kid).generation - partsOf(a.kid).generation);
  }
}

function kidOf(jwe: string): string {
  try {
    const { kid } = decodeProtectedHeader(jwe);
    if (typeof kid === 'string') return partsOf(kid) && kid;
  } catch (error) {
    throw new DecryptionFailed('an unreadable kid', { cause: error });
  }
  throw new DecryptionFailed('no kid at all');
}

function derived(key: KeyringKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(String(key['k']), 'base64url'), '', `landfall:${purpose}`, SIGNING_SECRET_BYTES));
}
