import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, generateSecret, type JWK } from 'jose';
import { privateMode } from './secrets';

/** Each room opens what is sealed for it (`seal`), encrypts its own columns (`data`) and signs its own sessions (`session`). The kid is `<room>.<kind>.<n>`. */
const kinds = ['seal', 'data', 'session'] as const;

type RoomKey = JWK & { kid: string };

/**
 * Writes the key files of all rooms below `dir` and returns their paths by room. Made once: with new keys, nothing that was sealed before could be opened. A
 * room's file holds its own keys, and of the others what one needs to seal something for them.
 */
export async function keyringFiles(dir: string, rooms: readonly string[]): Promise<Map<string, string>> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const allFile = join(dir, 'all.json');
  const all = existsSync(allFile) ? (JSON.parse(readFileSync(allFile, 'utf8')) as { keys: RoomKey[] }).keys : [];
  const missing = rooms
    .flatMap((room) => kinds.map((kind) => ({ room, kind })))
    .filter(({ room, kind }) => !all.some(({ kid }) => kid.startsWith(`${room}.${kind}.`)));
  for (const { room, kind } of missing) all.push(await newKey(`${room}.${kind}.1`, kind));
  if (missing.length > 0) write(allFile, all);
  return new Map(
    rooms.map((room) => {
      const file = join(dir, `${room}.json`);
      write(
        file,
        all.flatMap((key) => shareOf(key, room)),
      );
      return [room, file];
    }),
  );
}

async function newKey(kid: string, kind: (typeof kinds)[number]): Promise<RoomKey> {
  if (kind !== 'seal')
    return { ...(await exportJWK(await generateSecret('A256GCM', { extractable: true }))), kid, use: kind === 'session' ? 'sig' : 'enc' };
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  return { ...(await exportJWK(privateKey)), kid, use: 'enc' };
}

function shareOf(key: RoomKey, room: string): RoomKey[] {
  const [owner, kind] = key.kid.split('.');
  if (owner === room) return [key];
  const { d: _private, ...publicHalf } = key;
  return kind === 'seal' ? [publicHalf] : [];
}

function write(file: string, keys: RoomKey[]): void {
  writeFileSync(file, JSON.stringify({ keys }, null, 2), { mode: privateMode });
}
