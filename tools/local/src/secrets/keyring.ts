import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, generateSecret, type JWK } from 'jose';
import { privateMode, readSecrets } from './secrets';

/**
 * A service decrypts what others have encrypted for it (`encryption`), encrypts its own columns (`data`) and signs its own sessions (`session`). The key id is
 * `<service>.<kind>.<n>`.
 */
const kinds = ['encryption', 'data', 'session'] as const;

type ServiceKey = JWK & { kid: string };

/**
 * Writes the key files of all services below `dir` and returns their paths by service. Made once: with new keys, nothing that was encrypted before could be
 * read. A service's file holds its own keys, and of the others what one needs to encrypt something for them.
 */
export async function keyringFiles(dir: string, services: readonly string[]): Promise<Map<string, string>> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const allFile = join(dir, 'all.json');
  const all = existsSync(allFile) ? readSecrets<{ keys: ServiceKey[] }>(allFile).keys : [];
  const missing = services
    .flatMap((service) => kinds.map((kind) => ({ service, kind })))
    .filter(({ service, kind }) => !all.some(({ kid }) => kid.startsWith(`${service}.${kind}.`)));
  for (const { service, kind } of missing) all.push(await newKey(`${service}.${kind}.1`, kind));
  if (missing.length > 0) write(allFile, all);
  return new Map(
    services.map((service) => {
      const file = join(dir, `${service}.json`);
      write(
        file,
        all.flatMap((key) => shareOf(key, service)),
      );
      return [service, file];
    }),
  );
}

async function newKey(kid: string, kind: (typeof kinds)[number]): Promise<ServiceKey> {
  if (kind !== 'encryption')
    return { ...(await exportJWK(await generateSecret('A256GCM', { extractable: true }))), kid, use: kind === 'session' ? 'sig' : 'enc' };
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  return { ...(await exportJWK(privateKey)), kid, use: 'enc' };
}

function shareOf(key: ServiceKey, service: string): ServiceKey[] {
  const [owner, kind] = key.kid.split('.');
  if (owner === service) return [key];
  const { d: _private, ...publicHalf } = key;
  return kind === 'encryption' ? [publicHalf] : [];
}

function write(file: string, keys: ServiceKey[]): void {
  writeFileSync(file, JSON.stringify({ keys }, null, 2), { mode: privateMode });
}
