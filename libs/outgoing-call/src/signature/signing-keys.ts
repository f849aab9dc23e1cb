import { createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { MAX_SIGNING_KEYS, SHARED_SECRET_BYTES } from '../outgoing-call.limits';

const SHARED = 'whsec_';
const PRIVATE = 'whsk_';
const PUBLIC = 'whpk_';
const SEED_BYTES = 32;
/** What stands before the seed in the PKCS #8 form of an Ed25519 key (RFC 8410, section 7). */
const PKCS8_BEFORE_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');

interface SigningKey {
  /** The signature with its version, as it stands in the header. */
  sign(content: string): string;
  /** What a receiver needs to verify it. */
  readonly forReceivers: string;
}

/**
 * The keys with which a call is signed, in the forms of Standard Webhooks: `whsec_…` is a secret that both sides have (HMAC-SHA256, `v1`), `whsk_…` an Ed25519
 * key of which receivers have the public half alone (`v1a`). Each key adds a signature, and a receiver accepts any that it knows: so keys
 * rotate by being added, and are removed when every receiver has the new one.
 */
export class SigningKeys {
  readonly #keys: readonly SigningKey[];

  private constructor(keys: readonly SigningKey[]) {
    if (keys.length < 1 || keys.length > MAX_SIGNING_KEYS)
      throw new RangeError(`a call is signed with one to ${MAX_SIGNING_KEYS} keys, not with ${keys.length}`);
    this.#keys = keys;
  }

  /**
   * Reads keys that stand in a setting or a file, separated by blanks, commas or line ends, the newest first.
   * @throws RangeError that says which one is wrong, and never shows it
   */
  static parse(text: string): SigningKeys {
    const texts = text.split(/[\s,]/).filter((entry) => entry !== '');
    return new SigningKeys(texts.map((entry, index) => signingKey(entry, `signing key ${index + 1}`)));
  }

  /** Secrets of the keyring, such as `keyring.signingSecrets('veto')`: it derives one for each purpose. @throws RangeError */
  static shared(secrets: readonly Uint8Array[]): SigningKeys {
    return new SigningKeys(secrets.map((secret, index) => sharedKey(Buffer.from(secret), `signing secret ${index + 1}`)));
  }

  /** What receivers need, in the order of the keys: `whsec_…`, which has to stay secret there as well, or `whpk_…`, which may be published. */
  forReceivers(): string[] {
    return this.#keys.map((key) => key.forReceivers);
  }

  /** The headers of a call: id, time and body are what is signed. @param atMs real time, never business time: receivers refuse what is 5 minutes off */
  headers({ id, atMs, body }: { id: string; atMs: number; body: string }): Record<string, string> {
    const timestamp = String(Math.floor(atMs / 1000));
    const content = `${id}.${timestamp}.${body}`;
    const signatures = this.#keys.map((key) => key.sign(content));
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
  }
}

function signingKey(text: string, name: string): SigningKey {
  if (text.startsWith(SHARED)) return sharedKey(decoded(text.slice(SHARED.length), name), name);
  if (text.startsWith(PRIVATE)) return privateKey(decoded(text.slice(PRIVATE.length), name), name);
  throw new RangeError(`${name} must begin with ${SHARED} (a shared secret) or ${PRIVATE} (an Ed25519 key)`);
}

function sharedKey(secret: Buffer, name: string): SigningKey {
  const { min, max } = SHARED_SECRET_BYTES;
  if (secret.length < min || secret.length > max)
    throw new RangeError(`${name} must have ${min} to ${max} bytes, and has ${secret.length}`);
  return {
    sign: (content) => `v1,${createHmac('sha256', secret).update(content).digest('base64')}`,
    forReceivers: SHARED + secret.toString('base64'),
  };
}

/** The seed alone, or the seed and the public key behind it: libraries write both forms. */
function privateKey(bytes: Buffer, name: string): SigningKey {
  const seed = bytes.subarray(0, SEED_BYTES);
  if (bytes.length !== SEED_BYTES && bytes.length !== 2 * SEED_BYTES)
    throw new RangeError(`${name} must have ${SEED_BYTES} bytes, or ${2 * SEED_BYTES} with its public key, and has ${bytes.length}`);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_BEFORE_SEED, seed]), format: 'der', type: 'pkcs8' });
  const open = publicBytes(key);
  if (bytes.length > SEED_BYTES && !bytes.subarray(SEED_BYTES).equals(open))
    throw new RangeError(`the two halves of ${name} do not belong together`);
  return {
    sign: (content) => `v1a,${sign(null, Buffer.from(content), key).toString('base64')}`,
    forReceivers: PUBLIC + open.toString('base64'),
  };
}

function publicBytes(key: KeyObject): Buffer {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

/** Node skips what is no base64: a secret that was cut or mistyped would sign, and no receiver would agree. */
function decoded(text: string, name: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new RangeError(`${name} is not base64 behind its prefix`);
  return bytes;
}
