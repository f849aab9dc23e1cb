import { Networks } from '@landfall/http-server';
import { AddressGuard } from './address.guard';
import { AllowedHosts } from './allowed.hosts';
import { destinationOf } from './destination';

const everyHost = ['desk.fabrikam.example', 'desk.fabrikam.example:8443', '*.tenants.example', '*.tenants.example:8443', 'bücher.example'];
const addresses = ['127.0.0.1', '127.0.0.1:8091', '10.0.0.7', '8.8.8.8', '[::1]', '[::ffff:127.0.0.1]', 'localhost', 'localhost:8091'];
const hosts = new AllowedHosts([...everyHost, ...addresses]);
const guard = new AddressGuard(new Networks([]));
const onThisMachine = new AddressGuard(new Networks(['127.0.0.0/8', '::1']));
const checked = (url: string, by = guard) => destinationOf(url, hosts, by);

it.each([
  ['https://desk.fabrikam.example/may?plan=gold', 'desk.fabrikam.example'],
  ['https://DESK.fabrikam.example:443/', 'desk.fabrikam.example'],
  ['https://desk.fabrikam.example:8443/', 'desk.fabrikam.example:8443'],
  ['https://contoso.tenants.example/', '*.tenants.example'],
  ['https://a.b.tenants.example:8443/', '*.tenants.example:8443'],
  ['https://xn--bcher-kva.example/', 'bücher.example'],
  ['https://8.8.8.8/', '8.8.8.8'],
])('%s is allowed by %s', (url, allowedBy) => {
  expect(checked(url)).toMatchObject({ allowedBy });
});

it.each([
  ['https://fabrikam.example/', 'fabrikam.example is not among OUTGOING_HOSTS'],
  ['https://desk.fabrikam.example.evil.example/', 'is not among OUTGOING_HOSTS'],
  ['https://desk.fabrikam.example./', 'is not among OUTGOING_HOSTS'],
  ['https://evildesk.fabrikam.example/', 'is not among OUTGOING_HOSTS'],
  ['https://desk.fabrikam.example:22/', 'desk.fabrikam.example:22 is not among OUTGOING_HOSTS'],
  ['https://tenants.example/', 'is not among OUTGOING_HOSTS'],
  ['https://eviltenants.example/', 'is not among OUTGOING_HOSTS'],
  ['https://evil.example\\@desk.fabrikam.example/', 'is not among OUTGOING_HOSTS'],
  ['https://evil.example#@desk.fabrikam.example/', 'evil.example is not among OUTGOING_HOSTS'],
  ['https://desk.fabrikam.example@evil.example/', 'user name or a password'],
  ['https://user@desk.fabrikam.example/', 'user name or a password'],
  ['https://:secret@desk.fabrikam.example/', 'user name or a password'],
  ['http://desk.fabrikam.example/', 'is not https'],
  ['http://10.0.0.7/', 'is not https'],
  ['ftp://desk.fabrikam.example/', 'is not https'],
  ['file:///etc/passwd', 'is not https'],
  ['data:application/json,{}', 'is not https'],
  ['//desk.fabrikam.example/', 'no URL'],
  ['', 'no URL'],
  [`https://desk.fabrikam.example/${'x'.repeat(2_048)}`, 'no URL of at most 2048 characters'],
])('no call goes to %s', (url, problem) => {
  expect(checked(url)).toEqual({ problem: expect.stringContaining(problem) });
});

it('any port of a host is allowed where the setting says so, and of no other host', () => {
  const anyPort = new AllowedHosts(['localhost:*', '*.tenants.example:*']);
  const allowedBy = (url: string) => anyPort.entryFor(new URL(url));
  expect(['http://localhost/', 'http://localhost:8091/'].map(allowedBy)).toEqual(['localhost:*', 'localhost:*']);
  expect(allowedBy('https://a.tenants.example:8443/')).toBe('*.tenants.example:*');
  expect(['https://evil.example:8091/', 'https://tenants.example:1/', 'http://localhost.evil.example:1/'].map(allowedBy)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  for (const entry of ['*', ':*', 'localhost:*:*', 'localhost:80*', '*:*', '*.:*', 'localhost:80:*', 'localhost:443:*'])
    expect(() => new AllowedHosts([entry])).toThrow(RangeError);
});

describe('127.0.0.1, allowed as a host,', () => {
  const forms = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '127.0.0.0x1',
    '%31%32%37.0.0.1',
  ];

  it.each(forms)('is refused as a loopback address where it is written %s', (form) => {
    expect(checked(`https://${form}/`)).toEqual({ problem: expect.stringContaining('127.0.0.1 is no public address') });
  });

  it.each(forms)('may be called as %s where its network is named', (form) => {
    expect(checked(`https://${form}/`, onThisMachine)).toMatchObject({ allowedBy: '127.0.0.1' });
  });
});

it.each([
  'https://[::1]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::FFFF:7f00:1]/',
  'https://10.0.0.7/',
  'https://0xa000007/',
])('%s is refused as an address although its host is allowed', (url) =>
  expect(checked(url)).toEqual({ problem: expect.stringContaining('is no public address') }),
);

it.each(['http://127.0.0.1:8091/', 'http://localhost:8091/', 'http://[::1]/'])('plain http goes to this machine: %s', (url) => {
  expect(checked(url, onThisMachine)).toHaveProperty('allowedBy');
});

it('what is refused is told without path and query', () => {
  const problems = ['http://desk.fabrikam.example', 'https://evil.example', 'https://10.0.0.7', 'https://a:b@evil.example'].map((origin) =>
    JSON.stringify(checked(`${origin}/hidden?token=hidden`)),
  );
  expect(problems.join()).not.toMatch(/hidden|a:b/);
});

it.each([
  '',
  '*',
  '*.',
  'https://app.example',
  'app.example/',
  'app.example/path',
  'a b',
  'me@app.example',
  '*.10.0.0.7',
  '*.[::1]',
  '*.*.example',
  'a.*.example',
  'app.example:99999',
  '300.1.1.1',
])('"%s" is no entry of OUTGOING_HOSTS', (entry) =>
  expect(() => new AllowedHosts([entry])).toThrow('is no host like desk.fabrikam.example'),
);
