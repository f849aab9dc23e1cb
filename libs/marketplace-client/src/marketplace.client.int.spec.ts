import type { Dated, SubscriptionPage } from './answers/answer.types';
import { aSubscription, anOperation, context, failureOf, microsoftAndClient, operationId, subscriptionId } from './fixtures/client.fixture';
import { cutBody, json, raw, type Reply } from './fixtures/fake.microsoft';
import type { RefusedLink } from './marketplace.options';

const setup = microsoftAndClient();
const purchaseToken = 'ab+cd/ef==';

it('sends token, ids, version and content type with every call', async () => {
  const client = setup.client();
  setup.microsoft.replies = [
    json(200, { id: subscriptionId, subscription: aSubscription }),
    json(200, aSubscription),
    json(200, {}),
    json(200, {}),
    json(200, {}),
    json(200, anOperation),
    raw(200),
    raw(200),
    raw(202),
  ];
  await client.resolve(purchaseToken, context);
  await client.getSubscription(subscriptionId, context);
  await pagesOf(client.listSubscriptions(context));
  await client.listAvailablePlans(subscriptionId, context, { planId: 'silver' });
  await client.listOperations(subscriptionId, context);
  await client.getOperation(subscriptionId, operationId, context);
  await client.patchOperation(subscriptionId, operationId, 'Success', context);
  await client.activate(subscriptionId, { planId: 'silver', quantity: 20 }, context);
  await client.changePlan(subscriptionId, 'gold', context);
  await client.changeQuantity(subscriptionId, 21, context);
  await client.cancel(subscriptionId, context);

  const at = `/api/saas/subscriptions/${subscriptionId}`;
  const version = 'api-version=2018-08-31';
  expect(setup.microsoft.received.map(({ method, url, body }) => [method, url, body])).toEqual([
    ['POST', `/api/saas/subscriptions/resolve?${version}`, ''],
    ['GET', `${at}?${version}`, ''],
    ['GET', `/api/saas/subscriptions?${version}`, ''],
    ['GET', `${at}/listAvailablePlans?planId=silver&${version}`, ''],
    ['GET', `${at}/operations?${version}`, ''],
    ['GET', `${at}/operations/${operationId}?${version}`, ''],
    ['PATCH', `${at}/operations/${operationId}?${version}`, '{"status":"Success"}'],
    ['POST', `${at}/activate?${version}`, '{"planId":"silver","quantity":20}'],
    ['PATCH', `${at}?${version}`, '{"planId":"gold"}'],
    ['PATCH', `${at}?${version}`, '{"quantity":21}'],
    ['DELETE', `${at}?${version}`, ''],
  ]);
  for (const { headers } of setup.microsoft.received) {
    expect(headers).toMatchObject({
      authorization: 'Bearer token-1',
      'content-type': 'application/json',
      'x-ms-correlationid': context.correlationId,
    });
    expect(headers['x-ms-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  }
  const ids = setup.microsoft.received.map(({ headers }) => headers['x-ms-requestid']);
  expect(new Set(ids).size).toBe(ids.length);
  expect(setup.microsoft.tokens).toHaveLength(1);
});

it('records every attempt with its ids, and nothing else', async () => {
  setup.microsoft.replies = [raw(503), json(200, anOperation, { 'x-ms-activityid': 'theirs' })];
  await setup.client().getOperation(subscriptionId, operationId, context);
  const ids = setup.microsoft.received.map(({ headers }) => headers['x-ms-requestid']);
  const measured = { durationMs: expect.any(Number), date: expect.any(String) };
  const same = {
    method: 'GET',
    route: '/saas/subscriptions/{subscriptionId}/operations/{operationId}',
    subscriptionId,
    operationId,
    ...context,
    purpose: 'reading',
  };
  expect(setup.records).toEqual([
    { ...same, ...measured, requestId: ids[0], status: 503, error: 'MARKETPLACE_UNAVAILABLE/server-error' },
    { ...same, ...measured, requestId: ids[1], microsoftRequestId: 'theirs', status: 200 },
  ]);
  expect(ids[0]).not.toBe(ids[1]);
});

describe('the date of an answer', () => {
  const headers = { Date: 'Sun, 01 Mar 2026 12:00:07 GMT' };
  const microsofts = '2026-03-01T12:00:07.000Z';
  const ours = '2026-03-01T11:00:00.000Z';

  it.each<[route: string, body: unknown, ask: (client: ReturnType<typeof setup.client>) => Promise<{ date: string }>]>([
    ['Resolve', { id: subscriptionId, subscription: aSubscription }, (client) => client.resolve(purchaseToken, context)],
    ['Get Subscription', aSubscription, (client) => client.getSubscription(subscriptionId, context)],
    ['the list', {}, async (client) => (await pagesOf(client.listSubscriptions(context)))[0]!],
    ['the list of operations', {}, (client) => client.listOperations(subscriptionId, context)],
    ['Get Operation', anOperation, (client) => client.getOperation(subscriptionId, operationId, context)],
  ])('of %s is Microsoft’s clock, and ours before the call where Microsoft sends none', async (_route, body, ask) => {
    const client = setup.client({ now: () => Date.parse(ours) });
    setup.microsoft.replies = [json(200, body, headers), undated(200, body), json(200, body, { Date: 'soon' })];
    expect([await ask(client), await ask(client), await ask(client)]).toMatchObject([{ date: microsofts }, { date: ours }, { date: ours }]);
    expect(setup.records.map(({ date }) => date)).toEqual([microsofts, undefined, undefined]);
  });

  it('comes with a refusal as well', async () => {
    setup.microsoft.replies = [json(404, {}, headers)];
    expect(await failureOf(setup.client().getOperation(subscriptionId, operationId, context))).toMatchObject({ date: microsofts });
  });
});

it('lets no failing ledger change the outcome of a call', async () => {
  const warning = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const client = setup.client({
    onCall: () => {
      throw new Error('the ledger is full');
    },
  });
  await client.activate(subscriptionId, { planId: 'silver', quantity: null }, context);
  expect(warning).toHaveBeenCalledWith(expect.stringContaining('the ledger is full'));
  warning.mockRestore();
});

describe('resolve', () => {
  it('hands on the purchase token as it is, and repairs a plus sign that became a blank (pitfall 1)', async () => {
    setup.microsoft.replies = [json(200, { id: subscriptionId, subscription: aSubscription })];
    expect(await setup.client().resolve(purchaseToken, context)).toMatchObject({ subscriptionId, planId: 'silver' });
    await setup.client().resolve('ab cd/ef==', context);
    expect(setup.microsoft.received.map(({ headers }) => headers['x-ms-marketplace-token'])).toEqual([purchaseToken, purchaseToken]);
  });

  it('shows the purchase token nowhere, not even when Microsoft sends it back', async () => {
    setup.microsoft.replies = [
      json(400, { code: 'InvalidValue', message: `cannot decrypt ${purchaseToken} with token-1`, target: 'x-ms-marketplace-token' }),
    ];
    const failure = await failureOf(setup.client().resolve(purchaseToken, context));
    expect(failure).toMatchObject({
      code: 'MARKETPLACE_REJECTED',
      retriable: false,
      status: 400,
      microsoft: { code: 'InvalidValue', message: 'cannot decrypt … with …' },
    });
    const everything = JSON.stringify([failure, failure.message, failure.stack, setup.records]);
    expect(everything).not.toContain(purchaseToken);
    expect(everything).not.toContain('token-1');
  });

  it.each(['', 'with\r\nx-injected: header', 'ümlaut', 'x'.repeat(10_000)])('refuses %j without sending it', async (bad) => {
    expect(await failureOf(setup.client().resolve(bad, context))).toMatchObject({ code: 'MARKETPLACE_REJECTED', status: null });
    expect(setup.microsoft.received).toEqual([]);
  });
});

it('leaves the quantity out of Activate for a flat rate, and takes any 2xx for received, even one that breaks off', async () => {
  setup.microsoft.replies = [raw(202), cutBody(200)];
  const client = setup.client();
  await client.activate(subscriptionId, { planId: 'base', quantity: null }, context);
  await client.activate(subscriptionId, { planId: 'base', quantity: null }, context);
  expect(setup.microsoft.received.map(({ body }) => body)).toEqual(['{"planId":"base"}', '{"planId":"base"}']);
});

it.each([
  ['Operation-Id', { 'Operation-Id': operationId.toUpperCase(), 'Retry-After': '10' }, { operationId, retryAfterMs: 10_000 }],
  [
    'Operation-Location',
    { 'Operation-Location': `https://x.example/api/saas/subscriptions/${subscriptionId}/operations/${operationId}?api-version=2018-08-31` },
    { operationId, retryAfterMs: null },
  ],
  ['nothing', {}, { operationId: null, retryAfterMs: null }],
])('reads the operation of an accepted change from %s', async (_where, headers, accepted) => {
  setup.microsoft.replies = [raw(202, '', headers)];
  expect(await setup.client().changePlan(subscriptionId, 'gold', context)).toEqual(accepted);
  expect(await setup.client().cancel(subscriptionId, context)).toEqual(accepted);
});

describe('the list', () => {
  const query = '?continuationToken=%5b%7b%22token%22%3anull%2c%22range%22%3a%7b%22min%22%3a%2205C1%22%7d%7d%5d&api-version=2018-08-31';

  it('follows links byte for byte, over an empty page, until there is none (pitfall 25)', async () => {
    const link = `${setup.microsoft.origin.replace('127.0.0.1', 'localhost')}/api/saas/subscriptions/${query}`;
    setup.microsoft.replies = [
      json(200, { subscriptions: [aSubscription], '@nextLink': link }),
      json(200, { subscriptions: [], '@nextLink': link }),
      json(200, { subscriptions: [aSubscription], '@nextLink': '' }),
    ];
    const pages = await pagesOf(setup.client({ linkHosts: [new URL(link).host] }).listSubscriptions(context));
    expect(pages.map(({ subscriptions }) => subscriptions.length)).toEqual([1, 0, 1]);
    expect(setup.microsoft.received.map(({ url }) => url)).toEqual([
      '/api/saas/subscriptions?api-version=2018-08-31',
      `/api/saas/subscriptions/${query}`,
      `/api/saas/subscriptions/${query}`,
    ]);
  });

  describe('with a link that our token must not follow', () => {
    const token = '%5b%7b%22token%22%3anull%7d%5d';
    const at = `api/saas/subscriptions/?continuationToken=${token}&api-version=2018-08-31`;
    const refused: RefusedLink[] = [];
    const theFirst = (link: string) => [
      json(200, { subscriptions: [aSubscription], '@nextLink': link.replace('{port}', new URL(setup.microsoft.origin).port) }),
      json(200, { subscriptions: [aSubscription] }),
    ];
    const list = () =>
      setup.client({ linkHosts: ['marketplaceapi.microsoft.com'], onRefusedLink: (link) => refused.push(link) }).listSubscriptions(context);
    beforeEach(() => (refused.length = 0));

    it.each([
      ['a foreign host', `https://evil.example/${at}`, 'evil.example'],
      ['https on this machine, not listed', `https://127.0.0.1:{port}/${at}`, expect.stringMatching(/^127\.0\.0\.1:/)],
      ['another name of this machine, not listed', `http://localhost:{port}/${at}`, expect.stringMatching(/^localhost:/)],
      ['plain http elsewhere', `http://marketplaceapi.microsoft.com/${at}`, 'marketplaceapi.microsoft.com'],
      ['a user name', `https://marketplaceapi.microsoft.com@evil.example/${at}`, 'evil.example'],
      ['no host at all', `/${at}`, null],
    ])('(%s) asks for that page at the API’s own address, and tells of it', async (_what, link, host) => {
      setup.microsoft.replies = theFirst(link);
      expect(await pagesOf(list())).toHaveLength(2);
      expect(setup.microsoft.received[1]!.url).toBe(`/api/saas/subscriptions?continuationToken=${token}&api-version=2018-08-31`);
      expect(refused).toEqual([{ kind: '@nextLink', host }]);
    });

    it.each(['https://evil.example/api/saas/subscriptions/', 'https://evil.example/?continuationToken=', 'no link?continuationToken=a b'])(
      'and that names no page (%j) sends nothing, and keeps what it has read',
      async (link) => {
        setup.microsoft.replies = theFirst(link);
        const pages = list();
        expect((await pages.next()).value).toMatchObject({ subscriptions: [{ id: subscriptionId }] });
        expect(await failureOf(pages.next())).toMatchObject({ code: 'MARKETPLACE_ANSWER_UNREADABLE', field: '@nextLink' });
        expect(setup.microsoft.received).toHaveLength(1);
        expect(refused).toHaveLength(1);
      },
    );
  });
});

it.each([
  ['the API itself', '{origin}/api', []],
  ['a listed host', 'https://links.example/api', []],
  ['a foreign host', 'https://evil.example/api', [{ kind: 'Operation-Location', host: 'evil.example' }]],
])('takes the operation’s id from a location at %s, sends nothing there, and tells of a host that is not listed', async (_w, at, told) => {
  const refused: RefusedLink[] = [];
  const location = `${at.replace('{origin}', setup.microsoft.origin)}/saas/subscriptions/${subscriptionId}/operations/${operationId}`;
  setup.microsoft.replies = [raw(202, '', { 'Operation-Location': location })];
  const client = setup.client({ linkHosts: ['links.example'], onRefusedLink: (link) => refused.push(link) });
  expect(await client.cancel(subscriptionId, context)).toMatchObject({ operationId });
  expect(setup.microsoft.received).toHaveLength(1);
  expect(refused).toEqual(told);
});

it('refuses an answer about another subscription than the one that was asked for', async () => {
  setup.microsoft.replies = [json(200, { ...aSubscription, id: operationId })];
  expect(await failureOf(setup.client().getSubscription(subscriptionId, context))).toMatchObject({
    code: 'MARKETPLACE_ANSWER_UNREADABLE',
    field: 'id',
  });
});

it('puts nothing but a GUID into a path', async () => {
  expect(await failureOf(setup.client().getSubscription('../../control/reset', context))).toMatchObject({
    code: 'MARKETPLACE_REJECTED',
    status: null,
  });
  expect(setup.microsoft.received).toEqual([]);
});

it.each([
  ['apiUrl', { apiUrl: 'http://marketplaceapi.microsoft.com/api' }],
  ['authorityUrl', { authorityUrl: 'http://login.microsoftonline.com' }],
])('refuses plain http to elsewhere as %s at once', (setting, options) => {
  expect(() => setup.client(options)).toThrow(new RegExp(`${setting} must be https`));
});

it('refuses calls after close', async () => {
  const client = setup.client();
  await Promise.all([client.close(), client.close()]);
  expect(await failureOf(client.getSubscription(subscriptionId, { ...context, attempts: 1 }))).toMatchObject({
    code: 'MARKETPLACE_UNAVAILABLE',
  });
});

const undated =
  (status: number, body: unknown): Reply =>
  (answer, request) => {
    answer.sendDate = false;
    json(status, body)(answer, request);
  };

async function pagesOf(list: AsyncIterable<Dated<SubscriptionPage>>): Promise<Dated<SubscriptionPage>[]> {
  const pages: Dated<SubscriptionPage>[] = [];
  for await (const page of list) pages.push(page);
  return pages;
}
