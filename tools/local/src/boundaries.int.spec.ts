import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { repositoryDir } from './repository';

interface Breach {
  rule: string;
  /** Where the file would lie. It is never written: ESLint is given its text. */
  file: string;
  code: string;
  reported: { by: string; saying: RegExp };
}

const foreign = {
  by: '@nx/enforce-module-boundaries',
  saying: /can only depend on libs|cannot depend on any libs|relative or absolute|Imports of apps are forbidden|Circular dependency/,
};
const impure = { by: 'no-restricted-imports', saying: /A domain file is pure/ };
const timeless = { by: 'no-restricted-syntax', saying: /arrives? with the message/ };

const breaches: Breach[] = [
  breach(
    'a service imports no other service, by its files',
    'apps/gateway/src/x.ts',
    `export * from '../../subscription/src/main';`,
    foreign,
  ),
  breach(
    'a service imports no other service, by its package',
    'apps/provisioning/src/x.ts',
    `export * from '@landfall/marketplace-emulator';`,
    foreign,
  ),
  breach('a library imports no service', 'libs/messaging/src/x.ts', `export * from '../../../apps/subscription/src/main';`, foreign),
  breach('contracts import no other library', 'libs/contracts/src/x.ts', `export * from '@landfall/messaging';`, foreign),
  breach(
    'service-defaults know neither contracts nor Kafka',
    'libs/service-defaults/src/x.ts',
    `export * from '@landfall/contracts';`,
    foreign,
  ),
  breach('service-defaults do not know messaging', 'libs/service-defaults/src/x.ts', `export * from '@landfall/messaging';`, foreign),
  breach('the catalog does not know Kafka', 'libs/catalog/src/x.ts', `export * from '@landfall/messaging';`, foreign),
  breach('messaging does not know Microsoft', 'libs/messaging/src/x.ts', `export * from '@landfall/marketplace-client';`, foreign),
  breach('only fulfillment calls Microsoft', 'apps/subscription/src/x.ts', `export * from '@landfall/marketplace-client';`, foreign),
  breach('outgoing calls know neither contracts nor Kafka', 'libs/outgoing-call/src/x.ts', `export * from '@landfall/contracts';`, foreign),
  breach('messaging calls no product', 'libs/messaging/src/x.ts', `export * from '@landfall/outgoing-call';`, foreign),
  breach('the emulator knows nothing of ours', 'apps/marketplace-emulator/src/x.ts', `export * from '@landfall/contracts';`, foreign),
  breach('tools know contracts alone', 'tools/local/src/x.ts', `export * from '@landfall/messaging';`, foreign),
  ...['apps/gateway/src/x.ts', 'apps/fulfillment/src/x.ts', 'libs/testing/src/x.ts', 'tools/local/src/x.ts'].map((file) =>
    breach('the simulation alone takes decisions out of a service', file, `export * from '@landfall/subscription/decisions';`, foreign),
  ),
  breach(
    'the simulation takes nothing but decisions',
    'tools/simulate/src/x.ts',
    `export * from '../../../apps/subscription/src/main';`,
    foreign,
  ),
  breach(
    'the simulation has a Microsoft of its own',
    'tools/simulate/src/x.ts',
    `export * from '@landfall/marketplace-emulator';`,
    foreign,
  ),
  breach('the simulation does not call Microsoft', 'tools/simulate/src/x.ts', `export * from '@landfall/marketplace-client';`, foreign),
  ...['pg', 'typeorm', 'kafkajs', 'node:fs', '@nestjs/common', './x.repository', './x.client', '@landfall/service-defaults'].map((name) =>
    breach(`a decision imports nothing that acts: ${name}`, 'apps/subscription/src/x.domain.ts', `export * from '${name}';`, impure),
  ),
  breach('a decision reads no clock: Date.now()', 'apps/subscription/src/x.domain.ts', 'export const at = Date.now();', timeless),
  breach('a decision reads no clock: new Date()', 'apps/subscription/src/x.domain.ts', 'export const at = new Date();', timeless),
  ...[
    'apps/subscription/src/subscription/subscription.ts',
    'apps/provisioning/src/tenant/tenant.ts',
    'apps/fulfillment/src/operation/operation.ts',
    'apps/gateway/src/purchase/purchase.ts',
    'apps/provisioning/src/adapter/kafka.adapter.ts',
  ].flatMap((file) => [
    breach('what decisions share reads no clock either', file, 'export const at = Date.now();', timeless),
    breach('what decisions share imports nothing that acts either', file, `export * from 'typeorm';`, impure),
  ]),
  breach('a decision draws no numbers', 'apps/subscription/src/x.domain.ts', 'export const n = Math.random();', timeless),
  breach('a decision asks nobody', 'apps/subscription/src/x.domain.ts', `export const a = fetch('x');`, {
    by: 'no-restricted-globals',
    saying: /asks nobody/,
  }),
  breach(
    'no pattern takes quadratic time: an e-mail address in a text of Microsoft’s',
    'libs/marketplace-client/src/x.ts',
    `export const address = /[^\\s"'<>@]+@[^\\s"'<>@]+/g;`,
    { by: 'regexp/no-super-linear-move', saying: /quadratic runtime/ },
  ),
  breach(
    'no pattern takes quadratic time: the same letters twice',
    'apps/gateway/src/x.ts',
    `export const domain = /^[^@]+\\.[^@]{2,}$/;`,
    { by: 'regexp/no-super-linear-backtracking', saying: /polynomial backtracking/ },
  ),
  breach('no service loads swagger at its start', 'apps/subscription/src/x.controller.ts', `export * from '@nestjs/swagger';`, {
    by: 'no-restricted-imports',
    saying: /takes 14 MB at every start/,
  }),
  breach('files end at 300 lines', 'apps/gateway/src/x.ts', 'export {};\n'.repeat(301), {
    by: 'max-lines',
    saying: /Maximum allowed is 300/,
  }),
];

/** What may be imported: the same lint must stay silent here, or it would report anything. */
const allowed: [file: string, code: string][] = [
  ['apps/fulfillment/src/x.ts', `export * from '@landfall/marketplace-client';`],
  [
    'apps/gateway/src/x.ts',
    `export * from '@landfall/contracts';\nexport * from '@landfall/messaging';\nexport * from '@landfall/service-defaults';`,
  ],
  ['apps/subscription/src/x.ts', `export * from '@landfall/outgoing-call';`],
  ['libs/outgoing-call/src/x.ts', `export * from '@landfall/http-server';\nexport * from '@landfall/service-defaults';`],
  [
    'tools/simulate/src/x.ts',
    `export * from '@landfall/contracts';\nexport * from '@landfall/fulfillment/decisions';\nexport * from '@landfall/subscription/decisions';`,
  ],
  ['libs/messaging/src/x.ts', `export * from '@landfall/contracts';\nexport * from '@landfall/service-defaults';`],
  [
    'apps/subscription/src/x.domain.ts',
    `export * from '@landfall/contracts';\nexport * from './subscription/subscription';\nexport const at = new Date(0);`,
  ],
];

/** Rules that need types are off: there is no file for the compiler to look at, and none of ours here needs them. */
const lint = `
  import { ESLint } from 'eslint';
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  const overrideConfig = { languageOptions: { parserOptions: { projectService: false } }, rules: {
    '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/no-misused-promises': 'off', '@typescript-eslint/switch-exhaustiveness-check': 'off' } };
  const eslint = new ESLint({ cwd: process.cwd(), overrideConfig });
  const results = [];
  for (const { file, code } of JSON.parse(input)) {
    const [{ messages }] = await eslint.lintText(code, { filePath: file });
    results.push(messages.map(({ ruleId, message }) => ({ ruleId, message })));
  }
  console.log(JSON.stringify(results));
`;

function breach(rule: string, file: string, code: string, reported: Breach['reported']): Breach {
  return { rule, file, code, reported };
}

function run(args: string[], input = ''): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: repositoryDir, env: { ...process.env, NX_DAEMON: 'false', NODE_OPTIONS: '' } });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`${args[0]} ended with ${code}: ${complaint}`))));
  });
}

describe('lint', () => {
  type Found = { ruleId: string; message: string }[];
  let found: Found[] = [];
  beforeAll(async () => {
    // without a project graph in its cache the boundary rule passes everything, and says nothing
    await run([join(dirname(createRequire(__filename).resolve('nx/package.json')), 'dist/bin/nx.js'), 'show', 'projects']);
    const texts = [...breaches, ...allowed.map(([file, code]) => ({ file, code }))].map(({ file, code }) => ({ file, code }));
    found = JSON.parse(await run(['--input-type=module', '-e', lint], JSON.stringify(texts))) as Found[];
  });

  it.each(breaches.map(({ rule, reported, file }, index) => [rule, file, reported, index] as const))(
    'reports it when broken: %s (%s)',
    (_, __, reported, index) => {
      const messages = found[index]?.filter(({ ruleId }) => ruleId === reported.by).map(({ message }) => message);
      expect(messages).toEqual([expect.stringMatching(reported.saying)]);
    },
  );

  it.each(allowed.map(([file, code], index) => [file, code, index] as const))('lets pass what is allowed in %s', (_, __, index) => {
    expect(found[breaches.length + index]).toEqual([]);
  });
});
