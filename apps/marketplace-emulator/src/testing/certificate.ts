import { generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';

export interface TestCertificate {
  /** The certificate in PEM. */
  pem: string;
  privateKey: KeyObject;
  /** SHA-1 and SHA-256 of the certificate, in upper-case hex. */
  sha1: string;
  sha256: string;
}

const sha256WithRsa = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'));
const commonName = Buffer.from('0603550403', 'hex');

/** A certificate that signs itself (RFC 5280): Node reads certificates and makes none, and one in a file would end some day. */
export function selfSignedCertificate({ from = '2020-01-01', to = '2120-01-01', modulusLength = 2048 } = {}): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const name = sequence(element(0x31, sequence(commonName, element(0x0c, Buffer.from('publisher')))));
  const content = sequence(
    element(0xa0, Buffer.from('020102', 'hex')), // version 3
    element(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])), // serial number
    sha256WithRsa,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = element(0x03, Buffer.concat([Buffer.of(0), sign('sha256', content, privateKey)]));
  const certificate = new X509Certificate(sequence(content, sha256WithRsa, signature));
  const [sha1, sha256] = [certificate.fingerprint, certificate.fingerprint256].map((print) => print.replaceAll(':', '')) as [
    string,
    string,
  ];
  return { pem: certificate.toString(), privateKey, sha1, sha256 };
}

function time(day: string): Buffer {
  return element(0x18, Buffer.from(`${day.replaceAll('-', '')}000000Z`));
}

function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

/** Tag, length, content, as DER writes them. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? Buffer.of(length) : length < 256 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(tag), size, content]);
}
