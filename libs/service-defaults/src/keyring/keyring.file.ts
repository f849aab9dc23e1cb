import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** `encryption`: texts for a service. `data`: a service's columns. `session`: what a service signs. */
export type KeyKind = 'encryption' | 'data' | 'session';

/** A JWK; EC P-256 for `encryption`, `oct` of 256 bits for the others. Its kid is `<service>.<kind>.<n>`. */
export interface KeyringKey {
  kid: string;
  kty: string;
  use: string;
  /** It opens and verifies, and nothing is written with it yet: every copy of its service has it before anybody uses it. */
  opensOnly?: boolean;
  [parameter: string]: unknown;
}
export interface JWKSet {
  keys: KeyringKey[];
}

const KID = /^([a-z][a-z-]*)\.(encryption|data|session)\.([1-9]\d{0,8})$/;
const KINDS: readonly KeyKind[] = ['encryption', 'data', 'session'];
const SECRET_BYTES = 32;

const point = z.base64url().length(43);
const keySchema = z.union([
  z.looseObject({
    kid: z.string().regex(KID),
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    use: z.literal('enc'),
    x: point,
    y: point,
    d: point.optional(),
    opensOnly: z.boolean().optional(),
  }),
  z.looseObject({ kid: z.string().regex(KID), kty: z.literal('oct'), use: z.string(), k: point, opensOnly: z.boolean().optional() }),
]);

/** What a kid says. Higher generations are newer. @throws Error for a kid of another form */
export function partsOf(kid: string): { service: string; kind: KeyKind; generation: number } {
  const [, service, kind, generation] = KID.exec(kid) ?? [];
  if (!service || !kind) throw new Error(`${kid.slice(0, 80)} is no kid of a keyring (<service>.<encryption|data|session>.<n>)`);
  return { service, kind: kind as KeyKind, generation: Number(generation) };
}

/** A fresh keyring with one key of each kind per service. It holds every private key: an installation splits it, so that each service gets its own and the others' public ones. */
export function createKeyring(services: readonly string[]): JWKSet {
  return services
    .flatMap((service) => KINDS.map((kind) => ({ service, kind })))
    .reduce((set, { service, kind }) => withNextKey(set, service, kind), { keys: [] } as JWKSet);
}

/** One step of a rotation: a key of the next generation, which only opens; its use; the end of one that nothing needs any more. */
export type Rotation = { next: string } | { use: string } | { drop: string };

/** The keyring after a step of a rotation. `next` and `use` name a service and a kind, `drop` a key. @throws Error with a sentence for people where the step before is missing */
export function rotated(set: JWKSet, step: Rotation): JWKSet {
  if ('drop' in step) return withoutKey(set, step.drop);
  const family = 'next' in step ? step.next : step.use;
  const { service, kind } = partsOf(`${family}.1`);
  const waiting = set.keys.find(({ kid, opensOnly }) => opensOnly && kid.startsWith(`${family}.`));
  if ('next' in step) {
    if (waiting) throw new Error(`${waiting.kid} is there already, and only opens: use it before you add another`);
    const { keys } = withNextKey(set, service, kind);
    return { keys: keys.map((key, index) => (index === keys.length - 1 ? { ...key, opensOnly: true } : key)) };
  }
  if (!waiting)
    throw new Error(`there is no key of ${family} that only opens: add the next one first, and give it to every copy of ${service}`);
  const { opensOnly: _before, ...used } = waiting;
  return { keys: set.keys.map((key) => (key === waiting ? (used as KeyringKey) : key)) };
}

function withoutKey(set: JWKSet, kid: string): JWKSet {
  const { service, kind, generation } = partsOf(kid);
  if (!set.keys.some((key) => key.kid === kid)) throw new Error(`there is no key ${kid}`);
  const isNewer = (key: KeyringKey) =>
    key.kid.startsWith(`${service}.${kind}.`) && !key.opensOnly && partsOf(key.kid).generation > generation;
  if (!set.keys.some(isNewer)) throw new Error(`${kid} is in use: only a key that a newer one has replaced can be dropped`);
  return { keys: set.keys.filter((key) => key.kid !== kid) };
}

/** The keyring with one more key of a kind: the next generation, which encrypts from now on while all before it still open. */
export function withNextKey(set: JWKSet, service: string, kind: KeyKind): JWKSet {
  const generations = set.keys.map(({ kid }) => partsOf(kid)).filter((parts) => parts.service === service && parts.kind === kind);
  const kid = `${service}.${kind}.${Math.max(0, ...generations.map(({ generation }) => generation)) + 1}`;
  return { keys: [...set.keys, kind === 'encryption' ? encryptionKey(kid) : secretKey(kid, kind)] };
}

/** @throws Error with a sentence for people where the file is missing, no JSON or no keyring. It never quotes the file, which holds keys. */
export function readKeyring(path: string): JWKSet {
  const parsed = z.object({ keys: z.array(keySchema) }).safeParse(jsonOf(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data as JWKSet;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Error(
    `it is no keyring: ${where || 'the document'} must be an EC P-256 or a 256-bit oct JWK with a kid <service>.<encryption|data|session>.<n>`,
  );
}

/** The parser's own message quotes the text around the fault. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is no JSON: was it cut short, or edited by hand? Write it anew from the installation’s secrets');
  }
}

function encryptionKey(kid: string): KeyringKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...(privateKey.export({ format: 'jwk' }) as { kty: string }), kid, use: 'enc' };
}

function secretKey(kid: string, kind: KeyKind): KeyringKey {
  return { kty: 'oct', k: randomBytes(SECRET_BYTES).toString('base64url'), kid, use: kind === 'session' ? 'sig' : 'enc' };
}
