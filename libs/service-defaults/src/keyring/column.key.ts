import { createSecretKey } from 'node:crypto';
import { JweCipher, partsOfJwe, plainHeader } from './jwe.cipher';

const KEY_BYTES = 32;
const ALGORITHM = 'dir';

/** A key of a service's columns. What it writes is a compact JWE (RFC 7516) with `dir` and `A256GCM`, and it opens what any library of that standard wrote. */
export class ColumnKey {
  private readonly cipher: JweCipher;

  /** @param secret 32 bytes, as base64url. @throws TypeError where it is not that */
  constructor(kid: string, secret: unknown) {
    const bytes = Buffer.from(typeof secret === 'string' ? secret : '', 'base64url');
    if (bytes.length !== KEY_BYTES) throw new TypeError(`${kid} is no key of ${KEY_BYTES} bytes`);
    this.cipher = new JweCipher(createSecretKey(bytes), { alg: ALGORITHM, enc: 'A256GCM', kid });
  }

  encrypt(text: string): string {
    return this.cipher.encrypt(text);
  }

  /** @throws Error where the text is of another form, or is not as this key wrote it */
  decrypt(jwe: string): string {
    const parts = partsOfJwe(jwe);
    if (parts.header !== this.cipher.header) plainHeader(parts.header, ALGORITHM);
    return this.cipher.decrypt(parts);
  }
}
