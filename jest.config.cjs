const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const read = (file) => JSON.parse(readFileSync(join(__dirname, file), 'utf8'));

const swc = read('.swcrc');
delete swc.$schema;

/** The names of packages lead where the compiler finds them: to the sources, so that a test never runs against a stale build. */
const sources = Object.entries(read('tsconfig.base.json').compilerOptions.paths).map(([name, [file]]) => [
  `^${name}$`,
  file.replace('./', '<rootDir>/'),
]);

/**
 * Of a library a spec loads what it uses. A spec of one rule would else load the framework, the driver of the database and the client of the broker with it:
 * more than a second of CPU per file.
 */
const lazily = (index) => {
  const lazy = [...readFileSync(join(__dirname, index), 'utf8').matchAll(/ from '(\.[^']+)'/g)].map(([, part]) => part);
  return [`/${index.replace('.', '\\.')}$`, ['@swc/jest', { ...swc, module: { ...swc.module, lazy } }]];
};
const libraries = ['messaging', 'service-defaults', 'marketplace-client', 'outgoing-call'].map((name) => `libs/${name}/src/index.ts`);

/** One configuration for all projects. */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'],
  testEnvironment: join(__dirname, 'tools/local/jest/environment.cjs'),
  testSequencer: join(__dirname, 'tools/local/jest/sequencer.cjs'),
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { ...Object.fromEntries(libraries.map(lazily)), '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: Object.fromEntries(sources),
  globalSetup: '<rootDir>/tools/local/src/testing/jest.global-setup.ts',
  globalTeardown: '<rootDir>/tools/local/src/testing/jest.global-teardown.ts',
  testTimeout: 300_000, // only a failure ever waits so long: the machine may be busy with other things as well
  maxWorkers: 2,
};
