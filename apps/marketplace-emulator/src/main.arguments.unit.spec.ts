import { readArguments } from './main.arguments';

it('listens on port 8090 of loopback by default', () => {
  expect(readArguments([])).toMatchObject({ json: false, options: { port: 8090, host: undefined, dataDir: undefined } });
});

it('reads its arguments', () => {
  const argv = [
    '--port',
    '0',
    '--json',
    '--landing-url',
    'http://localhost/l',
    '--webhook-url',
    'http://localhost/w',
    '--data-dir',
    'd',
    '--redirect-uri',
    'http://localhost/c',
  ];
  expect(readArguments(argv)).toMatchObject({
    json: true,
    options: {
      port: 0,
      landingUrl: 'http://localhost/l',
      webhookUrl: 'http://localhost/w',
      dataDir: 'd',
      settings: { signinRedirectUris: ['http://localhost/c'] },
    },
  });
});

it.each([[['--port', 'many']], [['--port', '70000']], [['--prot', '1']], [['extra']]])('names what is wrong in %j', (argv) => {
  expect(() => readArguments(argv)).toThrow(argv[0]);
});

it.each([
  ['--public-url', 'foo', 'http or https'],
  ['--second-url', 'ftp://example.com', 'http or https'],
  ['--client-secret', '', 'empty'],
])('names the argument that is wrong: %s %s', (name, value, hint) => {
  expect(() => readArguments([`${name}=${value}`])).toThrow(new RegExp(`${name}.*${hint}`));
});

it('takes the identity of the publisher, its customers and its operators, and none that is empty', () => {
  const argv = [
    '--tenant-id',
    'aaaaaaaa-0000-4000-8000-000000000001',
    '--signin-client-secret',
    's',
    '--operators-client-id',
    'o',
    '--unpublished',
  ];
  expect(readArguments(argv).options).toMatchObject({
    tenantId: 'aaaaaaaa-0000-4000-8000-000000000001',
    signinClientSecret: 's',
    operatorsClientId: 'o',
    publishedToPreview: false,
  });
  expect(() => readArguments(['--signin-client-secret', ''])).toThrow('--signin-client-secret must not be empty');
  expect(() => readArguments(['--tenant-id', 'contoso'])).toThrow('--tenant-id must be a GUID');
  expect(() => readArguments(['--client-certificate', '/nowhere.pem'])).toThrow('--client-certificate: /nowhere.pem cannot be read');
});

it('takes a fault profile with its seed and its factor, and further settings', () => {
  const settingsOf = (...argv: string[]) => readArguments(argv).options.settings;
  expect(settingsOf('--fault-profile', 'unkind', '--fault-seed', '7', '--fault-time-factor', '0.02')).toEqual({
    faultProfile: { preset: 'unkind', seed: 7, timeFactor: 0.02 },
  });
  expect(settingsOf('--settings', '{"openChangeAtSuspend": "stays"}', '--fault-profile', 'none')).toEqual({
    openChangeAtSuspend: 'stays',
    faultProfile: { preset: 'none' },
  });
});

it.each([
  ['--fault-profile', ['--fault-profile', 'rude']],
  ['--fault-seed', ['--fault-profile', 'unkind', '--fault-seed', 'x']],
  ['--fault-time-factor', ['--fault-profile', 'unkind', '--fault-time-factor', '0']],
  ['belong to a --fault-profile', ['--fault-seed', '1']],
  ['--settings must be a JSON object', ['--settings', 'stays']],
  ['--settings must be a JSON object', ['--settings', '[]']],
])('names what is wrong with faults and settings: %s', (named, argv) => {
  expect(() => readArguments(argv)).toThrow(named);
});
