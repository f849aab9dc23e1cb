import {
  createHash,
  createPublicKey,
  randomBytes,
  randomUUID,
  timingSafeEqual,
  X509Certificate,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

/** A client secret. Only its hash is kept: like Entra, the emulator shows a secret once, when it is made. */
export interface ClientSecret {
  id: string;
  sha256: string;
  /** Real time, since tokens live in it; null: never. */
  expiresAt: string | null;
}

/** The public half of a key pair with which an application signs its assertions, instead of sending a secret (contract 2.1). */
export interface ClientCertificate {
  /** SHA-1 of the certificate in upper-case hex, as Entra's portal shows it. */
  id: string;
  sha256: string;
  /** SPKI in PEM. */
  publicKey: string;
  validFrom: string;
  validTo: string;
}

/**
 * A workload that authenticates by its own identity provider: Entra exchanges the tokens of that provider that name this subject
 * (contract 2.1).
 */
export interface FederatedCredential {
  id: string;
  issuer: string;
  subject: string;
  audience: string;
  /** The provider's public key, SPKI in PEM: the emulator does not fetch it. */
  publicKey: string;
}

/** The audience that Entra proposes, and for which workloads request their token. */
export const federatedAudience = 'api://AzureADTokenExchange';

export function newSecretText(): string {
  return randomBytes(24).toString('base64url');
}

export function secretOf(text: string, expiresAt: string | null = null): ClientSecret {
  return { id: randomUUID(), sha256: createHash('sha256').update(text).digest('hex'), expiresAt };
}

/** The secret with this text, expired or not. */
export function findSecret(secrets: readonly ClientSecret[], text: string): ClientSecret | undefined {
  const sha256 = createHash('sha256').update(text).digest();
  return secrets.find((secret) => timingSafeEqual(Buffer.from(secret.sha256, 'hex'), sha256));
}

/** @throws when the text is no X.509 certificate in PEM, or its key is no RSA key of 2048 bits or more, which Entra asks for */
export function certificateOf(pem: string): ClientCertificate {
  const certificate = readOrThrow(
    () => new X509Certificate(pem),
    'The certificate is no X.509 certificate in PEM (-----BEGIN CERTIFICATE-----).',
  );
  return {
    id: certificate.fingerprint.replaceAll(':', ''),
    sha256: certificate.fingerprint256.replaceAll(':', ''),
    publicKey: rsaPem(certificate.publicKey),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
  };
}

/** @throws when the JWK is no public RSA key */
export function publicKeyOf(jwk: JsonWebKey): string {
  return rsaPem(readOrThrow(() => createPublicKey({ key: jwk, format: 'jwk' }), 'The JWK is no public key.'));
}

function rsaPem(key: KeyObject): string {
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2_048)
    throw new Error('The key must be an RSA key of 2048 bits or more.');
  return key.export({ type: 'spki', format: 'pem' }) as string;
}

function readOrThrow<T>(read: () => T, problem: string): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(problem, { cause });
  }
}
