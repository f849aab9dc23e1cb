import { Publisher } from '../../testing/publisher';

const marketplace = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

afterAll(() => publisher.stop());

/** The authorization header of a second publisher's application, which is let in and owns nothing here. */
async function otherApplication(): Promise<{ authorization: string }> {
  const { body } = await publisher.control('POST', '/applications', { publishedToPreview: true });
  const form = {
    grant_type: 'client_credentials',
    client_id: body.clientId,
    client_secret: body.clientSecret,
    scope: `${marketplace}/.default`,
  };
  const url = `${publisher.emulator.authorityUrl}/${body.tenantId}/oauth2/v2.0/token`;
  const { access_token } = (await (await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).json()) as {
    access_token: string;
  };
  return { authorization: `Bearer ${access_token}` };
}

it('takes usage of a subscription from the application of its offer alone, and shows it to that one alone', async () => {
  const resourceId = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
  const event = { resourceId, quantity: 5, dimension: 'emails', effectiveStartTime: new Date().toISOString(), planId: 'base' };
  const other = await otherApplication();
  expect(await publisher.api('POST', '/usageEvent', event, other)).toMatchObject({
    status: 403,
    body: { message: 'Client is not authorized for this usage resource.', code: 'Forbidden' },
  });
  expect(await publisher.api('POST', '/batchUsageEvent', { request: [event] }, other)).toMatchObject({
    status: 200,
    body: { result: [{ status: 'ResourceNotAuthorized', error: { code: 'Forbidden' } }] },
  });
  expect((await publisher.api('POST', '/usageEvent', event)).status).toBe(200);
  const readBack = `/usageEvents?usageStartDate=${event.effectiveStartTime.slice(0, 10)}`;
  expect((await publisher.api('GET', readBack)).body).toMatchObject([{ usageResourceId: resourceId }]);
  expect(await publisher.api('GET', readBack, undefined, other)).toMatchObject({ status: 200, body: [] });
});
