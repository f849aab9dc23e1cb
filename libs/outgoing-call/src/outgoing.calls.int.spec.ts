import { Logger } from '@nestjs/common';
import { register } from '@landfall/service-defaults';
import { Webhook } from 'standardwebhooks';
import { aCall, outgoingCalls, secret } from './fixtures/calls.fixture';
import {
  bytes,
  cut,
  cutBody,
  dripBody,
  dripHead,
  FakeProduct,
  flood,
  hang,
  hold,
  holdBody,
  json,
  raw,
  type Received,
  type Reply,
} from './fixtures/fake.product';
import { CONNECTIONS_PER_HOST, MAX_ANSWER_BYTES, WAITING_CALLS_PER_HOST } from './outgoing-call.limits';

const clientFor = outgoingCalls();
let product: FakeProduct;
let host: string;
let url: string;

beforeEach(async () => {
  product = await FakeProduct.start();
  host = `127.0.0.1:${product.port}`;
  url = `http://${host}/may-change?tenant=7`;
});
afterEach(() => product.stop());

/** Waits until a condition holds; the spec's own time limit ends what never comes. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a question', () => {
  it('arrives signed, and its answer comes back with status and body', async () => {
    product.replies = [json(200, { allowed: false, reason: 'Thirty people work in it.' })];
    const outcome = await clientFor([host]).ask(aCall(url, { id: 'op-1', body: { planId: 'gold', note: 'für Ünal' } }));
    expect(outcome).toEqual({ kind: 'answered', status: 200, body: { allowed: false, reason: 'Thirty people work in it.' } });
    const [received] = product.received;
    expect(received).toMatchObject({ url: '/may-change?tenant=7', headers: { 'content-type': 'application/json', 'webhook-id': 'op-1' } });
    expect(new Webhook(secret).verify(received!.body, received!.headers as Record<string, string>)).toEqual({
      planId: 'gold',
      note: 'für Ünal',
    });
  });

  it.each([400, 404, 409, 429, 500, 503])(
    'that is answered %s is answered all the same, with the body where it is JSON',
    async (status) => {
      product.replies = [json(status, { error: 'no' }), raw(status, '<html>a proxy</html>')];
      const calls = clientFor([host]);
      expect(await calls.ask(aCall(url))).toEqual({ kind: 'answered', status, body: { error: 'no' } });
      expect(await calls.ask(aCall(url))).toEqual({ kind: 'answered', status, body: undefined });
    },
  );

  it.each<[what: string, reply: Reply]>([
    ['a page', raw(200, '<html>welcome</html>')],
    ['nothing', raw(204)],
    ['half a document', raw(200, '{"allowed":tr')],
    ['bytes that are no UTF-8', raw(200, Buffer.from([0x22, 0xff, 0x22]))],
    ['something compressed', raw(200, Buffer.from([0x1f, 0x8b, 8, 0]), { 'content-encoding': 'gzip' })],
  ])('that is answered with %s has no answer: not-json', async (_what, reply) => {
    product.replies = [reply];
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'not-json' });
  });
});

it('what is only told has its status as the whole answer, whatever the body is', async () => {
  product.replies = [raw(200, 'ok'), raw(204), raw(410), json(200, {})];
  const calls = clientFor([host]);
  for (const status of [200, 204, 410, 200]) expect(await calls.tell(aCall(url))).toEqual({ kind: 'answered', status });
});

it('what is only told waits for no body, and leaves none behind', async () => {
  product.replies = [dripBody, flood];
  const calls = clientFor([host]);
  expect(await calls.tell(aCall(url, { timeLimitMs: 5_000 }))).toEqual({ kind: 'answered', status: 200 });
  await until(() => product.open.size === 0); // the time limit ends the body
  expect(await calls.tell(aCall(url))).toEqual({ kind: 'answered', status: 200 });
  await until(() => product.open.size === 0); // and so does its size
});

describe('no redirect is followed', () => {
  it.each([301, 302, 303, 307, 308])('with %s', async (status) => {
    const other = await FakeProduct.start();
    try {
      product.replies = [raw(status, '', { location: `http://127.0.0.1:${other.port}/` })];
      const calls = clientFor([host, `127.0.0.1:${other.port}`]);
      for (const outcome of [await calls.ask(aCall(url)), await calls.tell(aCall(url))])
        expect(outcome).toMatchObject({ kind: 'unanswered', reason: 'redirect', detail: expect.stringContaining(`answered ${status}`) });
      expect(other.received).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});

describe('within its time limit a call ends', () => {
  it.each<[what: string, reply: Reply]>([
    ['nothing comes', hang],
    ['the head drips', dripHead],
    ['the body drips', dripBody],
  ])('when %s', async (_what, reply) => {
    product.replies = [reply];
    const outcome = await clientFor([host]).ask(aCall(url, { timeLimitMs: 1_000 }));
    expect(outcome).toEqual({ kind: 'unanswered', reason: 'time-limit', detail: `${host} gave no whole answer within 1000 ms` });
    await until(() => product.open.size === 0); // the connection is given up
  });

  it('also when it waits for a connection, and is never sent then', async () => {
    const { reply, release } = hold();
    product.replies = [...Array.from({ length: CONNECTIONS_PER_HOST }, () => reply), json(200, {})];
    const calls = clientFor([host]);
    const slow = Array.from({ length: CONNECTIONS_PER_HOST }, () => calls.ask(aCall(url)));
    await until(() => product.received.length === CONNECTIONS_PER_HOST);
    expect(await calls.ask(aCall(url, { id: 'gave-up', timeLimitMs: 100 }))).toMatchObject({ reason: 'time-limit' });
    release();
    expect((await Promise.all(slow)).filter(({ kind }) => kind !== 'answered')).toEqual([]);
    expect(await calls.ask(aCall(url))).toMatchObject({ kind: 'answered' });
    expect(product.received.map(({ headers }) => headers['webhook-id'])).not.toContain('gave-up');
  });
});

describe('an answer has a size', () => {
  const ofBytes = (size: number) => `"${'x'.repeat(size - 2)}"`;

  it('up to which it is read', async () => {
    product.replies = [raw(200, ofBytes(MAX_ANSWER_BYTES))];
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'answered', status: 200 });
  });

  it.each<[what: string, reply: Reply]>([
    ['a byte too long', raw(200, ofBytes(MAX_ANSWER_BYTES + 1))],
    ['endless', flood],
    ['the page of an error, and too long', raw(500, ofBytes(MAX_ANSWER_BYTES + 1))],
  ])('beyond which it is none: %s', async (_what, reply) => {
    product.replies = [reply];
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'too-large' });
    await until(() => product.open.size === 0);
  });

  it('that its head has as well', async () => {
    product.replies = [raw(200, '{}', { 'x-large': 'x'.repeat(20_000) })];
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'too-large' });
  });
});

describe('a connection that is cut', () => {
  it('while it was idle is replaced, and the receiver sees the same call once more', async () => {
    const used = new Set<number>();
    let lost: Received | undefined;
    product.replies = [
      (answer, request) => {
        if (lost || !used.has(request.connection)) {
          used.add(request.connection);
          return json(200, {})(answer, request);
        }
        lost = request; // it was kept, and is closed under its next call
        cut(answer, request);
      },
    ];
    const calls = clientFor([host]);
    for (let count = 0; !lost; count++) expect(await calls.ask(aCall(url, { id: `call-${count}` }))).toMatchObject({ kind: 'answered' });
    const repeated = product.received.at(-1)!;
    const sameOf = ({ headers, body, url: path }: Received) => [headers['webhook-id'], headers['webhook-signature'], body, path];
    expect(repeated).not.toBe(lost);
    expect(sameOf(repeated)).toEqual(sameOf(lost));
  });

  it('each time is tried twice and no more', async () => {
    product.replies = [cut];
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'connection-cut' });
    expect(product.received).toHaveLength(2);
  });

  it('and then refused may have arrived all the same', async () => {
    product.replies = [
      (answer, request) => {
        void product.stop(); // nothing listens when it is sent once more
        cut(answer, request);
      },
    ];
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'connection-cut' });
    expect(product.received).toHaveLength(1);
    product = await FakeProduct.start(); // for the end of the spec
  });

  it('within the body is not repeated: the other side has answered', async () => {
    product.replies = [cutBody];
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'connection-cut' });
    expect(product.received).toHaveLength(1);
  });
});

it.each(['SSH-2.0-OpenSSH_9.9\r\n', 'HTTP/1.1 20 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n{}'])('%j is no HTTP', async (said) => {
  product.replies = [bytes(said)];
  expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'not-http' });
});

it('says where nothing listens', async () => {
  await product.stop();
  const outcome = await clientFor([host]).ask(aCall(url));
  expect(outcome).toMatchObject({ kind: 'unanswered', reason: 'connection-refused', detail: expect.stringContaining('ECONNREFUSED') });
  product = await FakeProduct.start(); // for the end of the spec
});

it('uses no proxy that the environment names', async () => {
  const proxy = await FakeProduct.start();
  const before = { ...process.env };
  const address = `http://127.0.0.1:${proxy.port}`;
  Object.assign(process.env, {
    HTTP_PROXY: address,
    http_proxy: address,
    HTTPS_PROXY: address,
    ALL_PROXY: address,
    NODE_USE_ENV_PROXY: '1',
    NO_PROXY: '',
  });
  try {
    expect(await clientFor([host]).ask(aCall(url))).toMatchObject({ kind: 'answered' });
    expect([product.received.length, proxy.received.length]).toEqual([1, 0]);
  } finally {
    process.env = before;
    await proxy.stop();
  }
});

it('keeps eight connections to a host, lets 64 calls wait for one, and tells the next at once', async () => {
  const { reply, release } = hold();
  product.replies = [...Array.from({ length: CONNECTIONS_PER_HOST }, () => reply), json(200, {})];
  const calls = clientFor([host]);
  const asked = Array.from({ length: CONNECTIONS_PER_HOST + WAITING_CALLS_PER_HOST }, () => calls.ask(aCall(url)));
  const detail = `72 calls to ${host} run or wait already, and no more may`;
  expect(await calls.ask(aCall(url))).toEqual({ kind: 'unanswered', reason: 'not-sent', detail });
  await until(() => product.received.length === CONNECTIONS_PER_HOST);
  expect(product.open.size).toBe(CONNECTIONS_PER_HOST);
  release();
  expect((await Promise.all(asked)).filter(({ kind }) => kind !== 'answered')).toEqual([]);
  expect(await calls.ask(aCall(url))).toMatchObject({ kind: 'answered' }); // there is room again
});

it('counts a connection as busy until the whole body has come, also where nobody reads it', async () => {
  const { reply, release } = holdBody();
  product.replies = [...Array.from({ length: CONNECTIONS_PER_HOST }, () => reply), json(200, {})];
  const calls = clientFor([host]);
  const many = (count: number) => Array.from({ length: count }, () => calls.tell(aCall(url)));
  expect((await Promise.all(many(CONNECTIONS_PER_HOST))).filter(({ kind }) => kind !== 'answered')).toEqual([]);
  const waiting = many(WAITING_CALLS_PER_HOST);
  expect(await calls.tell(aCall(url))).toMatchObject({ reason: 'not-sent' });
  release();
  expect((await Promise.all(waiting)).filter(({ kind }) => kind !== 'answered')).toEqual([]);
});

it.each([
  ['an id with a full stop, which the signature could not tell from the time', { id: 'a.1' }],
  ['an id that breaks the line', { id: 'a\r\nx: y' }],
  ['no id', { id: '' }],
  ['no time', { timeLimitMs: 0 }],
  ['more time than anybody has', { timeLimitMs: 60_001 }],
  ['a body beyond 256 kB', { body: { text: 'x'.repeat(262_144) } }],
])('refuses a call with %s as a fault of the caller', async (_what, change) => {
  await expect(clientFor([host]).ask(aCall(url, change))).rejects.toThrow(RangeError);
  expect(product.received).toEqual([]);
});

it('is measured by the entry that allowed the host and by the outcome, and logged without path, bodies and secrets', async () => {
  const lines: unknown[] = [];
  for (const level of ['debug', 'warn'] as const)
    jest.spyOn(Logger.prototype, level).mockImplementation((...line) => void lines.push(line));
  try {
    product.replies = [json(200, { answer: 'HIDDEN' }), raw(200, 'HIDDEN')];
    const calls = clientFor([host]);
    for (let count = 0; count < 2; count++) await calls.ask(aCall(`${url}&HIDDEN`, { id: 'shown', body: { question: 'HIDDEN' } }));
    await calls.ask(aCall('https://elsewhere.example/HIDDEN'));
    const metrics = await register.metrics();
    for (const [label, outcome] of [
      [host, '2xx'],
      [host, 'not-json'],
      ['not-allowed', 'blocked-address'],
    ])
      expect(metrics).toContain(`outgoing_call_duration_seconds_count{host="${label}",outcome="${outcome}"}`);
    expect(metrics).not.toContain('elsewhere');
    expect(JSON.stringify(lines)).toContain('"shown"');
    expect(JSON.stringify(lines)).toContain('not-json');
    expect(JSON.stringify(lines) + metrics).not.toMatch(/HIDDEN|whsec|v1,/);
  } finally {
    jest.restoreAllMocks();
  }
});
