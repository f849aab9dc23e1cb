import { generateKeyPairSync, sign } from 'node:crypto';

/** A self-signed certificate with its private key, as one PEM text, made for this run: no key of any kind is kept in the repository. */
export function aCertificate(): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sha256WithRsa = sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), element(0x05));
  const name = sequence(element(0x31, sequence(oid(0x55, 0x04, 0x03), element(0x0c, Buffer.from('landfall-test')))));
  const validity = sequence(element(0x17, Buffer.from('240101000000Z')), element(0x17, Buffer.from('490101000000Z')));
  const serialNumber = element(0x02, Buffer.from([1]));
  const content = sequence(serialNumber, sha256WithRsa, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }));
  const signature = element(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const body = sequence(content, sha256WithRsa, signature)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${body.trimEnd()}\n-----END CERTIFICATE-----\n${privateKey.export({ type: 'pkcs8', format: 'pem' })}`;
}

/** One element of DER: tag, length, content. */
function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Buffer[]) => element(0x30, ...content);
const oid = (...bytes: number[]) => element(0x06, Buffer.from(bytes));
