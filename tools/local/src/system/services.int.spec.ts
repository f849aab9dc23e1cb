import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { repositoryDir } from '../repository';
import { temporaryDir } from '../testing/temporary-dir';
import { allServices, roleOf } from './services';

interface ServiceList {
  services: { name: string }[];
  others: { name: string }[];
}

/** Plain JavaScript: the lint and the image read it before anything is built. */
const { readServices } = jest.requireActual<{ readServices(root?: string): ServiceList }>('../../../services.mjs');

const foldersIn = (parent: string) =>
  readdirSync(join(repositoryDir, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

const projectOf = (dir: string) =>
  JSON.parse(readFileSync(join(repositoryDir, dir, 'project.json'), 'utf8')) as { name: string; tags: string[] };

describe('services.json', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);

  it('lists every application, and nothing else', () => {
    const { services, others } = readServices();
    expect([...services, ...others].map(({ name }) => name).sort()).toEqual(foldersIn('apps').sort());
  });

  it.each([
    ['a folder that is not listed', ['gateway', 'billing'], ['gateway'], 'apps/billing is not listed in services.json'],
    ['a service without a folder', [], ['gateway'], 'services.json lists gateway, and there is no apps/gateway'],
    ['a service that is listed twice', ['gateway'], ['gateway', 'gateway'], 'services.json lists gateway twice'],
  ])('is refused with %s', (what, folders, listed, message) => {
    const root = join(dir, what);
    mkdirSync(join(root, 'apps'), { recursive: true });
    for (const name of folders) mkdirSync(join(root, 'apps', name));
    writeFileSync(join(root, 'services.json'), JSON.stringify({ services: listed.map((name) => ({ name })), others: [] }));
    expect(() => readServices(root)).toThrow(message);
  });

  it.each(allServices)('gives $name ports and a schema of its own, and the lint its scope', ({ name, managementPort, schema }) => {
    const same = allServices.filter(
      (other) => other.managementPort === managementPort || other.port === managementPort || other.schema === schema,
    );
    expect(same.map((other) => other.name)).toEqual([name]);
    expect(roleOf(name)).toBe(`landfall_${schema}`);
    expect(projectOf(`apps/${name}`)).toMatchObject({ name, tags: ['type:app', `scope:${name}`] });
  });
});

describe('the image', () => {
  const { projectsOfImage } = jest.requireActual<{ projectsOfImage(): string[] }>('../../../../deploy/image.mjs');

  it('holds every service with the libraries that it needs, and neither the emulator nor what tests need', () => {
    const projects = projectsOfImage();
    expect(projects.filter((project) => project.startsWith('apps/'))).toEqual(allServices.map(({ name }) => `apps/${name}`));
    expect(projects).toEqual(expect.arrayContaining(['libs/contracts', 'libs/messaging', 'libs/service-defaults']));
    expect(projects).not.toContain('libs/testing');
    expect(readFileSync(join(repositoryDir, 'deploy/Dockerfile'), 'utf8')).not.toMatch(/(COPY|RUN|&&).*apps\//);
  });

  const ignored = readFileSync(join(repositoryDir, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const isLeftOut = (path: string) => ignored.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`));

  it.each([
    ...['.env', '.env.local', 'apps/gateway/.env', 'apps/gateway/production.env', '.npmrc', 'tls.pem', 'deploy/tls/server.key'],
    ...['publisher.pfx', 'keyring.json', 'deploy/keyring.gateway.json', 'secrets.json', 'deploy/secrets/a.txt', 'emulator.sqlite'],
    ...['.landfall/keys/gateway.json', 'emulator.sqlite-wal', 'apps/e2e/src/x.ts'],
  ])('never takes %s in', (path) => {
    expect(isLeftOut(path)).toBe(true);
  });

  it.each(['package.json', 'package-lock.json', 'libs/service-defaults/src/keyring/keyring.file.ts', 'tools/local/src/system/secrets.ts'])(
    'takes %s in',
    (path) => {
      expect(isLeftOut(path)).toBe(false);
    },
  );
});

describe('the names of packages', () => {
  it('lead types and tests to the sources of every library', () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(repositoryDir, 'tsconfig.base.json'), 'utf8')) as {
      compilerOptions: { paths: Record<string, string[]> };
    };
    for (const name of foldersIn('libs')) expect(compilerOptions.paths[`@landfall/${name}`]).toEqual([`./libs/${name}/src/index.ts`]);
  });
});
