import { hkdfSync, type JsonWebKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { decodeProtectedHeader } from 'jose';
import { ColumnKey } from './column.key';
import { partsOf, type JWKSet, type KeyKind, type KeyringKey } from './keyring.file';
import { KeyMissing, DecryptionFailed } from './keyring.errors';
import { ServicesPrivateKey, ServicesPublicKey } from './service.key';

const SIGNING_SECRET_BYTES = 32;

/**
 * The keys of one service. What travels to another service is encrypted for it and only that service opens it; what stays in this service's columns is
 * encrypted with its own data key. The newest key of a kind encrypts, unless it only opens as yet; every key opens. So keys rotate by being added, then used, and
 * are removed when nothing is left that they encrypted.
 */
@Injectable()
export class Keyring {
  private readonly columnKeys = new Map<string, ColumnKey>();
  private readonly publicKeys = new Map<string, ServicesPublicKey>();
  private readonly privateKeys = new Map<string, ServicesPrivateKey>();
  private readonly keys: Map<string, KeyringKey>;
  /** By service and kind, the newest first: keys never change while a service runs. */
  private readonly sorted = new Map<string, readonly KeyringKey[]>();

  constructor(
    private readonly service: string,
    set: JWKSet,
  ) {
    this.keys = new Map(set.keys.map((key) => [key.kid, key]));
  }

  /** Encrypts a text so that only `service` can read it: a compact JWE (ECDH-ES, A256GCM). @throws KeyMissing */
  async encryptFor(service: string, text: string): Promise<string> {
    const { kid } = this.newest(service, 'encryption');
    return memoized(this.publicKeys, kid, () => new ServicesPublicKey(kid, this.find(kid) as JsonWebKey)).encrypt(text);
  }

  /** Opens what was encrypted for this service. @throws KeyMissing, DecryptionFailed */
  async decryptReceived(jwe: string): Promise<string> {
    const kid = this.ownKid(jwe, 'encryption');
    const key = this.openingKey(kid);
    try {
      return key.decrypt(jwe);
    } catch (error) {
      throw new DecryptionFailed(kid, { cause: error });
    }
  }

  /** Encrypts a value for a column of this service (dir, A256GCM, the kid in its header). The same text never gives the same value twice: it cannot be searched for. @throws KeyMissing */
  async encryptColumn(text: string): Promise<string> {
    const { kid } = this.newest(this.service, 'data');
    return this.columnKey(kid).encrypt(text);
  }

  /** @throws KeyMissing, DecryptionFailed */
  async decryptColumn(jwe: string): Promise<string> {
    const kid = this.ownKid(jwe, 'data');
    const key = this.columnKey(kid);
    try {
      return key.decrypt(jwe);
    } catch (error) {
      throw new DecryptionFailed(kid, { cause: error });
    }
  }

  /** The secret that this service signs with for a purpose (cookies, hand-offs …); another purpose never shares it. 32 bytes. @throws KeyMissing */
  signingSecret(purpose: string): Buffer {
    return derived(this.newest(this.service, 'session'), purpose);
  }

  /** All secrets of a purpose: the first signs, each verifies. @throws KeyMissing */
  signingSecrets(purpose: string): Buffer[] {
    const signing = this.newest(this.service, 'session');
    const others = this.ofKind(this.service, 'session').filter((key) => key !== signing);
    return [signing, ...others].map((key) => derived(key, purpose));
  }

  /** The kid of a text that only this service opens. */
  private ownKid(jwe: string, kind: KeyKind): string {
    const kid = kidOf(jwe);
    if (kid.startsWith(`${this.service}.${kind}.`)) return kid;
    throw new KeyMissing(`A text for ${kid} was handed to ${this.service}, which opens its own ${kind} keys' texts alone`);
  }

  private columnKey(kid: string): ColumnKey {
    return memoized(this.columnKeys, kid, () => new ColumnKey(kid, this.find(kid)['k']));
  }

  private openingKey(kid: string): ServicesPrivateKey {
    const key = this.find(kid);
    if (key['d'] === undefined) throw new KeyMissing(`Of ${kid} only the public half is here`);
    return memoized(this.privateKeys, kid, () => new ServicesPrivateKey(key as JsonWebKey));
  }

  private find(kid: string): KeyringKey {
    const key = this.keys.get(kid);
    if (!key) throw new KeyMissing(`There is no key ${kid}`);
    return key;
  }

  private newest(service: string, kind: KeyKind): KeyringKey {
    const newest = this.ofKind(service, kind).find(({ opensOnly }) => !opensOnly);
    if (!newest) throw new KeyMissing(`There is no ${kind} key of ${service}`);
    return newest;
  }

  private ofKind(service: string, kind: KeyKind): readonly KeyringKey[] {
    const prefix = `${service}.${kind}.`;
    const known = this.sorted.get(prefix);
    if (known) return known;
    const keys = [...this.keys.values()].filter(({ kid }) => kid.startsWith(prefix));
    keys.sort((a, b) => partsOf(b.kid).generation - partsOf(a.kid).generation);
    this.sorted.set(prefix, keys);
    return keys;
  }
}

function memoized<T>(known: Map<string, T>, kid: string, make: () => T): T {
  const value = known.get(kid) ?? make();
  known.set(kid, value);
  return value;
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
