import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { formatFiles, generateFiles } from '@nx/devkit';
import { formsOf, whyNotNoun, whyNotService } from './names.mjs';

const topicsFile = 'libs/contracts/src/topics/topics.ts';

/** The management ports of services are counted from here. */
const firstManagementPort = 9100;

/**
 * Makes a service that builds, lints, tests and starts: `apps/<name>`, and its line in `services.json`. What it returns runs afterwards, not with `--dry-run`:
 * it makes the new workspace known to `package-lock.json`. Throws one sentence where the name is taken or can't be used.
 */
export default async function generateService(tree, { name, noun }) {
  const list = JSON.parse(tree.read('services.json', 'utf8'));
  const applications = [...list.services, ...list.others].map((one) => one.name).concat(tree.children('apps'));
  const packages = ['libs', 'tools'].flatMap((folder) => tree.children(folder));
  const problem = whyNotService(name, { applications, packages }) ?? whyNotNoun(noun);
  if (problem) throw new Error(problem);

  const files = fileURLToPath(new URL('./files', import.meta.url));
  const example = JSON.parse(tree.read('apps/subscription/package.json', 'utf8'));
  const versionOf = (dependency) => {
    const version = example.dependencies[dependency] ?? example.devDependencies?.[dependency];
    if (!version) throw new Error(`apps/subscription does not depend on ${dependency}, so its version is not known.`);
    return version;
  };
  generateFiles(tree, files, `apps/${name}`, { name, ...formsOf(noun), versionOf });
  tree.write('services.json', listed(list, { name, managementPort: freePort(list), schema: name, hasKeys: true, isStarted: true }));
  tree.write(topicsFile, withReader(tree.read(topicsFile, 'utf8'), name));
  await formatFiles(tree);
  return () => makeKnownToNpm(tree.root);
}

/** The new service reads the public events of subscriptions: brokers that know rights ask who may. */
function withReader(text, name) {
  const readers = text.indexOf('readers: [', text.indexOf("'landfall.subscription.events.v1'"));
  const end = text.indexOf(']', readers);
  if (readers < 0 || end < 0) throw new Error(`${topicsFile} names no readers of the public events of subscriptions.`);
  return `${text.slice(0, end)}, '${name}'${text.slice(end)}`;
}

function freePort({ services }) {
  const taken = services.map(({ managementPort }) => managementPort);
  let port = firstManagementPort;
  while (taken.includes(port)) port++;
  return port;
}

/** One service a line, as people read it. */
function listed({ services, ...others }, service) {
  const lines = [...services, service].map((one) => `    ${JSON.stringify(one)}`);
  const rest = Object.entries(others).map(([key, value]) => `,\n  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n  "services": [\n${lines.join(',\n')}\n  ]${rest.join('')}\n}\n`;
}

/** All packages that the new workspace needs are installed already, so npm needs no network for it. */
function makeKnownToNpm(root) {
  const args = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // under npm its own script is known; it is started without a shell then
  const npm = process.env.npm_execpath;
  const byNpm = npm?.endsWith('.js');
  const { status } = spawnSync(byNpm ? process.execPath : 'npm', byNpm ? [npm, ...args] : args, {
    cwd: root,
    stdio: 'inherit',
    shell: !byNpm && process.platform === 'win32',
  });
  if (status !== 0) throw new Error('The files are made, but package-lock.json does not know the new workspace: run `npm install`.');
}
