import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

const [KEY_BYTES, IV_BYTES, TAG_BYTES] = [32, 12, 16];
const CIPHER = 'aes-256-gcm';
/** So many are drawn at once: a call to the system costs as much as the encryption of a body. */
const IVS_DRAWN = 256;
/** Header, no encrypted key, 12 bytes, the encrypted text, 16 bytes: all as base64url. */
const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/;

/** A key of a service's columns. What it writes is a compact JWE (RFC 7516) with `dir` and `A256GCM`, and it opens what any library of that standard wrote. */
export class ColumnKey {
  private readonly key: KeyObject;
  /** The same in all that it writes. */
  private readonly header: string;
  private readonly headerBytes: Buffer;
  /** Drawn and not used yet. Each is used once. */
  private ivs = Buffer.alloc(0);

  /** @param secret 32 bytes, as base64url. @throws TypeError where it is not that */
  constructor(kid: string, secret: unknown) {
    const bytes = Buffer.from(typeof secret === 'string' ? secret : '', 'base64url');
    if (bytes.length !== KEY_BYTES) throw new TypeError(`${kid} is no key of ${KEY_BYTES} bytes`);
    this.key = createSecretKey(bytes);
    this.header = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid })).toString('base64url');
    this.headerBytes = Buffer.from(this.header, 'latin1');
  }

  encrypt(text: string): string {
    const iv = this.nextIv();
    const cipher = createCipheriv(CIPHER, this.key, iv, { authTagLength: TAG_BYTES }).setAAD(this.headerBytes);
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return [this.header, '', iv.toString('base64url'), encrypted.toString('base64url'), cipher.getAuthTag().toString('base64url')].join(
      '.',
    );
  }

  private nextIv(): Buffer {
    if (this.ivs.length === 0) this.ivs = randomBytes(IVS_DRAWN * IV_BYTES);
    const iv = this.ivs.subarray(0, IV_BYTES);
    this.ivs = this.ivs.subarray(IV_BYTES);
    return iv;
  }

  /** @throws Error where the text is of another form, or is not as this key wrote it */
  decrypt(jwe: string): string {
    const [, header, iv, encrypted, tag] = COMPACT.exec(jwe) ?? [];
    if (!header || !iv || encrypted === undefined || !tag) throw new TypeError('it is no compact JWE without an encrypted key');
    if (header !== this.header) requirePlain(header);
    const decipher = createDecipheriv(CIPHER, this.key, Buffer.from(iv, 'base64url'), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(header, 'latin1'))
      .setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(encrypted, 'base64url'), decipher.final()]).toString('utf8');
  }
}

/** Of a header that another library wrote: nothing else was done to the text, neither compressed nor extended. */
function requirePlain(header: string): void {
  const { alg, enc, crit, zip } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, unknown>;
  if (alg !== 'dir' || enc !== 'A256GCM') throw new TypeError(`it was encrypted by ${String(alg)} and ${String(enc)}`);
  if (crit !== undefined || zip !== undefined) throw new TypeError('its header asks for something that is not known');
}
