import { posix } from 'node:path';
import { writtenFiles } from '../repository.files.mjs';

/** So many files can be taken in at a glance. A folder that grows beyond gets one folder per noun or capability. */
const atMost = 15;

/** Folders that are larger today, and how large. They only grow smaller. */
const notYet: Record<string, number> = {
  'apps/subscription/src': 19,
};

const isSource = (file: string) => /^(apps|libs|tools)\//.test(file) && /\.(ts|mts|cts|tsx|js|mjs|cjs|eta|html|css|sql)$/.test(file);
const isUncounted = (file: string) => /\.spec\.ts$|\.migration\.ts$|\.d\.[mc]?ts$/.test(file);

/** Folders with more files than they may have, and how many they have. Specs, examples, migrations and declarations of types are not counted. */
function tooLarge(files: readonly string[], exceptions: Record<string, number>): Record<string, number> {
  const sizes = new Map<string, number>();
  for (const file of files.filter((file) => isSource(file) && !isUncounted(file))) {
    const folder = posix.dirname(file);
    sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  }
  return Object.fromEntries([...sizes].filter(([folder, size]) => size > (exceptions[folder] ?? atMost)));
}

describe('a folder', () => {
  it('has at most fifteen source files', () => {
    expect(tooLarge(writtenFiles(), notYet)).toEqual({});
  });

  const sixteen = Array.from({ length: 16 }, (_, index) => `apps/a/src/${index}.ts`);

  it('is reported when it has sixteen', () => {
    expect(tooLarge(sixteen, {})).toEqual({ 'apps/a/src': 16 });
    expect(tooLarge(sixteen.slice(1), {})).toEqual({});
  });

  it('is reported when it is known to be larger and has grown', () => {
    expect(tooLarge(sixteen, { 'apps/a/src': 16 })).toEqual({});
    expect(tooLarge(sixteen, { 'apps/a/src': 15 })).toEqual({ 'apps/a/src': 16 });
  });

  it('may have any number of specs, examples and migrations beside them', () => {
    const uncounted = sixteen.flatMap((file) => [
      file.replace('.ts', '.unit.spec.ts'),
      file.replace('.ts', '.migration.ts'),
      file.replace('.ts', '.json'),
    ]);
    expect(tooLarge(uncounted, {})).toEqual({});
  });
});
