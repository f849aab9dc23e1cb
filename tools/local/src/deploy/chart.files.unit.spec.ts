import { join } from 'node:path';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { repositoryDir } from '../repository';
import { readExamples, readValues, valueFaults, type ChartValues } from './chart.files';
import { chartDir } from './helm';
import type { Load } from './programs';

const load: Load = (project, file) => jest.requireActual<Record<string, unknown>>(join(repositoryDir, project, 'src', file));
const read = (file: string) => readFileSync(join(repositoryDir, file), 'utf8');

describe('the values of the chart', () => {
  it.each([['values.yaml', readValues(repositoryDir)] as const, ...readExamples(repositoryDir)])(
    'in %s name the services of services.json, settings that they have, and of secrets their own',
    (_, values) => {
      expect(valueFaults(values, repositoryDir, load)).toEqual([]);
    },
  );

  it.each<[string, (values: ChartValues) => void, string]>([
    [
      'a service that is not there',
      ({ services }) => (services['reporting'] = services['gateway']!),
      'services.reporting is not in services.json',
    ],
    ['a service left out', ({ services }) => delete services['gateway'], 'services.gateway is missing'],
    [
      'a setting that nobody has',
      ({ services }) => (services['gateway']!.settings = { PUBLIC_ULR: 'x' }),
      'PUBLIC_ULR is no setting of gateway',
    ],
    [
      'a secret of another service',
      ({ services }) => services['gateway']!.secretKeys!.push('PUBLISHER_CLIENT_SECRET'),
      'PUBLISHER_CLIENT_SECRET is no secret of gateway',
    ],
    [
      'one Secret for two services',
      ({ services }) => (services['gateway']!.existingSecret = 'landfall-fulfillment'),
      'gateway and fulfillment share a Secret',
    ],
    [
      'a catalog for who reads none',
      ({ services }) => (services['provisioning']!.usesCatalog = true),
      'services.provisioning.usesCatalog is not what the service does',
    ],
    [
      'another semi-space',
      ({ services }) => delete services['billing']!.semiSpaceMiB,
      'services.billing.semiSpaceMiB is not that of services.json',
    ],
    ['a member that is misspelt', (values) => (values['kafak'] = {}), 'must NOT have additional properties'],
    [
      'a value out of its bounds',
      ({ services }) => Object.assign(services['gateway']!, { replicas: 0 }),
      'values/services/gateway/replicas: must be >= 1',
    ],
  ])('are refused with %s', (_, spoil, fault) => {
    const values = structuredClone(readValues(repositoryDir));
    spoil(values);
    expect(valueFaults(values, repositoryDir, load).join('\n')).toContain(fault);
  });

  it('ask for the Secrets that the tutorial makes, with the keys that it puts into them', () => {
    const tutorial = read('docs/tutorials/deploy.md');
    const [, production] = readExamples(repositoryDir).find(([file]) => file === 'production.yaml')!;
    for (const { existingSecret, secretKeys = [] } of Object.values(production.services)) {
      const row = tutorial.split('\n').find((line) => line.startsWith(`| \`${existingSecret}\``));
      for (const key of ['keyring.json', ...secretKeys]) expect(row).toContain(`\`${key}\``);
    }
  });

  it('have the version of the repository', () => {
    const { version, appVersion } = parse(read(join(chartDir, 'Chart.yaml'))) as Record<string, string>;
    const expected = (JSON.parse(read('package.json')) as { version: string }).version;
    expect([version, appVersion]).toEqual([expected, expected]);
  });
});
