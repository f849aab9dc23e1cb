import { randomUUID } from 'node:crypto';
import { isGuid } from '../guid';
import { call, Publisher } from '../testing/publisher';

let publisher: Publisher;
let id: string;

beforeAll(async () => {
  publisher = await Publisher.start();
  id = await publisher.subscribe({ quantity: 2 });
});

afterAll(() => publisher.stop());

const subscription = () => `/saas/subscriptions/${id}`;

describe('every answer', () => {
  it('to a GET carries a tag that changes with the content, and asks for no conditional request', async () => {
    const [one, again] = [await publisher.api('GET', subscription()), await publisher.api('GET', subscription())];
    expect(one.headers.get('etag')).toMatch(/^".+"$/);
    expect(again.headers.get('etag')).toBe(one.headers.get('etag'));
    expect((await publisher.api('GET', '/saas/subscriptions')).headers.get('etag')).not.toBe(one.headers.get('etag'));
    const conditional = await publisher.api('GET', subscription(), undefined, { 'if-none-match': one.headers.get('etag') as string });
    expect(conditional.status).toBe(200);
  });

  it('carries ids for the support, whatever its status', async () => {
    for (const path of [subscription(), `/saas/subscriptions/${randomUUID()}`, '/saas/nothing']) {
      const { headers } = await publisher.api('GET', path);
      for (const name of ['x-ms-requestid', 'x-ms-correlationid', 'x-ms-activityid', 'mise-correlation-id'])
        expect(isGuid(headers.get(name) ?? '')).toBe(true);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('is dated by the clock that dates its operations, also when that was moved', async () => {
    await publisher.control('POST', '/clock/advance', { duration: 'P1D', restMs: 0 });
    const answer = await publisher.api('GET', subscription());
    const { body: clock } = await publisher.control('GET', '/clock');
    expect(Math.abs(Date.parse(answer.headers.get('date')!) - Date.parse(clock.now))).toBeLessThan(3_600_000);
  });

  it('echoes what was sent of the two ids, and makes up the other', async () => {
    const one = (await publisher.api('GET', subscription(), undefined, { 'x-ms-requestid': 'mine' })).headers;
    expect([one.get('x-ms-requestid'), isGuid(one.get('x-ms-correlationid') ?? '')]).toEqual(['mine', true]);
    const other = (await publisher.api('GET', subscription(), undefined, { 'x-ms-correlationid': 'mine' })).headers;
    expect([isGuid(other.get('x-ms-requestid') ?? ''), other.get('x-ms-correlationid')]).toEqual([true, 'mine']);
  });

  it('has no CORS header, since browsers are not supported', async () => {
    const { headers } = await publisher.api('GET', subscription(), undefined, { origin: 'https://app.example' });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('without content has no body: Activate 200, PATCH 202', async () => {
    const activated = await publisher.api('POST', `${subscription()}/activate`);
    expect([activated.status, activated.body, activated.headers.get('operation-location')]).toEqual([200, undefined, null]);
    const accepted = await publisher.api('PATCH', subscription(), { quantity: 3 });
    expect([accepted.status, accepted.body, accepted.headers.get('retry-after')]).toEqual([202, undefined, '10']);
    await publisher.settled(id, accepted.headers.get('operation-id') as string);
  });
});

describe('a path', () => {
  it.each([
    ['with a slash at its end', (path: string) => `${path}/`],
    ['in capitals', (path: string) => path.toUpperCase()],
    ['with characters encoded that need not be', (path: string) => path.replace('subscriptions', 'subscript%69ons').replaceAll('-', '%2D')],
  ])('%s is the same path', async (_what, write) => {
    for (const below of ['', '/listAvailablePlans', '/operations']) {
      expect((await publisher.api('GET', write(`${subscription()}${below}`))).status).toBe(200);
    }
    expect((await publisher.api('GET', write('/saas/subscriptions'))).status).toBe(200);
  });

  it('that is not well encoded is answered 400, one that is not there 404, one that is too long 414, and none stops anything', async () => {
    expect((await publisher.api('GET', '/saas/subscriptions/%zz')).status).toBe(400);
    expect((await publisher.api('GET', `/saas/subscriptions/${'x'.repeat(2_000)}`)).status).toBe(414);
    expect((await publisher.api('PUT', subscription(), {})).status).toBe(404);
    expect((await publisher.api('GET', subscription())).status).toBe(200);
  });
});

describe('PATCH of a subscription', () => {
  it.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"gold"'],
    ['a plan that is a number', '{"planId": 5}'],
    ['an empty plan', '{"planId": ""}'],
    ['no seats', '{"quantity": 0}'],
    ['less than no seats', '{"quantity": -1}'],
    ['more seats than can be counted', '{"quantity": 1e300}'],
    ['both fields of which one is wrong', '{"planId": "gold", "quantity": "x"}'],
    ['something else', '{"name": "mine"}'],
  ])('by %s is answered 400', async (_what, body) => {
    expect(await publisher.api('PATCH', subscription(), body)).toMatchObject({ status: 400, body: { code: 'BadArgument' } });
  });

  it('takes a member that is null as one that is left out', async () => {
    const { status, headers } = await publisher.api('PATCH', subscription(), { planId: null, quantity: 4 });
    expect(status).toBe(202);
    await publisher.settled(id, headers.get('operation-id') as string);
    expect((await publisher.truth(id)).quantity).toBe(4);
  });
});

it('a token is looked for before the version, and both before the path', async () => {
  const url = `${publisher.emulator.apiUrl}${subscription()}`;
  expect((await call('GET', url)).status).toBe(403);
  expect((await publisher.api('GET', `${url}?api-version=1`)).status).toBe(400);
  expect((await call('GET', `${publisher.emulator.apiUrl}/saas/nothing?api-version=2018-08-31`)).status).toBe(403);
});
