import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchCopy, type ScratchCopy } from '../scratch.copy';

/** Each part takes some seconds; a machine on which much else runs may need many times as long. */
const limitMs = 300_000;

/** The new service, what it is made of, and the runner that starts it. */
const itsProjects = 'contracts,http-server,service-defaults,messaging,local,notifications';

/** In the copy: brings the schema of the new service up to date and starts it, as `npm start` does, on the servers of the test run. */
const starting = `
  const { startSystem, testBroker, testDatabase } = require('@landfall/local');
  (async () => {
    const database = await testDatabase();
    const env = { DATABASE_URL: database.url, KAFKA_BROKERS: testBroker().brokers, MARKETPLACE_API_URL: 'http://127.0.0.1:1/api' };
    const services = ['notifications'];
    const system = await startSystem({ dir: '.landfall/started', ports: 'free', services, env: { ...process.env, ...env } });
    const { managementUrl } = system.run.services.find(({ name }) => name === 'notifications');
    const { status } = await fetch(managementUrl + '/health/ready');
    await system.stop();
    await database.drop();
    console.log('/health/ready answered ' + status);
  })();
`;

describe('npm run generate -- service <name>', () => {
  let clone: ScratchCopy;
  let said = '';
  const launch = (...args: string[]) => clone.run(process.execPath, 'tools/launch.mjs', ...args);

  beforeAll(async () => {
    clone = scratchCopy();
    said = await clone.run('npm', 'run', 'generate', '--', 'service', 'notifications', '--noun=usage-hour');
  }, limitMs);
  afterAll(() => clone?.remove(), limitMs);

  it('says what it has made, and lists the service with the next free management port', () => {
    expect(said).toContain('CREATE apps/notifications/src/usage-hour/usage-hour.domain.ts');
    const { services } = JSON.parse(readFileSync(join(clone.dir, 'services.json'), 'utf8')) as { services: { managementPort: number }[] };
    expect(services.at(-1)).toMatchObject({ name: 'notifications', schema: 'notifications', hasKeys: true, isStarted: true });
    const ports = services.map(({ managementPort }) => managementPort);
    expect(new Set(ports).size).toBe(services.length);
    expect(ports.every((port) => port >= 9100 && port < 9200)).toBe(true);
  });

  it(
    'makes it known to the lock file, so that a fresh clone can be installed',
    async () => {
      await clone.run('npm', 'ci', '--dry-run', '--offline', '--ignore-scripts', '--loglevel=error');
    },
    limitMs,
  );

  it(
    'makes code that compiles, keeps every rule of the lint, has the form of the formatter and the words of the glossary',
    async () => {
      const only = { extends: './tsconfig.base.json', include: ['apps/notifications/src/**/*.ts'] };
      writeFileSync(join(clone.dir, 'tsconfig.notifications.json'), JSON.stringify(only));
      await launch('tsc', '--noEmit', '-p', 'tsconfig.notifications.json');
      await launch('nx', 'run-many', '-t', 'lint', 'build', '-p', 'notifications', '--outputStyle=static');
      await launch('prettier', '--check', 'apps/notifications', 'services.json');
      await clone.run(process.execPath, 'tools/checks/old-words.mjs', 'apps/notifications');
    },
    limitMs,
  );

  it(
    'makes specs that pass at once, for a service that runner, lint and image know',
    async () => {
      const output = await launch(
        'jest',
        '--runInBand',
        '--verbose',
        'apps/notifications/src',
        'tools/local/src/system/services.int.spec.ts',
      );
      expect(output).toContain('changes a usage hour once, however often Kafka delivers the event');
      expect(output).toContain('gives notifications ports and a schema of its own, and the lint its scope');
    },
    limitMs,
  );

  it(
    'makes a service that migrates its schema and starts, until it is ready',
    async () => {
      await launch('nx', 'run-many', '-t', 'build', '-p', itsProjects, '--outputStyle=static');
      expect(await clone.run(process.execPath, '-e', starting)).toContain('/health/ready answered 200');
    },
    limitMs,
  );

  it(
    'refuses a name that is taken, in a sentence, and changes nothing',
    async () => {
      const before = readFileSync(join(clone.dir, 'services.json'), 'utf8');
      await expect(launch('nx', 'generate', 'service', 'gateway')).rejects.toThrow(
        'There is an application "gateway" already: apps/gateway.',
      );
      expect(readFileSync(join(clone.dir, 'services.json'), 'utf8')).toBe(before);
    },
    limitMs,
  );
});
