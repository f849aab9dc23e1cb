import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { JweCipher, partsOfJwe, plainHeader } from './jwe.cipher';

const ALGORITHM = 'ECDH-ES';
const ENCRYPTION = 'A256GCM';
const CURVE = 'P-256';

/** A key is agreed for what leaves within so long, then forgotten, and for so many texts: far fewer than one key may encrypt under drawn initialization vectors (2^32). */
const AGREED_MS = 60_000;
const AGREED_TEXTS = 100_000;
/** Agreed keys that a service remembers of those who write to it. Each of their copies agrees on one a minute. */
const AGREEMENTS_KEPT = 100;

/** The public half of a service's key. What it writes is a compact JWE (RFC 7516) with `ECDH-ES` and `A256GCM`, which that service alone opens. */
export class ServicesPublicKey {
  private readonly key: KeyObject;
  private agreed: { cipher: JweCipher; textsLeft: number } | null = null;

  /** @throws Error where it is no point of P-256 */
  constructor(
    private readonly kid: string,
    jwk: JsonWebKey,
  ) {
    this.key = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y } as JsonWebKey, format: 'jwk' });
  }

  encrypt(text: string): string {
    if (!this.agreed || this.agreed.textsLeft === 0) this.agreed = this.agree();
    this.agreed.textsLeft -= 1;
    return this.agreed.cipher.encrypt(text);
  }

  private agree() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: CURVE });
    const header = { alg: ALGORITHM, enc: ENCRYPTION, kid: this.kid, epk: publicKey.export({ format: 'jwk' }) };
    const agreed = { cipher: new JweCipher(agreedKey(privateKey, this.key), header), textsLeft: AGREED_TEXTS };
    setTimeout(() => {
      if (this.agreed === agreed) this.agreed = null;
    }, AGREED_MS).unref();
    return agreed;
  }
}

/** A service's own key, which opens what any library of that standard wrote for it. */
export class ServicesPrivateKey {
  private readonly key: KeyObject;
  /** By the header, which names the other half. The oldest goes first. */
  private readonly agreements = new Map<string, JweCipher>();

  /** @throws Error where it is no private key of P-256 */
  constructor(jwk: JsonWebKey) {
    this.key = createPrivateKey({ key: jwk, format: 'jwk' });
  }

  /** @throws Error where the text is of another form, or is not as it was written for this key */
  decrypt(jwe: string): string {
    const parts = partsOfJwe(jwe);
    const known = this.agreements.get(parts.header);
    if (known) return known.decrypt(parts);
    const cipher = new JweCipher(agreedKey(this.key, publicHalf(parts.header)), parts.header);
    const text = cipher.decrypt(parts);
    this.remember(cipher);
    return text;
  }

  /** Only what has opened a text: a header that somebody made up takes nobody's place. */
  private remember(cipher: JweCipher): void {
    const [oldest] = this.agreements.keys();
    if (oldest !== undefined && this.agreements.size >= AGREEMENTS_KEPT) this.agreements.delete(oldest);
    this.agreements.set(cipher.header, cipher);
  }
}

/** @throws TypeError, Error where the header names none, or one that is no point of the curve */
function publicHalf(header: string): KeyObject {
  const { epk } = plainHeader(header, ALGORITHM) as { epk?: JsonWebKey };
  if (epk?.kty !== 'EC' || epk.crv !== CURVE) throw new TypeError('its header names no point of P-256');
  return createPublicKey({ key: { kty: epk.kty, crv: epk.crv, x: epk.x, y: epk.y } as JsonWebKey, format: 'jwk' });
}

/** RFC 7518, 4.6: the one round of Concat KDF that 256 bits need, without PartyUInfo and PartyVInfo. */
function agreedKey(privateKey: KeyObject, publicKey: KeyObject): KeyObject {
  const secret = diffieHellman({ privateKey, publicKey });
  const info = [uint32(1), secret, uint32(ENCRYPTION.length), Buffer.from(ENCRYPTION, 'latin1'), uint32(0), uint32(0), uint32(256)];
  return createSecretKey(createHash('sha256').update(Buffer.concat(info)).digest());
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
