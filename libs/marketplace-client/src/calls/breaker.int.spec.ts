import { aSubscription, context, failureOf, microsoftAndClient, operationId, subscriptionId } from '../fixtures/client.fixture';
import { FakeMicrosoft, after, hang, json, raw, type Reply } from '../fixtures/fake.microsoft';
import type { BreakerChange } from '../marketplace.options';

const setup = microsoftAndClient();
const good = json(200, aSubscription);
const once = { ...context, attempts: 1 };

describe('the breaker', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('stops sending when Microsoft is away, says so, and tries again by itself', async () => {
    const changes: BreakerChange[] = [];
    const client = setup.client({ onBreaker: (change) => changes.push(change) });
    setup.microsoft.replies = [raw(503)];
    for (let call = 0; call < 10; call++) await failureOf(client.getSubscription(subscriptionId, once));
    expect(client.breaker).toMatchObject({ isOpen: true, state: 'open', endpoints: ['GET /saas/subscriptions/{subscriptionId}'] });

    const refused = await failureOf(client.getSubscription(subscriptionId, context));
    expect(refused).toMatchObject({ reason: 'breaker-open', outcomeUnknown: false, retryAfterMs: expect.any(Number) });
    expect(setup.microsoft.received).toHaveLength(10);
    expect(setup.records).toHaveLength(10);

    const later = performance.now() + 5_001;
    jest.spyOn(performance, 'now').mockImplementation(() => later);
    expect(client.breaker).toMatchObject({ isOpen: false, state: 'half-open', opensAgainInMs: 0 });
    setup.microsoft.replies = [good];
    await client.getSubscription(subscriptionId, once);
    expect(client.breaker.state).toBe('closed');
    const endpoint = 'GET /saas/subscriptions/{subscriptionId}';
    expect(changes).toEqual([
      { endpoint, isOpen: true },
      { endpoint, isOpen: false },
    ]);
  });

  it('lets one call through to see, and one alone', async () => {
    const client = setup.client();
    setup.microsoft.replies = [raw(503)];
    for (let call = 0; call < 10; call++) await failureOf(client.getSubscription(subscriptionId, once));
    const later = performance.now() + 5_001;
    jest.spyOn(performance, 'now').mockImplementation(() => later);
    setup.microsoft.replies = [after(50, good)];
    const probe = client.getSubscription(subscriptionId, once);
    const others = Array.from({ length: 5 }, () => failureOf(client.getSubscription(subscriptionId, once)));
    for (const other of await Promise.all(others)) expect(other).toMatchObject({ reason: 'breaker-open', outcomeUnknown: false });
    expect(await probe).toMatchObject({ status: 'Subscribed' });
    expect(setup.microsoft.received).toHaveLength(11);
    expect(await client.getSubscription(subscriptionId, once)).toMatchObject({ status: 'Subscribed' });
  });

  it('of one endpoint keeps no other from being asked', async () => {
    const client = setup.client();
    const answer: Reply = (response, request) => (request.url.includes('/operations/') ? raw(503) : good)(response, request);
    setup.microsoft.replies = [answer];
    for (let call = 0; call < 10; call++) await failureOf(client.getOperation(subscriptionId, operationId, once));
    expect(client.breaker.endpoints).toEqual(['GET /saas/subscriptions/{subscriptionId}/operations/{operationId}']);
    expect(await failureOf(client.getOperation(subscriptionId, operationId, once))).toMatchObject({ reason: 'breaker-open' });
    expect(await client.getSubscription(subscriptionId, once)).toMatchObject({ status: 'Subscribed' });
  });

  it('of the way to Microsoft keeps everything from being asked', async () => {
    const gone = await FakeMicrosoft.start();
    await gone.stop();
    const client = setup.client({ apiUrl: gone.apiUrl });
    for (let call = 0; call < 10; call++) await failureOf(client.getSubscription(subscriptionId, once));
    expect(client.breaker.endpoints).toEqual(['connection']);
    expect(await failureOf(client.getOperation(subscriptionId, operationId, once))).toMatchObject({ reason: 'breaker-open' });
  });

  it.each<[what: string, status: number]>([
    ['junk tokens', 400],
    ['tokens of another publisher', 403],
    ['what it does not know', 404],
  ])('is not opened by %s, however few calls succeed beside them', async (_what, status) => {
    const client = setup.client();
    const answer: Reply = (response, request) => {
      const isOutage = setup.microsoft.received.length % 4 === 0;
      return (isOutage ? raw(503) : raw(status))(response, request);
    };
    setup.microsoft.replies = [answer];
    for (let call = 0; call < 48; call++) await failureOf(client.resolve(`junk-${call}`, once));
    expect(client.breaker.endpoints).toEqual([]);
  });

  it('is not opened by answers that the caller can do without, and lets none of them be asked for while it is open', async () => {
    const client = setup.client();
    const optional = { ...once, isOptional: true };
    for (let round = 0; round < 10; round++) {
      setup.microsoft.replies = [good, raw(500), raw(500)];
      await client.getSubscription(subscriptionId, once);
      for (const _plans of ['all', 'bought']) await failureOf(client.listAvailablePlans(subscriptionId, optional));
    }
    expect(client.breaker.isOpen).toBe(false);
    setup.microsoft.replies = [raw(503)];
    while (!client.breaker.isOpen) await failureOf(client.getSubscription(subscriptionId, once));
    const sent = setup.microsoft.received.length;
    expect(await failureOf(client.listAvailablePlans(subscriptionId, optional))).toMatchObject({ reason: 'breaker-open' });
    expect(setup.microsoft.received).toHaveLength(sent);
  });

  it('gives a caller who can do without it what it has within its time limit', async () => {
    setup.microsoft.replies = [hang];
    const failure = await failureOf(setup.client().listAvailablePlans(subscriptionId, { ...once, isOptional: true, timeoutMs: 200 }));
    expect(failure).toMatchObject({ reason: 'timeout' });
  });

  it('stays closed whatever Microsoft does not know: 404 is an answer', async () => {
    const client = setup.client();
    setup.microsoft.replies = [raw(404)];
    for (let call = 0; call < 30; call++) await failureOf(client.getOperation(subscriptionId, operationId, once));
    expect(client.breaker.isOpen).toBe(false);
  });

  it('stays closed while most calls succeed', async () => {
    const client = setup.client();
    for (let round = 0; round < 10; round++) {
      setup.microsoft.replies = [raw(503), good, good];
      await failureOf(client.getSubscription(subscriptionId, once));
      await client.getSubscription(subscriptionId, once);
      await client.getSubscription(subscriptionId, once);
    }
    expect(client.breaker.isOpen).toBe(false);
  });
});
