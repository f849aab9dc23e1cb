import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namesWithKeys } from '@landfall/local';
import { createKeyring } from '@landfall/service-defaults';

/** A keyring with keys of every service, as the local runner makes one. */
export function keyringFile(): { path: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-spec-'));
  const path = join(dir, 'keyring.json');
  writeFileSync(path, JSON.stringify(createKeyring(namesWithKeys)));
  return { path, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Sets variables and gives a function that puts back what was there. */
export function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
