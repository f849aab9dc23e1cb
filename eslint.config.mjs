import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';
import { readServices } from './tools/services.mjs';

const { services, others } = readServices();

/** Who may import whom. Services meet only through messages in libs/contracts; each rule is broken on purpose by tools/local/src/boundaries.int.spec.ts. */
const depConstraints = [
  { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:http-server', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:service-defaults', onlyDependOnLibsWithTags: ['type:http-server', 'type:tool'] },
  { sourceTag: 'type:catalog', onlyDependOnLibsWithTags: ['type:contracts', 'type:service-defaults', 'type:tool'] },
  { sourceTag: 'type:marketplace-client', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:outgoing-call', onlyDependOnLibsWithTags: ['type:http-server', 'type:service-defaults'] },
  { sourceTag: 'type:emulator', onlyDependOnLibsWithTags: ['type:http-server'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:contracts'] },
  { sourceTag: 'type:messaging', onlyDependOnLibsWithTags: ['type:contracts', 'type:service-defaults', 'type:tool'] },
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:contracts', 'type:messaging', 'type:service-defaults', 'type:tool'] },
  {
    sourceTag: 'type:app',
    onlyDependOnLibsWithTags: [
      'type:catalog',
      'type:contracts',
      'type:http-server',
      'type:messaging',
      'type:service-defaults',
      'type:marketplace-client',
      'type:outgoing-call',
      'type:testing',
    ],
  },
  { sourceTag: 'type:simulation', onlyDependOnLibsWithTags: ['type:contracts', 'type:messaging'] },
  { sourceTag: 'type:bench', onlyDependOnLibsWithTags: ['type:contracts', 'type:tool'] },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:contracts', 'type:testing', 'type:tool'] },
  { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
  { sourceTag: 'scope:bench', onlyDependOnLibsWithTags: ['scope:shared'] },
  { sourceTag: 'scope:simulation', onlyDependOnLibsWithTags: ['scope:shared'] },
  ...[...services, ...others].map(({ name }) => ({
    sourceTag: `scope:${name}`,
    onlyDependOnLibsWithTags: [`scope:${name}`, 'scope:shared'],
  })),
];

/** The decisions of the services, which the simulation drives. Nobody else may import them, and it imports nothing else of a service. */
const simulated = ['fulfillment', 'gateway', 'provisioning', 'subscription'].map((service) => `@landfall/${service}/decisions`);

/** The files of a service that have the name of their folder, such as `tenant/tenant.ts`: the state of a noun, on which its decisions stand. */
function centresOf(service) {
  const source = join('apps', service, 'src');
  return readdirSync(join(import.meta.dirname, source), { recursive: true })
    .filter((file) => basename(file) === `${basename(dirname(file))}.ts`)
    .map((file) => join(source, file).replaceAll('\\', '/'));
}

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.landfall/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300 }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['tools/simulate/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: simulated, depConstraints }] },
  },
  {
    // an alarm sees a first event only where its counter had a sample of 0 before
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['libs/service-defaults/src/metrics/counter.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Counter']", message: 'Take counter() of service-defaults: it begins at 0.' },
      ],
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['libs/messaging/src/administration/documentation.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          name: '@nestjs/swagger',
          message: 'It takes 14 MB at every start: take documentation() of messaging, which loads it when somebody asks.',
        },
        {
          name: '@nestjs/common',
          importNames: ['ParseUUIDPipe'],
          message: 'Its error names no parameter: take ParseId of service-defaults.',
        },
      ],
    },
  },
  {
    files: ['**/*.domain.ts', ...services.flatMap(({ name }) => [...centresOf(name), `apps/${name}/src/**/*.adapter.ts`])],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                '@nestjs/*',
                'typeorm',
                'pg',
                'kafkajs',
                'node:*',
                'undici',
                '@landfall/service-defaults',
                '@landfall/catalog',
                '@landfall/marketplace-client',
                '*.repository',
                '*.client',
              ],
              message:
                'A domain file is pure, and so are adapters and <noun>/<noun>.ts: it imports contracts, the outcomes of messaging and other pure files alone. Time and ids arrive with the message.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'A decision asks nobody.' }],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time arrives with the message.' },
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Time arrives with the message.' },
        { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'Ids arrive with the message.' },
      ],
    },
  },
  {
    files: ['**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "Program:has(ImportDeclaration[source.value='fast-check']):not(:has(Identifier[name='configureGlobal']))",
          message: 'Name a seed by fc.configureGlobal: a run that fails for one commit must fail again for the same one.',
        },
      ],
    },
  },
  {
    // what is deployed reads foreign text: a pattern that takes quadratic time would let 64 kB of it hold up a process for seconds
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/fixtures/**', '**/testing/**', 'apps/e2e/**'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  prettier,
);
