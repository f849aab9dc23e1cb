import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup.error';
import { allServices } from '../system/services';

/** Only the user who runs the system may read what is kept here. */
export const privateMode = 0o600;

/** What a variable is called that holds a secret, or names the file of one. When a secret ends is none. */
const secretName = /SECRET(?!_EXPIRES$)|PASSWORD|TOKEN|CREDENTIAL|CERTIFICATE|PRIVATE|_KEYS?(_FILE)?$|^MIGRATION_DATABASE_URL/i;
/** By which all services log in to a broker of the user's own; which topics each may touch is that broker's list. */
const sharedSecrets = [
  ...['KAFKA_SASL_PASSWORD', 'KAFKA_SSL_CERTIFICATE', 'KAFKA_SSL_KEY'],
  ...['KAFKA_OAUTH_TOKEN_URL', 'KAFKA_OAUTH_CLIENT_SECRET', 'KAFKA_OAUTH_FEDERATED_TOKEN'],
];

/**
 * The environment without what only others may know: another service's secrets, and whatever else the user's shell has (a cloud's key, a
 * password for something else). Whoever breaks into one service must not find there what opens the next.
 */
export function withOwnSecrets(name: string, env: Record<string, string | undefined>): Record<string, string | undefined> {
  const own = [...sharedSecrets, ...(allServices.find((service) => service.name === name)?.secrets ?? [])];
  const isOwn = (variable: string) => own.some((secret) => variable === secret || variable === `${secret}_FILE`);
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !secretName.test(variable) || isOwn(variable)));
}

/** Reads a file of secrets. What is wrong with it is said without the parser's words, which quote the text around the fault. */
export function readSecrets<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SetupError(`${file} is no JSON: it was cut short or edited. Put it back, or remove .landfall to begin with new data.`);
  }
}

/** The passwords of one system, made when first asked for and kept in `secrets.json`. */
export class Secrets {
  private readonly file: string;
  private readonly passwords: Record<string, string>;

  constructor(dir: string) {
    this.file = join(dir, 'secrets.json');
    this.passwords = existsSync(this.file) ? readSecrets<Record<string, string>>(this.file) : {};
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
