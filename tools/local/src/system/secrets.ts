import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Only the user who runs the system may read what is kept here. */
export const privateMode = 0o600;

/** The passwords of one system, made when first asked for and kept in `secrets.json`. */
export class Secrets {
  private readonly file: string;
  private readonly passwords: Record<string, string>;

  constructor(dir: string) {
    this.file = join(dir, 'secrets.json');
    this.passwords = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, 'utf8')) as Record<string, string>) : {};
  }

  passwordOf(user: string): string {
    const known = this.passwords[user];
    if (known) return known;
    const password = randomBytes(18).toString('base64url');
    this.passwords[user] = password;
    writeFileSync(this.file, JSON.stringify(this.passwords, null, 2), { mode: privateMode });
    return password;
  }
}
