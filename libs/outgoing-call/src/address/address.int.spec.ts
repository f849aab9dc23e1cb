import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { aCall, names, outgoingCalls } from '../fixtures/calls.fixture';
import { certificateFor } from '../fixtures/certificate';
import { FakeProduct, json } from '../fixtures/fake.product';

const clientFor = outgoingCalls();
const certificate = certificateFor('desk.fabrikam.example');
const trusted = getCACertificates('default');
let product: FakeProduct;
let host: string;

beforeAll(() => setDefaultCACertificates([...trusted, certificate.cert]));
afterAll(() => setDefaultCACertificates(trusted));
beforeEach(async () => {
  product = await FakeProduct.start(certificate);
  host = `desk.fabrikam.example:${product.port}`;
});
afterEach(() => product.stop());

const ask = (calls: ReturnType<typeof clientFor>, at = host) => calls.ask(aCall(`https://${at}/may-change`));

it('a name is resolved once for a connection, and the address that was checked is the one that is called', async () => {
  const lookup = names(['127.0.0.1'], ['169.254.169.254']);
  const calls = clientFor([host], { networks: ['127.0.0.0/8'], lookup });
  expect(await ask(calls)).toMatchObject({ kind: 'answered', status: 200 });
  expect(lookup.asked).toEqual(['desk.fabrikam.example']);
});

it('a name that changes its address between check and connection is checked for each connection', async () => {
  const lookup = names(['127.0.0.1'], ['10.0.0.7']);
  const calls = clientFor([host], { networks: ['127.0.0.0/8'], lookup });
  product.replies = [json(200, {}, { connection: 'close' })];
  expect(await ask(calls)).toMatchObject({ kind: 'answered' });
  expect(await ask(calls)).toEqual({
    kind: 'unanswered',
    reason: 'blocked-address',
    detail:
      'desk.fabrikam.example has no address to which calls may go: 10.0.0.7 is no public address, and OUTGOING_NETWORKS does not name its network',
  });
  expect(product.received).toHaveLength(1);
});

it.each([
  '127.0.0.1',
  '::1',
  '::ffff:127.0.0.1',
  '10.0.0.7',
  '169.254.169.254',
  '100.64.0.1',
  'fd00::1',
  'fe80::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::1',
  '224.0.0.1',
])('a name that leads to %s is not called where no setting names the network', async (address) => {
  const outcome = await ask(clientFor([host], { networks: [], lookup: names([address]) }));
  expect(outcome).toMatchObject({
    kind: 'unanswered',
    reason: 'blocked-address',
    detail: expect.stringContaining(`${address} is no public address`),
  });
  expect(product.received).toEqual([]);
});

it('of several addresses those alone are called that may be', async () => {
  const lookup = names(['127.0.0.1', '127.0.0.2', '10.0.0.7']); // nothing listens at the second
  const calls = clientFor([host], { networks: ['127.0.0.2/32'], lookup });
  expect(await calls.ask(aCall(`https://${host}/`, { timeLimitMs: 5_000 }))).toMatchObject({ kind: 'unanswered' });
  expect(product.received).toEqual([]);
  expect(await ask(clientFor([host], { networks: ['127.0.0.1/32'], lookup: names(['10.0.0.7', '127.0.0.1']) }))).toMatchObject({
    kind: 'answered',
  });
});

it('a name without an address is told as such, and so is one that leads to none', async () => {
  const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  const nowhere = clientFor([host], { lookup: (_name, _options, callback) => callback(unknown, []) });
  expect(await ask(nowhere)).toMatchObject({ reason: 'name-not-found', detail: expect.stringContaining(host) });
  const empty = clientFor([host], { lookup: names([]) });
  expect(await ask(empty)).toMatchObject({ reason: 'blocked-address', detail: expect.stringContaining('it has none at all') });
});

it('a name that is long in coming holds a call no longer than its limit, and that call is never sent', async () => {
  const pending: (() => void)[] = [];
  const resolve = names(['127.0.0.1']);
  const calls = clientFor([host], { lookup: (...asked) => void pending.push(() => resolve(...asked)) });
  const patient = ask(calls);
  expect(await calls.ask(aCall(`https://${host}/`, { timeLimitMs: 300 }))).toMatchObject({ reason: 'time-limit' });
  expect(pending).toHaveLength(2);
  for (const answer of pending) answer();
  expect(await patient).toMatchObject({ kind: 'answered' }); // so its connection was still being made
  expect(product.received).toHaveLength(1);
});

it('localhost is this machine, whatever it resolves to', async () => {
  const at = `localhost:${product.port}`;
  const outcome = await clientFor([at], { networks: ['0.0.0.0/0'], lookup: names(['10.0.0.7']) }).ask(aCall(`http://${at}/`));
  expect(outcome).toMatchObject({ reason: 'blocked-address', detail: expect.stringContaining('localhost leads to 10.0.0.7') });
});

describe('over TLS', () => {
  const toThisMachine = { networks: ['127.0.0.0/8'], lookup: names(['127.0.0.1']) };

  it.each([
    ['of another host', () => certificateFor('other.fabrikam.example'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that has expired', () => certificateFor('desk.fabrikam.example', { to: '250101000000Z' }), 'CERT_HAS_EXPIRED'],
  ])('a certificate %s is not accepted', async (_what, make, code) => {
    const wrong = make();
    setDefaultCACertificates([...trusted, wrong.cert]);
    const other = await FakeProduct.start(wrong);
    try {
      const at = `desk.fabrikam.example:${other.port}`;
      expect(await ask(clientFor([at], toThisMachine), at)).toMatchObject({ reason: 'tls', detail: expect.stringContaining(code) });
      expect(other.received).toEqual([]);
    } finally {
      setDefaultCACertificates([...trusted, certificate.cert]);
      await other.stop();
    }
  });

  it('a certificate that nobody vouches for is not accepted', async () => {
    const other = await FakeProduct.start(certificateFor('desk.fabrikam.example'));
    try {
      const at = `desk.fabrikam.example:${other.port}`;
      expect(await ask(clientFor([at], toThisMachine), at)).toMatchObject({ kind: 'unanswered', reason: 'tls' });
    } finally {
      await other.stop();
    }
  });

  it('a server that speaks plain HTTP is none', async () => {
    const plain = await FakeProduct.start();
    try {
      const at = `desk.fabrikam.example:${plain.port}`;
      expect(await ask(clientFor([at], toThisMachine), at)).toMatchObject({ kind: 'unanswered', reason: 'tls' });
    } finally {
      await plain.stop();
    }
  });
});

it('tells before any call what would surely never be sent, and nothing that a name server might still say otherwise', () => {
  const hosts = ['desk.fabrikam.example', '10.0.0.7', 'localhost:8091'];
  const problems = (networks: string[]) =>
    [
      'https://desk.fabrikam.example/',
      'https://10.0.0.7/',
      'http://localhost:8091/',
      'https://elsewhere.example/',
      `https://10.0.0.7/${'x'.repeat(2_048)}`,
    ].map((at) => clientFor(hosts, { networks }).problemOf(at));
  const never = [expect.stringContaining('elsewhere.example is not among OUTGOING_HOSTS'), expect.stringContaining('no URL of at most')];
  const unnamed = expect.stringContaining('OUTGOING_NETWORKS does not name its network');
  expect(problems([])).toEqual([undefined, unnamed, unnamed, ...never]);
  expect(problems(['10.0.0.0/8', '::1'])).toEqual([undefined, undefined, undefined, ...never]);
});
