import { execSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readServices } from '../tools/services.mjs';

/**
 * The steps of `deploy/Dockerfile` that concern every service, so that a new one is in the image by being listed in `services.json`:
 * `node deploy/image.mjs compile` builds the services and the libraries that they need, `node deploy/image.mjs collect <dir>` copies both to `dir`.
 */
const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders of all services and of the libraries that they depend on, directly or not. The emulator and the tests of the whole system are never among them. */
export function projectsOfImage(root = repository) {
  const libraries = new Map(
    readdirSync(join(root, 'libs')).map((name) => [readJson(root, 'libs', name, 'package.json').name, `libs/${name}`]),
  );
  const projects = new Set(readServices(root).services.map(({ name }) => `apps/${name}`));
  // a set can grow while it is walked: libraries that come in are walked as well
  for (const project of projects) {
    for (const name of Object.keys(readJson(root, project, 'package.json').dependencies ?? {}))
      if (libraries.has(name)) projects.add(libraries.get(name));
  }
  return [...projects];
}

/** Runs the build of each project as nx does, without nx, which the image does not bring. */
function compile(root) {
  const env = { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) };
  for (const project of projectsOfImage(root)) {
    const { command } = readJson(root, project, 'project.json').targets.build;
    execSync(command, { cwd: join(root, project), env, stdio: 'inherit' });
    if (!existsSync(join(root, project, 'dist'))) throw new Error(`The build of ${project} made no dist.`);
  }
}

function collect(root, dir) {
  for (const project of projectsOfImage(root)) cpSync(join(root, project), join(dir, project), { recursive: true });
}

function readJson(...path) {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

const [, script, step, dir] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  if (step === 'compile') compile(repository);
  else if (step === 'collect' && dir) collect(repository, dir);
  else throw new Error('Say which step: compile, or collect and a folder.');
}
