import { execSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readServices } from '../tools/services.mjs';
import { billOfMaterials, packagesOfImage } from './packages.mjs';

/**
 * The steps of `deploy/Dockerfile` that concern every service, so that a new one is in the image by being listed in `services.json`:
 * `node deploy/image.mjs compile` builds the services and the libraries that they need, `node deploy/image.mjs collect <dir>` copies both to `dir`, with the
 * packages that they depend on and the list of these, `sbom.json`. With `--emulator` they do it for the emulator, which has an image of its own.
 */
const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders of some applications, by default of all services, and of the libraries that they depend on, directly or not. */
export function projectsOfImage(root = repository, names = readServices(root).services.map(({ name }) => name)) {
  const libraries = new Map(
    readdirSync(join(root, 'libs')).map((name) => [readJson(root, 'libs', name, 'package.json').name, `libs/${name}`]),
  );
  const projects = new Set(names.map((name) => `apps/${name}`));
  // a set can grow while it is walked: libraries that come in are walked as well
  for (const project of projects) {
    for (const name of Object.keys(readJson(root, project, 'package.json').dependencies ?? {}))
      if (libraries.has(name)) projects.add(libraries.get(name));
  }
  return [...projects];
}

/** Runs the build of each project as nx does, without nx, which the image does not bring. */
function compile(root, projects) {
  const env = { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) };
  for (const project of projects) {
    const { command } = readJson(root, project, 'project.json').targets.build;
    execSync(command, { cwd: join(root, project), env, stdio: 'inherit' });
    if (!existsSync(join(root, project, 'dist'))) throw new Error(`The build of ${project} made no dist.`);
  }
}

/** What runs, and what says which package it is: neither sources nor specs. */
function collect(root, projects, dir) {
  for (const project of projects) {
    for (const part of ['package.json', 'dist', 'index.mjs', ...shownFolders(root, project)])
      if (existsSync(join(root, project, part))) cpSync(join(root, project, part), join(dir, project, part), { recursive: true });
  }
  const manifest = readJson(root, 'package.json');
  const packages = packagesOfImage(root, projects);
  for (const place of packages.keys()) copyPackage(root, place, dir);
  for (const project of projects.filter((project) => project.startsWith('libs/'))) link(root, project, dir);
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: manifest.name, version: manifest.version, private: true }));
  writeFileSync(join(dir, 'sbom.json'), JSON.stringify(billOfMaterials(packages, manifest)));
}

/** Without the packages inside it: those that are needed have a place of their own in the list. */
function copyPackage(root, place, dir) {
  const from = join(root, place);
  if (!existsSync(from)) throw new Error(`${place} is not installed.`);
  cpSync(from, join(dir, place), { recursive: true, filter: (path) => relative(from, path).split(/[\\/]/)[0] !== 'node_modules' });
}

/** Node finds a library of ours by its name where npm has put a link to it. */
function link(root, project, dir) {
  const place = join(dir, 'node_modules', readJson(root, project, 'package.json').name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(relative(dirname(place), join(dir, project)), place, 'dir');
}

/** Folders beside `dist` that a program reads while it runs. */
function shownFolders(root, project) {
  return readJson(root, project, 'package.json').files?.filter((name) => name !== 'dist') ?? [];
}

function readJson(...path) {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

const [, script, step, ...rest] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  const isEmulator = rest.includes('--emulator');
  const [dir] = rest.filter((argument) => argument !== '--emulator');
  const projects = projectsOfImage(repository, isEmulator ? ['marketplace-emulator'] : undefined);
  if (step === 'compile') compile(repository, projects);
  else if (step === 'collect' && dir) collect(repository, projects, dir);
  else throw new Error('Say which step: compile, or collect and a folder.');
}
