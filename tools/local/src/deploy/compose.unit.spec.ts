import { join } from 'node:path';
import { repositoryDir } from '../repository';
import { composeFaults, readCompose, type Compose } from './compose';
import type { Load } from './programs';

const load: Load = (project, file) => jest.requireActual<Record<string, unknown>>(join(repositoryDir, project, 'src', file));

describe('docker-compose.yml', () => {
  const compose = () => readCompose(repositoryDir);

  it('starts every service of services.json, and gives each program settings that it has, with values that it takes', () => {
    expect(composeFaults(compose(), repositoryDir, load)).toEqual([]);
  });

  it.each<[string, (services: Compose['services']) => void, string]>([
    [
      'a variable that is no setting',
      ({ gateway }) => (gateway!.environment!['PUBLIC_ULR'] = 'x'),
      'gateway: PUBLIC_ULR is no setting of gateway',
    ],
    [
      'a secret of another service',
      ({ subscription }) => (subscription!.environment!['SIGNIN_CLIENT_SECRET'] = 'x'),
      'subscription: SIGNIN_CLIENT_SECRET is no setting of subscription',
    ],
    [
      'a value that is refused',
      ({ gateway }) => (gateway!.environment!['PUBLIC_URL'] = 'http://example.com'),
      'PUBLIC_URL is "http://example.com"',
    ],
    ['a setting that is missing', ({ topics }) => delete topics!.environment!['KAFKA_BROKERS'], 'KAFKA_BROKERS is not set'],
    [
      'another management port',
      ({ fulfillment }) => (fulfillment!.environment!['MANAGEMENT_PORT'] = '9109'),
      'fulfillment: its management port is 9101 in services.json',
    ],
    [
      'another semi-space',
      ({ billing }) => (billing!.command = ['apps/billing/dist/main.js']),
      'billing: its command is --max-semi-space-size=8 apps/billing/dist/main.js by services.json',
    ],
    [
      'a service that nothing starts',
      (services) => delete services['provisioning'],
      'services.json lists provisioning, and nothing starts it',
    ],
    [
      'a service that starts before its tables',
      ({ gateway }) => delete gateway!.depends_on!['migrate-gateway'],
      'gateway: it does not wait for migrate-gateway',
    ],
    [
      'a program that is not there',
      ({ keys }) => (keys!.command = ['apps/keys/dist/main.js']),
      'keys: the image has no program apps/keys/dist/main.js',
    ],
    ['an option that the emulator does not have', ({ emulator }) => (emulator!.command = ['main.js', '--no-such']), 'emulator: '],
    ['a port that the network reaches', ({ emulator }) => emulator!.ports!.push('8081:8080'), 'emulator: 8081:8080 is open to the network'],
    [
      'a file that is not there',
      ({ keys }) => (keys!.volumes = [{ type: 'bind', source: './no.yaml' }]),
      'keys: there is no file ./no.yaml',
    ],
  ])('is refused with %s', (_, spoil, fault) => {
    const spoiled = compose();
    spoil(spoiled.services);
    expect(composeFaults(spoiled, repositoryDir, load).join('\n')).toContain(fault);
  });
});
