import { MarketplaceUnavailable } from '../marketplace.errors';
import { aSubscription, context, failureOf, microsoftAndClient, operationId, subscriptionId } from '../fixtures/client.fixture';
import { FakeMicrosoft, after, cutBody, drip, hang, json, raw, reset, type Reply } from '../fixtures/fake.microsoft';

const setup = microsoftAndClient();
const good = json(200, aSubscription);
const once = { ...context, attempts: 1 };

describe('reading', () => {
  it.each<[fault: string, reply: Reply]>([
    ['a 500', raw(500)],
    ['a 503 with a page of a proxy', raw(503, '<html>')],
    ['a 408', raw(408)],
    ['a cut connection', reset],
    ['a cut body', cutBody(200)],
    ['a cut body of an error', cutBody(502)],
  ])('tries again after %s', async (_fault, reply) => {
    setup.microsoft.replies = [reply, reply, good];
    expect(await setup.client().getSubscription(subscriptionId, context)).toMatchObject({ status: 'Subscribed' });
    expect(setup.microsoft.received).toHaveLength(3);
  });

  it('gives up after three attempts and says why', async () => {
    setup.microsoft.replies = [json(500, { error: { code: 'UnexpectedError', message: 'm' } })];
    const failure = await failureOf(setup.client().getSubscription(subscriptionId, context));
    expect(failure).toMatchObject({
      code: 'MARKETPLACE_UNAVAILABLE',
      retriable: true,
      reason: 'server-error',
      status: 500,
      microsoft: { code: 'UnexpectedError' },
    });
    expect(setup.microsoft.received).toHaveLength(3);
  });

  it('tries once where the caller has its own way of trying again', async () => {
    setup.microsoft.replies = [raw(500)];
    await failureOf(setup.client().getSubscription(subscriptionId, once));
    expect(setup.microsoft.received).toHaveLength(1);
  });

  it.each<[fault: string, reply: Reply]>([
    ['no answer at all', hang],
    ['an answer that drips', drip],
  ])('ends within its time limit on %s', async (_fault, reply) => {
    setup.microsoft.replies = [reply];
    const startedAt = performance.now();
    const failure = await failureOf(setup.client().getSubscription(subscriptionId, { ...once, timeoutMs: 200 }));
    expect(performance.now() - startedAt).toBeLessThan(4_000); // and not ten seconds, as without a limit of its own
    expect(failure).toMatchObject({ code: 'MARKETPLACE_UNAVAILABLE', reason: 'timeout', outcomeUnknown: true });
    expect(failure.call?.requestId).toBe(setup.microsoft.received[0]?.headers['x-ms-requestid']);
    expect(setup.records).toMatchObject([{ error: 'MARKETPLACE_UNAVAILABLE/timeout' }]);
  });

  it('says that nothing was sent where nobody listens', async () => {
    const gone = await FakeMicrosoft.start();
    await gone.stop();
    const failure = await failureOf(setup.client({ apiUrl: gone.apiUrl }).getSubscription(subscriptionId, once));
    expect(failure).toMatchObject({ reason: 'network', outcomeUnknown: false });
  });

  it.each<[what: string, reply: Reply, field: string]>([
    ['a body that is no JSON', raw(200, '<html>'), '(body)'],
    ['a body without end', raw(200, ' '.repeat(5 * 1024 * 1024)), '(body)'],
    ['a redirect', raw(302, '', { location: 'https://evil.example/' }), '(status)'],
  ])('refuses %s and follows nothing', async (_what, reply, field) => {
    setup.microsoft.replies = [reply];
    expect(await failureOf(setup.client().getSubscription(subscriptionId, context))).toMatchObject({
      code: 'MARKETPLACE_ANSWER_UNREADABLE',
      field,
    });
    expect(setup.microsoft.received).toHaveLength(1);
  });

  it.each([
    [400, 'MARKETPLACE_REJECTED'],
    [404, 'MARKETPLACE_NOT_FOUND'],
    [409, 'MARKETPLACE_CONFLICT'],
    [415, 'MARKETPLACE_REJECTED'],
  ])('takes %i for an answer and does not ask again', async (status, code) => {
    setup.microsoft.replies = [json(status, { code: 'SomeCode', message: 'for ada@fabrikam.example' })];
    const failure = await failureOf(setup.client().getSubscription(subscriptionId, context));
    expect(failure).toMatchObject({ code, status, retriable: false, microsoft: { code: 'SomeCode', message: 'for …' } });
    expect(setup.microsoft.received).toHaveLength(1);
  });
});

it('lets go of a body that nobody reads, even one that drips, so that its connection is free again', async () => {
  setup.microsoft.replies = [drip, good];
  const client = setup.client({ maxConcurrent: 1 });
  await client.activate(subscriptionId, { planId: 'base', quantity: null }, once);
  expect(await client.getSubscription(subscriptionId, once)).toMatchObject({ status: 'Subscribed' });
});

describe('429', () => {
  it('waits as long as Microsoft says, for a change as well, since nothing was done', async () => {
    setup.microsoft.replies = [raw(429, '', { 'retry-after': '1' }), raw(202)];
    await setup.client().changePlan(subscriptionId, 'gold', context);
    const [first, second] = setup.microsoft.received;
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(990);
  });

  it('keeps back the calls that can wait as long as that one, tells them for how long, and lets those before them go', async () => {
    const client = setup.client();
    setup.microsoft.replies = [raw(429, '', { 'retry-after': new Date(Date.now() + 40_000).toUTCString() }), good];
    await failureOf(client.getSubscription(subscriptionId, once));
    const sent = setup.microsoft.received.length;
    const kept = await failureOf(client.getOperation(subscriptionId, operationId, once));
    expect(kept).toMatchObject({ code: 'MARKETPLACE_UNAVAILABLE', reason: 'paused', outcomeUnknown: false, isOutage: false });
    expect(kept.retryAfterMs).toBeGreaterThan(20_000);
    expect(setup.microsoft.received).toHaveLength(sent);
    await client.getSubscription(subscriptionId, { ...once, purpose: 'verification' });
    await client.patchOperation(subscriptionId, operationId, 'Success', once);
    expect(setup.microsoft.received).toHaveLength(sent + 2);
    expect(client.budgets.general.perSecond).toBeGreaterThanOrEqual(5);
  });

  it('of Entra’s keeps no call to the marketplace back once there is a token', async () => {
    setup.microsoft.tokenReplies = [raw(429, '', { 'retry-after': '0' })];
    const client = setup.client();
    await failureOf(client.getSubscription(subscriptionId, once));
    expect(client.budgets.general.perSecond).toBeNull();
  });

  it('hands a long wait to the caller instead of waiting', async () => {
    setup.microsoft.replies = [raw(429, '', { 'retry-after': '120' })];
    const failure = await failureOf(setup.client().getSubscription(subscriptionId, context));
    expect(failure).toMatchObject({ code: 'MARKETPLACE_THROTTLED', retriable: true, retryAfterMs: 120_000 });
    expect(setup.microsoft.received).toHaveLength(1);
  });

  it('never opens the breaker', async () => {
    setup.microsoft.replies = [raw(429)];
    const client = setup.client();
    for (let call = 0; call < 12; call++) await failureOf(client.getSubscription(subscriptionId, once));
    expect(client.breaker).toEqual({ isOpen: false, state: 'closed', opensAgainInMs: 0, endpoints: [] });
  });
});

describe('a change or a cancellation', () => {
  it.each<[fault: string, reply: Reply]>([
    ['a 500', raw(500)],
    ['a cut connection', reset],
    ['no answer in time', hang],
  ])('is never sent twice after %s: it may have been done', async (_fault, reply) => {
    setup.microsoft.replies = [reply];
    const client = setup.client({ timeoutMs: 300 });
    for (const call of [client.changePlan(subscriptionId, 'gold', context), client.cancel(subscriptionId, context)]) {
      expect(await failureOf(call)).toMatchObject({ code: 'MARKETPLACE_UNAVAILABLE', outcomeUnknown: true });
    }
    expect(setup.microsoft.received).toHaveLength(2);
  });
});

describe('the acknowledgement of an operation', () => {
  it('does not repeat a 500, which an ended operation gives as well, and does not hold it against Microsoft', async () => {
    setup.microsoft.replies = [raw(500)];
    const client = setup.client();
    for (let call = 0; call < 30; call++) {
      expect(await failureOf(client.patchOperation(subscriptionId, operationId, 'Success', context))).toMatchObject({
        status: 500,
        isOutage: false,
      });
    }
    expect(setup.microsoft.received).toHaveLength(30);
    expect(client.breaker.isOpen).toBe(false);
  });

  it('is repeated after other outages', async () => {
    setup.microsoft.replies = [raw(503), reset, raw(200)];
    await setup.client().patchOperation(subscriptionId, operationId, 'Failure', context);
    expect(setup.microsoft.received).toHaveLength(3);
  });
});

describe('slots', () => {
  it('keep the number of calls in flight', async () => {
    let inFlight = 0;
    let most = 0;
    setup.microsoft.replies = [
      (answer, request) => {
        most = Math.max(most, ++inFlight);
        after(20, (later, same) => (inFlight--, good(later, same)))(answer, request);
      },
    ];
    const client = setup.client({ maxConcurrent: 3 });
    await Promise.all(Array.from({ length: 20 }, () => client.getSubscription(subscriptionId, once)));
    expect(most).toBe(3);
  });

  it('count waiting for one into the time limit, and hold it neither against Microsoft nor as sent', async () => {
    setup.microsoft.replies = [hang];
    const client = setup.client({ maxConcurrent: 1 });
    let isFirstOver = false;
    const first = failureOf(client.getSubscription(subscriptionId, { ...once, timeoutMs: 1_000 })).finally(() => (isFirstOver = true));
    const waiting = await failureOf(client.getSubscription(subscriptionId, { ...once, timeoutMs: 150 }));
    expect(isFirstOver).toBe(false);
    expect(waiting).toBeInstanceOf(MarketplaceUnavailable);
    expect(waiting).toMatchObject({ reason: 'timeout', outcomeUnknown: false, isOutage: false, call: { requestId: null } });
    await first;
    expect(setup.microsoft.received).toHaveLength(1);
  });

  it('of purchases are their own: however many tokens come and are not answered, other calls go at once', async () => {
    const client = setup.client({ maxConcurrent: 8 });
    setup.microsoft.replies = [(answer, request) => (request.url.includes('resolve') ? hang : good)(answer, request)];
    const junk = Array.from({ length: 50 }, (_, at) => failureOf(client.resolve(`junk-${at}`, once)));
    await Promise.all(Array.from({ length: 8 }, () => client.getSubscription(subscriptionId, once)));
    expect(client.budgets.purchases.waitingMs.purchase).toBeGreaterThan(0);
    expect(client.budgets.general.waitingMs.reading).toBe(0);
    expect(setup.microsoft.received.filter(({ url }) => url.includes('resolve'))).toHaveLength(2);
    await setup.microsoft.stop();
    await Promise.all(junk);
    setup.microsoft = await FakeMicrosoft.start(); // to be stopped after the test
  });

  it('refuse what would wait behind two thousand others', async () => {
    setup.microsoft.replies = [hang];
    const client = setup.client({ maxConcurrent: 1 });
    const failures = await Promise.all(
      Array.from({ length: 2_002 }, () => failureOf(client.getSubscription(subscriptionId, { ...once, timeoutMs: 500 }))),
    );
    expect(failures.filter((failure) => (failure as MarketplaceUnavailable).reason === 'busy')).toHaveLength(1);
  });
});
