import { randomUUID } from 'node:crypto';
import { Publisher, type ApiAnswer } from '../../testing/publisher';

const hourMs = 3_600_000;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const sevenDigits = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{7}Z$/;

let publisher: Publisher;
let id: string;
/** One instant for a whole spec, so that no hour ends in the middle of it. */
let nowMs: number;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
  id = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
  nowMs = Date.now();
});

afterAll(() => publisher.stop());

const hoursAgo = (hours: number) => new Date(nowMs - hours * hourMs).toISOString();
const event = (members: object = {}) => ({
  resourceId: id,
  quantity: 5,
  dimension: 'emails',
  effectiveStartTime: hoursAgo(0),
  planId: 'base',
  ...members,
});
const report = (members: object = {}) => publisher.api('POST', '/usageEvent', event(members));
const batch = (...events: unknown[]) => publisher.api('POST', '/batchUsageEvent', { request: events });
const suspended = async () => {
  const other = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
  await publisher.control('POST', `/subscriptions/${other}/suspend`);
  return other;
};
const badRequest = (...details: object[]) => ({
  status: 400,
  body: { message: 'One or more errors have occurred.', target: 'usageEventRequest', code: 'BadArgument', details },
});
const forbidden = { status: 403, body: { message: 'Client is not authorized for this usage resource.', code: 'Forbidden' } };

describe('POST /usageEvent', () => {
  it('answers 200 with all members that Microsoft shows of an accepted event', async () => {
    const sent = event({ quantity: 0.30000000000000004 });
    const { status, body } = await publisher.api('POST', '/usageEvent', sent);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...sent,
      usageEventId: expect.stringMatching(guid),
      status: 'Accepted',
      messageTime: expect.stringMatching(sevenDigits),
      resourceUri: expect.stringMatching(
        new RegExp(`^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.SaaS/resources/[^/]*${id}$`),
      ),
    });
  });

  it('answers 409 with the first event, whatever is in the second', async () => {
    const { body: first } = await report({ quantity: 1.5 });
    expect(await report({ quantity: 7 })).toMatchObject({
      status: 409,
      body: {
        additionalInfo: { acceptedMessage: { ...first, status: 'Duplicate' } },
        message: 'This usage event already exist.',
        code: 'Conflict',
      },
    });
  });

  it('answers 400 with a detail for every member that is missing', async () => {
    const missing = (member: string, target: string) => ({ message: `The ${member} is required.`, target, code: 'BadArgument' });
    expect(await report({ resourceId: undefined })).toMatchObject(badRequest(missing('resourceId', 'ResourceId')));
    expect(await publisher.api('POST', '/usageEvent', { dimension: 'emails' })).toMatchObject(
      badRequest(
        missing('resourceId', 'ResourceId'),
        missing('quantity', 'Quantity'),
        missing('effectiveStartTime', 'EffectiveStartTime'),
        missing('planId', 'PlanId'),
      ),
    );
  });

  it.each([
    ['an hour that is too old', () => ({ effectiveStartTime: hoursAgo(24.1) }), 'effectiveStartTime'],
    ['an hour in the future', () => ({ effectiveStartTime: hoursAgo(-1) }), 'effectiveStartTime'],
    ['a dimension that the plan does not have', () => ({ dimension: 'letters' }), 'dimension'],
    ['a quantity of 0', () => ({ quantity: 0 }), 'quantity'],
    ['another plan', () => ({ planId: 'plus' }), 'planId'],
  ])('answers 400 for %s, and names the member', async (_what, wrong, target) => {
    expect(await report(wrong())).toMatchObject(badRequest({ target, code: 'BadArgument' }));
  });

  it('answers 400 for a subscription that is not Subscribed, or 403 by the setting', async () => {
    const other = await suspended();
    expect(await report({ resourceId: other })).toMatchObject(badRequest({ target: 'resourceId' }));
    await publisher.control('PATCH', '/settings', { inactiveUsageStatus: 403 });
    expect(await report({ resourceId: other })).toMatchObject(forbidden);
  });

  it('answers 403 for a resource that is not the caller’s: an unknown one too, or 400 or 404 by the setting', async () => {
    const resourceId = randomUUID();
    expect(await report({ resourceId })).toMatchObject(forbidden);
    expect(await report({ resourceId: `/subscriptions/${resourceId}` })).toMatchObject(forbidden);
    await publisher.control('PATCH', '/settings', { unknownUsageResource: 400 });
    expect(await report({ resourceId })).toMatchObject(badRequest({ target: 'resourceId' }));
    await publisher.control('PATCH', '/settings', { unknownUsageResource: 404 });
    expect(await report({ resourceId })).toMatchObject({ status: 404, body: { code: 'NotFound' } });
    await publisher.control('PATCH', '/settings', { unknownUsageResource: 403, authFailureStyle: '401-object' });
    expect(await report({ resourceId })).toMatchObject({ ...forbidden, status: 401 });
  });

  it('answers 500 for an error on purpose', async () => {
    await publisher.control('PATCH', '/settings', { usageErrorShare: 1 });
    expect(await report()).toMatchObject({ status: 500, body: { error: { code: 'InternalServerError' } } });
  });

  it('still takes usage of before a cancellation', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5)); // or the cancellation may fall into the very millisecond of the usage
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    expect((await report()).status).toBe(200);
    expect(await report({ effectiveStartTime: new Date().toISOString() })).toMatchObject(badRequest({ target: 'resourceId' }));
  });

  it.each([
    ['null', 'null'],
    ['an array', JSON.stringify([{ quantity: 1 }])],
    ['a text', '"usage"'],
    ['a number', '5'],
    ['nothing', ''],
    ['a deep one', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ])('asks for everything where the body is %s', async (_what, body) => {
    const answer = await publisher.api('POST', '/usageEvent', body);
    expect([answer.status, answer.body.details.length]).toEqual([400, 5]);
  });

  it.each([
    ['NaN', '{"quantity":NaN}'],
    ['an unfinished object', '{"quantity":1'],
    ['no JSON at all', 'quantity=1'],
  ])('answers 400 for %s', async (_what, body) => {
    expect(await publisher.api('POST', '/usageEvent', body)).toMatchObject({ status: 400, body: { code: 'BadArgument' } });
  });

  it('refuses a number that no double can hold, and a body of 5 MB', async () => {
    const tooLarge = JSON.stringify(event()).replace('"quantity":5', '"quantity":1e400');
    expect(await publisher.api('POST', '/usageEvent', tooLarge)).toMatchObject(badRequest({ target: 'Quantity' }));
    expect((await report({ comment: 'x'.repeat(5_000_000) })).status).toBe(413);
  });
});

describe('POST /batchUsageEvent', () => {
  it('answers each of its events by its own status, though not one may be accepted', async () => {
    await report({ effectiveStartTime: hoursAgo(1), quantity: 2 });
    const resourceId = await suspended();
    const sent: [string, unknown][] = [
      ['Accepted', event()],
      ['Duplicate', event({ quantity: 6 })],
      ['Duplicate', event({ effectiveStartTime: hoursAgo(1) })],
      ['Expired', event({ effectiveStartTime: hoursAgo(25) })],
      ['BadArgument', event({ effectiveStartTime: hoursAgo(-2) })],
      ['BadArgument', { quantity: 'many' }],
      ['BadArgument', null],
      ['BadArgument', [event()]],
      ['ResourceNotFound', event({ resourceId: randomUUID() })],
      ['ResourceNotAuthorized', event({ resourceId: undefined, resourceUri: '/subscriptions/x' })],
      ['ResourceNotActive', event({ resourceId })],
      ['InvalidDimension', event({ dimension: 'letters' })],
      ['InvalidQuantity', event({ quantity: -1 })],
    ];
    const { status, body } = await batch(...sent.map(([, reported]) => reported));
    expect([status, body.count]).toEqual([200, sent.length]);
    expect(body.result.map((result: { status: string }) => result.status)).toEqual(sent.map(([expected]) => expected));
    sent.forEach(([expected, reported], index) => {
      const result = body.result[index];
      if (expected !== 'BadArgument') expect(result).toMatchObject(JSON.parse(JSON.stringify(reported)));
      if (expected === 'Accepted')
        return expect(result).toMatchObject({ usageEventId: expect.stringMatching(guid), resourceUri: expect.any(String) });
      expect(result).not.toHaveProperty('usageEventId');
      expect(result).toMatchObject({
        messageTime: expect.stringMatching(sevenDigits),
        error: { code: expect.any(String), message: expect.any(String) },
      });
    });
  });

  it('keeps the first of two for the same hour and answers the second with it', async () => {
    const { body } = await batch(event({ quantity: 1 }), event({ quantity: 2 }));
    const [first, second] = body.result;
    expect(second).toMatchObject({
      status: 'Duplicate',
      quantity: 2,
      error: {
        additionalInfo: { acceptedMessage: { ...first, status: 'Duplicate' } },
        message: 'This usage event already exist.',
        code: 'Conflict',
      },
    });
  });

  it('takes 25 events, of several subscriptions and hours', async () => {
    const { body } = await batch(
      ...Array.from({ length: 25 }, (_, index) =>
        event({ effectiveStartTime: hoursAgo(index % 20), dimension: index < 20 ? 'emails' : 'texts' }),
      ),
    );
    expect(body.count).toBe(25);
    expect(body.result.every((result: { status: string }) => result.status === 'Accepted')).toBe(true);
  });

  it('answers 400 for 26 events, for none, and without the wrapper, and takes nothing of it', async () => {
    const refusals = [
      await batch(...Array.from({ length: 26 }, () => event())),
      await batch(),
      await publisher.api('POST', '/batchUsageEvent', [event()]),
      await publisher.api('POST', '/batchUsageEvent', event()),
      await publisher.api('POST', '/batchUsageEvent', { request: event() }),
      await publisher.api('POST', '/batchUsageEvent', { request: null }),
      await publisher.api('POST', '/batchUsageEvent', 'null'),
    ];
    for (const refusal of refusals) expect(refusal).toMatchObject(badRequest({ target: 'Request', code: 'BadArgument' }));
    expect((await report()).status).toBe(200);
  });

  it('writes the zero time of the documents by the setting, except for a duplicate', async () => {
    await publisher.control('PATCH', '/settings', { failedUsageMessageTime: 'zero' });
    const { body } = await batch(event(), event(), event({ quantity: 0 }));
    const [accepted, duplicate, invalid] = body.result.map((result: { messageTime: string }) => result.messageTime);
    expect(accepted).toMatch(sevenDigits);
    expect(duplicate).toMatch(sevenDigits);
    expect(invalid).toBe('0001-01-01T00:00:00');
  });

  it('mixes its results by the setting, the same way for the same seed', async () => {
    const hours = Array.from({ length: 20 }, (_, hour) => hoursAgo(hour + 0.01));
    const orderWith = async (meteringSeed: number) => {
      await publisher.control('POST', '/reset');
      await publisher.control('PATCH', '/settings', { batchResultOrder: 'shuffled', meteringSeed });
      id = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
      const { body } = await batch(...hours.map((effectiveStartTime) => event({ effectiveStartTime })));
      return body.result.map((result: { effectiveStartTime: string }) => hours.indexOf(result.effectiveStartTime));
    };
    const order = await orderWith(3);
    expect([...order].sort((one, other) => one - other)).toEqual(hours.map((_, index) => index));
    expect(order).not.toEqual(hours.map((_, index) => index));
    expect(await orderWith(3)).toEqual(order);
    expect(await orderWith(4)).not.toEqual(order);
  });

  it('ends in Error for each event that is to fail on purpose', async () => {
    await publisher.control('PATCH', '/settings', { usageErrorShare: 1 });
    expect((await batch(event())).body.result).toMatchObject([{ status: 'Error', error: { code: 'InternalServerError' } }]);
  });
});

describe('the gate', () => {
  const calls: [string, string][] = [
    ['POST', '/usageEvent'],
    ['POST', '/batchUsageEvent'],
  ];

  it.each(calls)('refuses %s %s without a token, and without a version', async (method, path) => {
    const unauthorized: ApiAnswer = await publisher.api(method, path, {}, { authorization: 'Bearer x' });
    expect([unauthorized.status, typeof unauthorized.body]).toEqual([403, 'string']);
    const unversioned = await publisher.api(method, `${publisher.emulator.apiUrl}${path}`, {});
    expect(unversioned).toMatchObject({ status: 400, body: { Error: { Code: 'ApiVersionUnspecified' } } });
  });

  it('echoes the ids of a call and records it with its subscription, as one of metering', async () => {
    const requestId = randomUUID();
    const { headers } = await publisher.api('POST', '/usageEvent', event(), { 'x-ms-requestid': requestId });
    expect(headers.get('x-ms-requestid')).toBe(requestId);
    const { calls: recorded } = (await publisher.control('GET', `/calls?subscriptionId=${id}`)).body;
    expect(recorded.at(-1)).toMatchObject({ surface: 'metering', method: 'POST', status: 200, requestId });
  });
});
