import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup.error';
import { temporaryDir } from '../testing/temporary-dir';
import { startSystem } from './system';

it('starts nothing on tables of another version, and says what to do', async () => {
  const { dir, remove } = temporaryDir();
  mkdirSync(join(dir, 'postgres'));
  writeFileSync(join(dir, 'migrations.sha256'), 'of another version');
  const starting = startSystem({ dir, ports: 'free', services: ['subscription'], env: {} });
  await expect(starting).rejects.toThrow(SetupError);
  await expect(starting).rejects.toThrow(`The tables in ${dir} are of another version and can't be used by this one. Remove that folder`);
  expect(readdirSync(join(dir, 'postgres'))).toEqual([]);
  remove();
});
