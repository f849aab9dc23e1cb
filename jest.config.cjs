const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const swc = JSON.parse(readFileSync(join(__dirname, '.swcrc'), 'utf8'));
delete swc.$schema;

/** One configuration for all projects. Libraries are taken from their sources, so that a test never runs against a stale build. */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'],
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: {
    '^@landfall/local$': '<rootDir>/tools/local/src/index.ts',
    '^@landfall/marketplace-emulator$': '<rootDir>/apps/marketplace-emulator/src/index.ts',
    '^@landfall/messaging/testing$': '<rootDir>/libs/messaging/src/testing/index.ts',
    '^@landfall/(contracts|messaging|service-defaults|marketplace-client|testing)$': '<rootDir>/libs/$1/src/index.ts',
  },
  globalSetup: '<rootDir>/tools/local/src/testing/jest.global-setup.ts',
  globalTeardown: '<rootDir>/tools/local/src/testing/jest.global-teardown.ts',
  testTimeout: 30_000,
  maxWorkers: 2,
};
