import { readArguments } from './main.arguments';

it('listens on port 8090 of loopback unless told otherwise', () => {
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
