import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../built.program';

export interface DescribedSetting {
  readonly name: string;
  readonly fallback: string | null;
  readonly isRequired: boolean;
  readonly allowed: string;
  readonly isSecret: boolean;
}

export interface DescribedMetric {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A program and what it says of itself. */
export interface DescribedProgram {
  /** `gateway`, `migrations`. */
  readonly name: string;
  /** The files whose docstrings say what its own settings mean, from the root of the repository. */
  readonly sources: readonly string[];
  readonly settings: readonly DescribedSetting[];
  readonly metrics: readonly DescribedMetric[];
}

type Said = Pick<DescribedProgram, 'settings' | 'metrics'>;

/** Something that is allowed for each required setting: nothing is connected. */
const somewhere = {
  DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/nothing',
  KAFKA_BROKERS: '127.0.0.1:1',
  SIGNIN_CLIENT_ID: 'nobody',
  SIGNIN_CLIENT_SECRET: 'nothing',
  PUBLISHER_TENANT_ID: '00000000-0000-4000-8000-000000000001',
  PUBLISHER_CLIENT_ID: '00000000-0000-4000-8000-000000000002',
  PUBLISHER_CLIENT_SECRET: 'nothing',
};

/** Asks each service, as it is built, for its settings and metrics. */
export function describedServices(repository: string): DescribedProgram[] {
  const { services } = JSON.parse(readFileSync(join(repository, 'services.json'), 'utf8')) as { services: { name: string }[] };
  return services.map(({ name }) => ({
    name,
    sources: [`apps/${name}/src/${name}.config.ts`],
    ...(ask(repository, `apps/${name}/dist/main.js`, '--reference', somewhere) as Said),
  }));
}

/** Asks the programs that run before the services for their settings. Each service has a migration, with the same ones. */
export function describedJobs(repository: string, service: string): DescribedProgram[] {
  const settingsOf = (file: string) => (ask(repository, file, '--reference') as Pick<Said, 'settings'>).settings;
  return [
    {
      name: 'migrations',
      sources: ['libs/service-defaults/src/postgres/migrate.ts'],
      settings: settingsOf(`apps/${service}/dist/migrate.js`),
      metrics: [],
    },
    {
      name: 'topics',
      sources: ['libs/messaging/src/topics/topic.settings.ts'],
      settings: settingsOf('libs/messaging/dist/topics/main.js'),
      metrics: [],
    },
  ];
}
