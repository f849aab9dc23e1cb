import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

const [IV_BYTES, TAG_BYTES] = [12, 16];
const CIPHER = 'aes-256-gcm';
/** So many are drawn at once: a call to the system costs as much as the encryption of a body. */
const IVS_DRAWN = 256;
/** Header, no encrypted key, 12 bytes, the encrypted text, 16 bytes: all as base64url. */
const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/;

/** A compact JWE (RFC 7516) without an encrypted key, as its parts are written. */
export interface JweParts {
  readonly header: string;
  readonly iv: string;
  readonly encrypted: string;
  readonly tag: string;
}

/** @throws TypeError for a text of another form */
export function partsOfJwe(jwe: string): JweParts {
  const [, header, iv, encrypted, tag] = COMPACT.exec(jwe) ?? [];
  if (!header || !iv || encrypted === undefined || !tag) throw new TypeError('it is no compact JWE without an encrypted key');
  return { header, iv, encrypted, tag };
}

/** @throws SyntaxError where the header is no JSON; TypeError where it names another way or cipher, or asks for more: something else was done to the text, which may be compressed or extended */
export function plainHeader(header: string, algorithm: string): Record<string, unknown> {
  const { alg, enc, crit, zip, apu, apv, ...more } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
  if (alg !== algorithm || enc !== 'A256GCM') throw new TypeError(`it was encrypted by ${String(alg)} and ${String(enc)}`);
  if ([crit, zip, apu, apv].some((asked) => asked !== undefined)) throw new TypeError('its header asks for something that is not known');
  return more;
}

/** Encrypts by A256GCM with one key, all under one header. */
export class JweCipher {
  readonly header: string;
  private readonly headerBytes: Buffer;
  /** Drawn and not used yet. Each is used once. */
  private ivs = Buffer.alloc(0);

  /** @param key 256 bits. @param header as its JSON, or as it is written in a text that came */
  constructor(
    private readonly key: KeyObject,
    header: object | string,
  ) {
    this.header = typeof header === 'string' ? header : Buffer.from(JSON.stringify(header)).toString('base64url');
    this.headerBytes = Buffer.from(this.header, 'latin1');
  }

  encrypt(text: string): string {
    const iv = this.nextIv();
    const cipher = createCipheriv(CIPHER, this.key, iv, { authTagLength: TAG_BYTES }).setAAD(this.headerBytes);
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const parts = [iv, encrypted, cipher.getAuthTag()].map((part) => part.toString('base64url'));
    return [this.header, '', ...parts].join('.');
  }

  private nextIv(): Buffer {
    if (this.ivs.length === 0) this.ivs = randomBytes(IVS_DRAWN * IV_BYTES);
    const iv = this.ivs.subarray(0, IV_BYTES);
    this.ivs = this.ivs.subarray(IV_BYTES);
    return iv;
  }

  /** @throws Error where the text, or its header, is not as this key wrote it */
  decrypt({ header, iv, encrypted, tag }: JweParts): string {
    const decipher = createDecipheriv(CIPHER, this.key, Buffer.from(iv, 'base64url'), { authTagLength: TAG_BYTES })
      .setAAD(header === this.header ? this.headerBytes : Buffer.from(header, 'latin1'))
      .setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(encrypted, 'base64url'), decipher.final()]).toString('utf8');
  }
}
