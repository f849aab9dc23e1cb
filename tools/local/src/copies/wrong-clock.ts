import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a Node process is started with so that its clock is wrong by so many milliseconds; nothing for one whose clock is right. */
export function wrongClock(skewMs: number): { flags: string[]; settings: Record<string, string> } {
  if (skewMs === 0) return { flags: [], settings: {} };
  return { flags: ['--require', skewedDateFile()], settings: { SKEW_MS: String(skewMs) } };
}

/** In `dist` it is JavaScript; beside a test it is the source, and Node strips its types. */
function skewedDateFile(): string {
  const built = join(__dirname, 'skewed-date.js');
  return existsSync(built) ? built : join(__dirname, 'skewed-date.ts');
}
