import { decodeJwt, type JWTPayload } from 'jose';
import { defaultSettings, type Settings } from '../../settings/settings';
import { Publisher, tokenIn, until } from '../../testing/publisher';

/** Microsoft's own waits: with a clock that can be moved, nobody has to wait for them. */
const { autoAcceptMs, retryDelaysMs, operationStartDelayMs } = defaultSettings;

const secondMs = 1_000;
const dayMs = 86_400_000;
const realNow = () => Date.now();

let publisher: Publisher;

async function start(settings: Partial<Settings> = {}): Promise<void> {
  publisher = await Publisher.start({ settings: { autoAcceptMs, retryDelaysMs, operationStartDelayMs, ...settings } });
}

afterEach(() => publisher.stop());

const advance = (body: object) => publisher.control('POST', '/clock/advance', body);
const businessNow = async () => Date.parse((await publisher.control('GET', '/clock')).body.now);
/** The same time, but for the real seconds that a test takes. */
const expectAround = (time: string | number, expectedMs: number) =>
  expect(Math.abs(new Date(time).getTime() - expectedMs)).toBeLessThan(5 * secondMs);

it('runs with real time until it is advanced, and from there on', async () => {
  await start();
  expect((await publisher.control('GET', '/clock')).body.offsetMs).toBe(0);
  const { status, body } = await advance({ duration: 'P40D' });
  expect({ status, body }).toMatchObject({ status: 200, body: { reached: true, fired: 0, webhooks: 0 } });
  expectAround(body.now, realNow() + 40 * dayMs);
  expectAround(body.offsetMs, 40 * dayMs);
  const before = await businessNow();
  await until('business time goes on', async () => (await businessNow()) > before);
});

it('goes to an instant, and counts months in the calendar', async () => {
  await start();
  const to = new Date(realNow() + 500 * dayMs).toISOString();
  expect((await advance({ to })).body).toMatchObject({ reached: true, target: to });
  const from = new Date(await businessNow());
  const { body } = await advance({ duration: 'P1M' });
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 2, 0)).getUTCDate();
  expect(new Date(body.now).getUTCDate()).toBe(Math.min(from.getUTCDate(), lastDay));
});

it.each([
  ['duration', { duration: '40 days' }, 'ISO 8601'],
  ['duration', { duration: '-P1D' }, 'never goes back'],
  ['duration', { duration: 'P11Y' }, 'at most 10 years'],
  ['duration', { duration: 40 }, 'string'],
  ['to', { to: '2001-01-01T00:00:00Z' }, 'never goes back'],
  ['to', { to: '9999-12-31T23:59:59Z' }, 'at most 10 years'],
  ['to', { to: 'tomorrow' }, 'an instant'],
  ['(body)', {}, 'either duration or to'],
  ['(body)', { duration: 'P1D', to: '2100-01-01T00:00:00Z' }, 'either duration or to'],
  ['restMs', { duration: 'P1D', restMs: 10_001 }, '10000'],
  ['(body)', { duration: 'P1D', speed: 2 }, 'speed'],
])('refuses a wrong %s: %j', async (field, body, problem) => {
  await start();
  const answer = await advance(body);
  expect(answer).toMatchObject({ status: 400, body: { problems: [{ field, problem: expect.stringContaining(problem) }] } });
  expect((await publisher.control('GET', '/clock')).body.offsetMs).toBe(0);
});

it('goes back by a reset and by nothing else', async () => {
  await start();
  await advance({ duration: 'P1Y' });
  await publisher.control('POST', '/reset');
  expect((await publisher.control('GET', '/clock')).body.offsetMs).toBe(0);
  const id = await publisher.subscribe();
  expectAround((await publisher.truth(id)).created, realNow());
});

it('leaves tokens in real time while purchase tokens and time stamps follow business time', async () => {
  await start();
  const { body } = await publisher.control('POST', '/purchases');
  const resolve = (landingUrl: string) =>
    publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': tokenIn(landingUrl) });
  expect((await resolve(body.landingUrl)).status).toBe(200); // the access token is fetched here
  await advance({ duration: 'PT23H59M' });
  expect((await resolve(body.landingUrl)).status).toBe(200);
  await advance({ duration: 'PT1M1S' });
  expect((await resolve(body.landingUrl)).status).toBe(400);
  await advance({ duration: 'P1Y' });
  const fresh = await publisher.control('POST', `/subscriptions/${body.subscriptionId}/landing-links`);
  expect((await resolve(fresh.body.landingUrl)).status).toBe(200); // with the access token of a year ago

  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const [webhook] = await publisher.webhooks(1, (received) => received.body.subscriptionId === id);
  const { iat, exp } = decodeJwt(webhook?.bearerToken ?? '') as Required<JWTPayload>;
  expectAround(iat * secondMs, realNow());
  expectAround(exp * secondMs, realNow() + 3_600 * secondMs);
  expectAround(webhook?.body.timeStamp ?? '', await businessNow());
  expect(await businessNow()).toBeGreaterThan(realNow() + 365 * dayMs);
});

describe('the ten seconds of a change', () => {
  it('pass by themselves, and the change is accepted at the instant at which they end', async () => {
    await start();
    const id = await publisher.subscribe();
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    const startedAtMs = await businessNow();
    await publisher.webhooks(1);
    await advance({ duration: 'P1D', restMs: 0 });
    const operation = await publisher.settled(id, body.operationId);
    expect(operation).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
    expectAround(operation.settledAt, startedAtMs + autoAcceptMs);
    expect((await publisher.truth(id)).planId).toBe('gold');
  });

  it.each([
    ['before their end', 'PT9M', 'silver'],
    ['after their end', 'PT11M', 'gold'],
  ])('pass on the business clock: %s', async (_, duration, planId) => {
    await start({ autoAcceptMs: 600_000 }); // ten minutes here, or they might be over before one has looked
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await publisher.webhooks(1);
    await advance({ duration, restMs: 0 });
    expect((await publisher.truth(id)).planId).toBe(planId);
  });

  it('are not passed over while the publisher, who has just answered, is about to refuse by PATCH', async () => {
    await start();
    const id = await publisher.subscribe();
    publisher.answer = (webhook) => {
      setTimeout(() => void publisher.api('PATCH', `/saas/subscriptions/${id}/operations/${webhook.id}`, { status: 'Failure' }), 100);
      return 200;
    };
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await advance({ duration: 'P1D' });
    expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Failed', settledBy: 'publisher' });
    expect((await publisher.truth(id)).planId).toBe('silver');
  });

  it('are passed over at once where no rest is wanted', async () => {
    await start();
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await publisher.webhooks(1);
    const beganAt = performance.now();
    await advance({ duration: 'P1D', restMs: 0 });
    expect(performance.now() - beganAt).toBeLessThan(secondMs);
    expect((await publisher.truth(id)).planId).toBe('gold');
  });
});

describe('a publisher that does not take its webhooks', () => {
  it('is tried 500 times in the 8 hours after the first try, in seconds of real time', async () => {
    await start();
    await publisher.control('PATCH', '/settings', { webhookUrl: 'http://127.0.0.1:9/closed' }); // the port of discard: refused at once
    const id = await publisher.subscribe();
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    const startedAtMs = await businessNow();
    const outcome = (await advance({ duration: 'P20D' })).body;
    expect(outcome.reached).toBe(true);
    expect([500, 501]).toContain(outcome.webhooks); // the first try may have left before time was advanced
    const operation = await publisher.settled(id, body.operationId);
    expect(operation).toMatchObject({ status: 'Failed', settledBy: 'retries-exhausted' });
    const tookMs = Date.parse(operation.settledAt) - startedAtMs;
    expect(tookMs).toBeGreaterThan(7.8 * 3_600 * secondMs);
    expect(tookMs).toBeLessThan(8.2 * 3_600 * secondMs);
  });

  it('sees the retries at their distances when it is up again', async () => {
    await start();
    const answers = [500, 500, 500];
    publisher.answer = () => answers.shift() ?? 200;
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await advance({ duration: 'PT1M' });
    const sent: { sentAt: string }[] = (await publisher.control('GET', '/deliveries')).body.deliveries;
    const sentAtMs = sent.map(({ sentAt }) => Date.parse(sentAt));
    expect(sentAtMs).toHaveLength(4);
    const distances = sentAtMs.slice(1).map((atMs, index) => atMs - (sentAtMs[index] as number));
    retryDelaysMs.slice(0, 3).forEach((delayMs, index) => {
      expect(distances[index]).toBeGreaterThanOrEqual(delayMs);
      expect(distances[index]).toBeLessThan(delayMs + 3_000); // as punctual as a busy machine is
    });
  });
});

describe('an advance that waits for the answer to a webhook', () => {
  let outcome: ReturnType<typeof advance>;

  beforeEach(async () => {
    await start({ webhookTimeoutMs: 60_000 });
    publisher.answer = () => 'hang';
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await publisher.webhooks(1);
    outcome = advance({ duration: 'P1D' });
    await until('it has begun', async () => (await publisher.control('GET', '/clock')).body.advancingTo);
  });

  it('refuses another one', async () => {
    expect(await advance({ duration: 'P1D' })).toMatchObject({ status: 409, body: { error: expect.stringContaining('already') } });
    await publisher.control('POST', '/reset');
    await outcome;
    expect((await advance({ duration: 'P1D' })).status).toBe(200);
  });

  it('is ended by a reset, which puts business time back for good', async () => {
    await publisher.control('POST', '/reset');
    expect(await outcome).toMatchObject({ status: 409, body: { error: expect.stringContaining('reset') } });
    expect((await publisher.control('GET', '/clock')).body).toMatchObject({ offsetMs: 0, advancingTo: null });
  });
});
