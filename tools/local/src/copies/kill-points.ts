import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Flags of a Node process that dies at a point which a test has named: where KILL_POINTS_FILE names the file of such points. None for any other process, and none that is deployed
 * is ever started with them.
 */
export function killPoints(file: string | undefined): string[] {
  if (!file) return [];
  const built = join(__dirname, 'killed-at-point.js');
  return ['--require', existsSync(built) ? built : join(__dirname, 'killed-at-point.ts')];
}
