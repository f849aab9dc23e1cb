import { connect, type Socket } from 'node:net';
import { Publisher, until } from '../../testing/publisher';
import { HeldConnections } from './held.connections';

let publisher: Publisher;
let keysUrl: string;

const keys = '/common/discovery/v2.0/keys';

beforeAll(async () => {
  publisher = await Publisher.start();
  keysUrl = `${publisher.emulator.authorityUrl}${keys}`;
});

afterEach(() => publisher.control('POST', '/reset'));
afterAll(() => publisher.stop());

/** What fetch throws when there is no whole answer. */
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.message,
  );

/** The bytes that come over the rawAnswer, and how the connection ends. */
async function rawAnswer(path: string, at = publisher): Promise<{ text: string; tookMs: number; error: string | undefined }> {
  const startedAt = performance.now();
  const { hostname, port } = new URL(at.emulator.apiUrl);
  return new Promise((resolve) => {
    let text = '';
    let error: string | undefined;
    const socket = connect(Number(port), hostname, () => socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', (reason: Error & { code?: string }) => (error = reason.code));
    socket.on('close', () => resolve({ text, tookMs: performance.now() - startedAt, error }));
  });
}

it('resets the connection', async () => {
  await publisher.fault({ on: { route: 'jwks' }, do: { effect: 'reset' } });
  expect(await rawAnswer(keys)).toMatchObject({ text: '', error: 'ECONNRESET' });
});

it('hangs for the given time, then closes', async () => {
  await publisher.fault({ on: { route: 'jwks' }, do: { effect: 'hang', ms: 120 } });
  const { text, tookMs } = await rawAnswer(keys);
  expect(text).toBe('');
  expect(tookMs).toBeGreaterThanOrEqual(115);
});

it.each([
  [{ afterBytes: 10 }, 10, /content-length: \d{3,}/],
  [{ afterBytes: 0 }, 0, /content-length: \d{3,}/],
  [{ afterBytes: 1_000_000 }, undefined, /content-length: \d{3,}/],
  [{}, undefined, /content-length: \d{3,}/],
  [{ chunked: true, afterBytes: 10 }, 10, /transfer-encoding: chunked/i],
])('breaks a body off: %j', async (effect, kept, head) => {
  const whole = await (await fetch(keysUrl)).text();
  await publisher.fault({ on: { route: 'jwks' }, do: { effect: 'cutBody', ...effect } });
  const { text, error } = await rawAnswer(keys);
  const [headers = '', body = ''] = text.split('\r\n\r\n');
  expect(headers).toMatch(head);
  expect(error).toBeUndefined();
  const sent = 'chunked' in effect ? (body.split('\r\n')[1] ?? '') : body;
  expect(whole.startsWith(sent)).toBe(true);
  expect(sent.length).toBeLessThan(whole.length);
  if (kept !== undefined) expect(sent).toHaveLength(kept);
  expect(await failure(fetch(keysUrl).then((response) => response.text()))).toBe('UND_ERR_SOCKET');
});

it('breaks off where there is no body at all', async () => {
  const subscription = await publisher.buy();
  await publisher.fault({ on: { route: 'activateSubscription' }, do: { effect: 'cutBody' } });
  expect(await failure(publisher.api('POST', `/saas/subscriptions/${subscription}/activate`))).toBe('UND_ERR_SOCKET');
  expect((await publisher.truth(subscription)).activateCalls).toBe(1);
});

it('drips a body, whole in the end', async () => {
  const whole = await (await fetch(keysUrl)).text();
  await publisher.fault({ on: { route: 'jwks' }, do: { effect: 'drip', bytesPerSecond: whole.length * 5 } });
  const startedAt = performance.now();
  const response = await fetch(keysUrl);
  expect(await response.text()).toBe(whole);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(150);
});

it('delays an answer whose work is done at once', async () => {
  const subscription = await publisher.buy();
  await publisher.fault({ on: { route: 'activateSubscription' }, do: { effect: 'delay', ms: 2_000 } });
  const startedAt = performance.now();
  const answer = publisher.api('POST', `/saas/subscriptions/${subscription}/activate`);
  await until('activate called', async () => (await publisher.truth(subscription)).activateCalls === 1);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect((await answer).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_990);
});

it('delays what another effect of the rule answers', async () => {
  await publisher.fault({
    do: [
      { effect: 'delay', ms: 100 },
      { effect: 'status', status: 503 },
    ],
  });
  const startedAt = performance.now();
  expect((await fetch(keysUrl)).status).toBe(503);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95);
});

describe('connections that are kept waiting', () => {
  const hung = async (count: number, at = publisher) => {
    const rule = await at.fault({ on: { route: 'jwks' }, do: { effect: 'hang' } });
    const answers = Array.from({ length: count }, () => rawAnswer(keys, at));
    await until('all hang', async () => (await at.control('GET', `/faults/${rule}`)).body.fired === count);
    return answers;
  };

  it('end at once with a reset', async () => {
    const answers = await hung(3);
    await publisher.control('POST', '/reset');
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['', '', '']);
  });

  it('do not hold up the end of the emulator', async () => {
    const stopping = await Publisher.start();
    const answers = await hung(3, stopping);
    const rule = await stopping.fault({ on: { route: 'discovery' }, do: { effect: 'delay', ms: 60_000 } });
    const late = rawAnswer('/common/v2.0/.well-known/openid-configuration', stopping);
    await until('one is late', async () => (await stopping.control('GET', `/faults/${rule}`)).body.fired === 1);
    await stopping.stop();
    expect((await Promise.all([...answers, late])).map(({ text }) => text)).toEqual(['', '', '', '']);
  });

  it('are bounded in number: for one too many the oldest is closed', () => {
    const held = new HeldConnections(2);
    const closed: number[] = [];
    const socket = (number: number) =>
      ({ destroyed: false, destroy: () => closed.push(number), once: () => {}, off: () => {} }) as unknown as Socket;
    for (const number of [1, 2, 3, 4]) held.hold(socket(number), 60_000, () => {});
    expect([closed, held.size]).toEqual([[1, 2], 2]);
    held.end();
    expect([closed, held.size]).toEqual([[1, 2, 3, 4], 0]);
  });

  it('leave nothing behind when their callers go', async () => {
    await publisher.fault({ on: { route: 'jwks' }, do: { effect: 'delay', ms: 60_000 } });
    await expect(fetch(keysUrl, { signal: AbortSignal.timeout(100) })).rejects.toThrow('aborted');
    const path = '/calls?limit=1';
    await until('the call is recorded', async () => (await publisher.control('GET', path)).body.calls[0]?.faultId);
    expect((await publisher.control('GET', path)).body.calls).toMatchObject([{ surface: 'identity', status: null }]);
  });
});
