import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateMode } from './secrets';

/**
 * The file with the secret that signs the questions to products, which a product on this machine needs to verify them. Made once; its folder has to be there.
 */
export function vetoKeyFile(dir: string): string {
  const file = join(dir, 'veto.secret');
  if (!existsSync(file)) writeFileSync(file, `whsec_${randomBytes(32).toString('base64')}\n`, { mode: privateMode });
  return file;
}
