import { randomUUID } from 'node:crypto';
import { call, Publisher } from '../testing/publisher';
import { digits, guid, sevenDigits, text } from './shapes';

const marketplaceAppId = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

let publisher: Publisher;
let resourceId: string;

beforeEach(async () => {
  publisher = await Publisher.start();
  resourceId = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
});

afterEach(() => publisher.stop());

/** Usage of this second; a duplicate repeats the time of the first, so no hour can end between the two. */
function usage(more: object = {}) {
  const effectiveStartTime = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
  return { resourceId, quantity: 5, dimension: 'emails', effectiveStartTime, planId: 'base', ...more };
}

const accepted = (event: object) => ({ ...event, usageEventId: guid, status: 'Accepted', messageTime: sevenDigits, resourceUri: text });
const duplicate = (first: object) => ({
  additionalInfo: { acceptedMessage: { ...accepted(first), status: 'Duplicate' } },
  message: text,
  code: 'Conflict',
});

describe('usage, one event', () => {
  it('is accepted once, and answered again as the duplicate of the first', async () => {
    const [first, second] = [usage(), usage({ quantity: 7 })];
    expect((await publisher.api('POST', '/usageEvent', first)).body).toEqual(accepted(first));
    const { status, body } = await publisher.api('POST', '/usageEvent', { ...second, effectiveStartTime: first.effectiveStartTime });
    expect({ status, body }).toEqual({ status: 409, body: duplicate(first) });
  });

  it('is refused with every member that is missing', async () => {
    const { resourceId: _left, ...rest } = usage();
    const { status, body } = await publisher.api('POST', '/usageEvent', rest);
    expect({ status, body }).toEqual({
      status: 400,
      body: {
        message: text,
        target: 'usageEventRequest',
        code: 'BadArgument',
        details: [{ message: text, target: 'ResourceId', code: 'BadArgument' }],
      },
    });
  });

  it('is refused for a resource that is not the publisher’s', async () => {
    const { status, body } = await publisher.api('POST', '/usageEvent', usage({ resourceId: randomUUID() }));
    expect({ status, body }).toEqual({ status: 403, body: { message: text, code: 'Forbidden' } });
  });
});

describe('usage, a batch', () => {
  it('is answered 200 with a result for each event, whatever became of it', async () => {
    const first = usage();
    const later = { ...first, quantity: 39 };
    const unknown = { ...first, resourceId: randomUUID() };
    const { status, body } = await publisher.api('POST', '/batchUsageEvent', { request: [first, later, unknown] });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        count: 3,
        result: [
          accepted(first),
          { ...later, status: 'Duplicate', messageTime: sevenDigits, error: duplicate(first) },
          {
            ...unknown,
            status: 'ResourceNotFound',
            messageTime: sevenDigits,
            error: expect.objectContaining({ code: text, message: text }),
          },
        ],
      },
    });
  });
});

describe('usage, read back', () => {
  it('is summed by day, and reads Submitted at first', async () => {
    const event = usage({ quantity: 6 });
    await publisher.api('POST', '/usageEvent', event);
    const day = event.effectiveStartTime.slice(0, 10);
    const { status, body } = await publisher.api('GET', `/usageEvents?usageStartDate=${day}`);
    expect(status).toBe(200);
    expect(body).toEqual([
      {
        usageDate: `${day}T00:00:00Z`,
        usageResourceId: resourceId,
        dimension: 'emails',
        planId: 'base',
        planName: '',
        offerId: 'contoso-reach',
        offerName: '',
        offerType: 'SaaS',
        azureSubscriptionId: guid,
        reconStatus: 'Submitted',
        submittedQuantity: 6,
        processedQuantity: 0,
        submittedCount: 1,
      },
    ]);
  });
});

describe('an access token', () => {
  const ask = (path: string, more: Record<string, string>) => {
    const { authorityUrl, tenantId, clientId, clientSecret } = publisher.emulator;
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, ...more });
    return call('POST', `${authorityUrl}/${tenantId}${path}`, form.toString(), { 'content-type': 'application/x-www-form-urlencoded' });
  };

  it('comes with numbers from the v2 endpoint', async () => {
    const { status, body } = await ask('/oauth2/v2.0/token', { scope: `${marketplaceAppId}/.default` });
    expect({ status, body }).toEqual({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: text },
    });
  });

  it('comes with strings from the v1 endpoint', async () => {
    const { status, body } = await ask('/oauth2/token', { resource: marketplaceAppId });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: '3600',
        ext_expires_in: '0',
        expires_on: digits,
        not_before: digits,
        resource: marketplaceAppId,
        access_token: text,
      },
    });
  });

  it('is not given for a wrong secret', async () => {
    const { status, body } = await ask('/oauth2/v2.0/token', { scope: `${marketplaceAppId}/.default`, client_secret: 'wrong' });
    expect(status).toBe(401);
    expect(body).toMatchObject({
      error: 'invalid_client',
      error_description: text,
      error_codes: [7000215],
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
      trace_id: guid,
      correlation_id: guid,
    });
  });
});
