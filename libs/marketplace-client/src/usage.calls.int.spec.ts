import type { UsageEvent, UsageRow } from './answers/answer.types';
import { context, failureOf, microsoftAndClient, subscriptionId } from './fixtures/client.fixture';
import { cutBody, json, raw, reset, type Reply } from './fixtures/fake.microsoft';
import { MarketplaceAnswerUnreadable, MarketplaceConflict, MarketplaceRejected, MarketplaceUnavailable } from './marketplace.errors';

const setup = microsoftAndClient();
const anEvent = (differing: Partial<UsageEvent> = {}): UsageEvent => ({
  ...{ subscriptionId, dimension: 'email', planId: 'gold', quantity: '12.5', effectiveStartTime: '2024-01-12T12:00:00+01:00' },
  ...differing,
});
const none = json(200, { count: 0, result: [] });

it('writes quantities digit by digit, and times with their zone', async () => {
  setup.microsoft.replies = [none];
  await setup
    .client()
    .reportUsage([anEvent({ quantity: '000123456789.123456' }), anEvent({ quantity: '0.100000', dimension: 'a "b"' })], context);
  const { method, url, body } = setup.microsoft.received[0]!;
  expect([method, url]).toEqual(['POST', '/api/batchUsageEvent?api-version=2018-08-31']);
  expect(body).toBe(
    `{"request":[{"resourceId":"${subscriptionId}","quantity":123456789.123456,"dimension":"email","effectiveStartTime":"2024-01-12T11:00:00.000Z","planId":"gold"},` +
      `{"resourceId":"${subscriptionId}","quantity":0.100000,"dimension":"a \\"b\\"","effectiveStartTime":"2024-01-12T11:00:00.000Z","planId":"gold"}]}`,
  );
  expect(setup.records).toMatchObject([{ route: '/batchUsageEvent', purpose: 'metering', status: 200 }]);
});

it.each([
  [[]],
  [Array.from({ length: 26 }, () => anEvent())],
  [[anEvent({ quantity: '1e3' })]],
  [[anEvent({ effectiveStartTime: 'noon' })]],
])('sends nothing that can never be right', async (events) => {
  expect(await failureOf(setup.client().reportUsage(events, context))).toBeInstanceOf(MarketplaceRejected);
  expect(setup.microsoft.received).toEqual([]);
});

it('tells a refusal of the whole batch with its details', async () => {
  const details = [{ message: 'The resourceId is required.', target: 'ResourceId', code: 'BadArgument' }];
  setup.microsoft.replies = [
    json(400, { message: 'One or more errors have occurred.', target: 'usageEventRequest', code: 'BadArgument', details }),
  ];
  const refusal = await failureOf(setup.client().reportUsage([anEvent()], context));
  expect(refusal).toBeInstanceOf(MarketplaceRejected);
  expect(refusal.microsoft).toEqual({
    ...{ code: 'BadArgument', message: 'One or more errors have occurred. The resourceId is required.', target: 'usageEventRequest' },
  });
});

it('reads the answer 409 to one event as its duplicate, and to several as a refusal of all', async () => {
  const acceptedMessage = {
    usageEventId: '11111111-2222-4333-8444-555555555555',
    resourceId: subscriptionId,
    quantity: 3,
    dimension: 'email',
  };
  setup.microsoft.replies = [
    json(409, { additionalInfo: { acceptedMessage }, code: 'Conflict', message: 'This usage event already exist.' }),
  ];
  const { results } = await setup.client().reportUsage([anEvent()], context);
  expect(results).toMatchObject([
    { status: 'Duplicate', subscriptionId, stored: { quantity: '3', usageEventId: acceptedMessage.usageEventId } },
  ]);
  expect(await failureOf(setup.client().reportUsage([anEvent(), anEvent({ dimension: 'sms' })], context))).toBeInstanceOf(
    MarketplaceConflict,
  );
  setup.microsoft.replies = [json(409, 'locked')];
  expect(await failureOf(setup.client().reportUsage([anEvent()], context))).toMatchObject({ status: 409 });
});

it.each([
  [reset, MarketplaceUnavailable],
  [raw(503), MarketplaceUnavailable],
  [cutBody(200), MarketplaceUnavailable],
  [raw(200, 'a page'), MarketplaceAnswerUnreadable],
])('leaves it open whether the batch was recorded where the answer is lost', async (reply, kind) => {
  setup.microsoft.replies = [reply];
  expect(await failureOf(setup.client().reportUsage([anEvent()], { ...context, attempts: 1 }))).toBeInstanceOf(kind);
});

describe('another address for usage', () => {
  it('is asked with the same token, and is the API’s where none is given', async () => {
    setup.microsoft.replies = [none];
    await setup.client({ meteringUrl: `${setup.microsoft.origin}/elsewhere` }).reportUsage([anEvent()], context);
    expect(setup.microsoft.received).toMatchObject([
      { url: '/elsewhere/batchUsageEvent?api-version=2018-08-31', headers: { authorization: 'Bearer token-1' } },
    ]);
  });

  it('that is away keeps nothing else from being asked', async () => {
    setup.microsoft.replies = [json(200, { id: subscriptionId })];
    const client = setup.client({ meteringUrl: 'http://127.0.0.1:1' });
    for (let call = 0; call < 12; call += 1) await failureOf(client.reportUsage([anEvent()], { ...context, attempts: 1 }));
    expect(client.breaker.endpoints).toEqual(['connection for usage']);
    await client.getSubscription(subscriptionId, context);
  });
});

describe('what was recorded of a day', () => {
  const row = {
    ...{ usageDate: '2024-01-12T00:00:00Z', usageResourceId: subscriptionId, dimension: 'email', planId: 'gold', offerType: 'SaaS' },
    ...{ reconStatus: 'Accepted', submittedQuantity: 12.5, processedQuantity: 12.5, submittedCount: 2 },
  };

  /** The rows of the last attempt, and the most that were in memory at once. */
  async function listed(failing: () => void = () => undefined): Promise<{ rows: UsageRow[]; most: number }> {
    let [rows, most]: [UsageRow[], number] = [[], 0];
    await setup.client().listUsage('2024-01-12', context, () => {
      const own: UsageRow[] = [];
      rows = own;
      return async (some) => {
        failing();
        most = Math.max(most, some.length);
        own.push(...some);
        return Promise.resolve();
      };
    });
    return { rows, most };
  }

  it('is read whole, however long it is, and never in memory as a whole', async () => {
    const rows = Array.from({ length: 20_000 }, (_, place) => ({ ...row, dimension: `d${place}` }));
    setup.microsoft.replies = [json(200, [...rows, { ...row, usageDate: '2024-01-13' }])];
    const read = await listed();
    expect(read.most).toBe(1_000);
    expect([read.rows.length, read.rows.at(-1)]).toMatchObject([
      20_000,
      { dimension: 'd19999', submittedQuantity: '12.5', submittedCount: 2 },
    ]);
    expect(setup.microsoft.received[0]!.url).toBe(
      '/api/usageEvents?usageStartDate=2024-01-12&UsageEndDate=2024-01-12&api-version=2018-08-31',
    );
  });

  it.each([raw(200), raw(200, '[{'), json(200, {}), json(200, [{ ...row, submittedCount: null }])])(
    'is an error where it is not whole',
    async (reply) => {
      setup.microsoft.replies = [reply];
      expect(await failureOf(listed())).toBeInstanceOf(MarketplaceAnswerUnreadable);
    },
  );

  const cutList: Reply = (answer) => {
    answer.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' });
    answer.write(`[${JSON.stringify(row)},`, () => answer.socket?.destroy());
  };

  it('is asked for again where the answer breaks off, and has no row twice', async () => {
    setup.microsoft.replies = [cutList, json(200, [row])];
    expect((await listed()).rows).toHaveLength(1);
  });

  it('ends with the error of whoever takes its rows, which is no failure of Microsoft’s and not tried again', async () => {
    setup.microsoft.replies = [json(200, [row]), json(200, [row])];
    const full = new Error('the disk is full');
    const failing = () => {
      throw full;
    };
    expect(await failureOf(listed(failing))).toBe(full);
    expect(setup.microsoft.received).toHaveLength(1);
  });
});
