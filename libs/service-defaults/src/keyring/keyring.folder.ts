import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeyring, partsOf, readKeyring, rotated, type JWKSet, type KeyringKey, type Rotation } from './keyring.file';

/** Only the user who runs the system may read what is kept here. */
const privateMode = 0o600;

/**
 * Brings a folder up to date in which an installation keeps its keys: `all.json` with all of them, and `<service>.json` with what one service needs, its own
 * keys and of the others what one needs to encrypt something for them. Keys that are there stay: with new ones, nothing that was encrypted before could be read.
 * @param step of a rotation
 * @throws Error with a sentence for people where that step cannot be taken, where `all.json` is damaged, or is missing though keys were made from it: others of the same names would open nothing
 */
export function keyringFolder(dir: string, services: readonly string[], step?: Rotation): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'all.json');
  const known = existsSync(file) ? keyringAt(file) : noneYet(dir, services, step !== undefined);
  const complete = completed(known, services);
  const all = step ? rotated(complete, step) : complete;
  if (step || all.keys.length > known.keys.length) write(file, all);
  for (const service of services) write(join(dir, `${service}.json`), shareOf(all, service));
}

function noneYet(dir: string, services: readonly string[], isRotation: boolean): JWKSet {
  const made = services.filter((service) => existsSync(join(dir, `${service}.json`)));
  if (isRotation || made.length > 0)
    throw new Error(
      `there is no ${join(dir, 'all.json')}, from which ${isRotation ? 'keys are rotated' : `${made.join(', ')} has keys`}: put it back from the vault`,
    );
  return { keys: [] };
}

function keyringAt(file: string): JWKSet {
  try {
    return readKeyring(file);
  } catch (error) {
    throw new Error(`${file} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function completed(known: JWKSet, services: readonly string[]): JWKSet {
  const has = new Set(known.keys.map(({ kid }) => familyOf(kid)));
  const missing = createKeyring(services).keys.filter(({ kid }) => !has.has(familyOf(kid)));
  return { keys: [...known.keys, ...missing] };
}

function familyOf(kid: string): string {
  const { service, kind } = partsOf(kid);
  return `${service}.${kind}`;
}

function shareOf({ keys }: JWKSet, service: string): JWKSet {
  return {
    keys: keys.flatMap((key): KeyringKey[] => {
      const { service: owner, kind } = partsOf(key.kid);
      if (owner === service) return [key];
      const { d: _private, ...publicHalf } = key;
      return kind === 'encryption' && !key.opensOnly ? [publicHalf as KeyringKey] : [];
    }),
  };
}

/** A process that is killed meanwhile leaves no half of it. */
function write(file: string, set: JWKSet): void {
  writeFileSync(`${file}.new`, JSON.stringify(set, null, 2), { mode: privateMode });
  renameSync(`${file}.new`, file);
}
