import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const library = join(__dirname, '..');
const registerSwc = join(library, 'fixtures', 'register-swc.cjs');

/** Which files of a process with all of this library have a source map in memory. */
async function mappedIn(...flags: string[]): Promise<{ ours: boolean; packages: boolean }> {
  const script = `
    require(${JSON.stringify(join(library, 'index.ts'))});
    const isMapped = (file) => require('node:module').findSourceMap(file) !== undefined;
    const [packages, ours] = [true, false].map((of) => Object.keys(require.cache).filter((file) => file.includes('/node_modules/') === of).some(isMapped));
    process.stdout.write(JSON.stringify({ ours, packages }));`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-r', registerSwc, '-e', script]);
  return JSON.parse(stdout) as { ours: boolean; packages: boolean };
}

it('keeps the source maps of our own files, and those of no package', async () => {
  expect(await mappedIn('--enable-source-maps')).toEqual({ ours: true, packages: false });
});

it('reads none where Node was not told to', async () => {
  expect(await mappedIn()).toEqual({ ours: false, packages: false });
});
