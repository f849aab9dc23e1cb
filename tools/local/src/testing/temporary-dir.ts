import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir } from '../repository';

/** A folder for one test. Below the repository, since data of Postgres must lie on a real disk and not on a memory file system. */
export function temporaryDir(): { dir: string; remove(): void } {
  const parent = join(landfallDir, 'test');
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, 'dir-'));
  chmodSync(dir, 0o755); // as root, Postgres runs as another user, who must reach its data
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}
