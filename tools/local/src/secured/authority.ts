import 'reflect-metadata'; // @peculiar/x509 asks for it
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import { loopback } from '../process/ports';

/** A certificate and its private key, both as PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const lifeMs = 365 * 86_400_000;
/** Clocks of tests are turned. */
const earlierMs = 86_400_000;

/** An authority of one's own, as companies have it: it signs the certificates of servers on this machine. */
export class Authority {
  private constructor(
    private readonly own: X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async make(): Promise<Authority> {
    const keys = await newKeys();
    const extensions = [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)];
    const own = await X509CertificateGenerator.createSelfSigned(
      { ...common(), name: 'CN=Authority of this system', keys, extensions },
      webcrypto,
    );
    return new Authority(own, keys);
  }

  /** PEM. */
  get certificate(): string {
    return this.own.toString('pem');
  }

  /** For a server on loopback, or a client with that name. */
  async issue(name: string): Promise<Issued> {
    const keys = await newKeys();
    const addresses = new SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: loopback },
    ]);
    const certificate = await X509CertificateGenerator.create(
      {
        ...common(),
        subject: `CN=${name}`,
        issuer: this.own.subject,
        publicKey: keys.publicKey,
        signingKey: this.keys.privateKey,
        extensions: [addresses, new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)],
      },
      webcrypto,
    );
    return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
  }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

function common() {
  const now = Date.now();
  const serialNumber = `01${randomBytes(8).toString('hex')}`;
  return { serialNumber, notBefore: new Date(now - earlierMs), notAfter: new Date(now + lifeMs), signingAlgorithm: algorithm };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const body = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${body.replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
}
