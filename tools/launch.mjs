#!/usr/bin/env node
/**
 * The first thing that runs: `node tools/launch.mjs <command> [arguments]`, behind every npm script. It works on a fresh clone under any Node from 20 on, so it
 * imports nothing that has to be installed. It installs, finds a Node new enough for the rest, builds what changed, runs the command, and takes it along when
 * it ends itself.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from './launch/build.mjs';
import { installIfNeeded } from './launch/install.mjs';
import { chooseNode, environmentFor } from './launch/node-choice.mjs';
import { programOf } from './launch/program.mjs';
import { runAndFollow } from './launch/supervise.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ours, by the file that the build makes. Everything else is a tool from node_modules: `nx`, `tsc`, `jest`, `prettier`. */
const commands = {
  start: 'tools/local/dist/commands/start.js',
  test: 'tools/local/dist/commands/test.js',
  demo: 'tools/local/dist/commands/demo.js',
  token: 'tools/local/dist/commands/token.js',
  events: 'tools/local/dist/commands/events.js',
  reconcile: 'tools/local/dist/commands/reconcile.js',
  'usage-audit': 'tools/local/dist/commands/usage-audit.js',
  contracts: 'tools/local/dist/commands/contracts.js',
  'check:alerts': 'apps/e2e/dist/alerts/main.js',
  'check:dashboards': 'tools/local/dist/commands/check.dashboards.js',
  'check:deploy': 'tools/local/dist/commands/check.deploy.js',
  simulate: 'tools/simulate/dist/commands/simulate.js',
  bench: 'tools/bench/dist/commands/bench.js',
  storm: 'apps/e2e/dist/storm/main.js',
  'usage-month': 'apps/e2e/dist/usage/main.js',
  emulator: 'apps/marketplace-emulator/dist/main.js',
};

const say = (line) => process.stderr.write(`${line}\n`);

try {
  const [command, ...args] = process.argv.slice(2);
  if (!command) throw new Error(`Say what to run: ${Object.keys(commands).join(', ')}, or a tool from node_modules.`);
  await installIfNeeded(root, say);
  const node = chooseNode({ root, version: process.version, execPath: process.execPath });
  const env = environmentFor({ root, node, env: process.env });
  if (commands[command]) await buildIfChanged({ root, node, env, say });
  const program = commands[command] ? join(root, commands[command]) : programOf(root, command);
  if (!existsSync(program)) throw new Error(`There is no ${program}: the build did not make it.`);
  process.exitCode = await runAndFollow({ node, program, args, env, cwd: root, isOurs: command in commands });
} catch (error) {
  say(`landfall: ${error.message}`);
  process.exitCode = 1;
}
