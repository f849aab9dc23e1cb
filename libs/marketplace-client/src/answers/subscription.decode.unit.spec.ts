import fc from 'fast-check';
import { MarketplaceAnswerUnreadable } from '../marketplace.errors';
import { decode } from './decode';
import { resolvedPurchase, subscription, subscriptionPage } from './subscription.decode';

const id = '37f9dea2-4345-438f-b0bd-03d40d28c7e0';
const owner = {
  emailId: 'user@fabrikam.example',
  objectId: '11111111-1111-4111-8111-111111111111',
  tenantId: '22222222-2222-4222-8222-222222222222',
};
const live = {
  id,
  publisherId: 'contoso',
  offerId: 'contoso-saas',
  name: 'Fabrikam team',
  saasSubscriptionStatus: 'Subscribed',
  beneficiary: { ...owner, puid: '1003200000000001' },
  purchaser: { ...owner, puid: null },
  planId: 'silver',
  quantity: 20,
  term: { startDate: '2024-02-10T00:00:00Z', endDate: '2024-03-09T00:00:00Z', termUnit: 'P1M', chargeDuration: null },
  autoRenew: true,
  isTest: false,
  isFreeTrial: false,
  allowedCustomerOperations: ['Delete', 'Update', 'Read'],
  sandboxType: 'None',
  created: '2024-02-08T23:15:03.3659880Z',
  lastModified: '0001-01-01T00:00:00',
  sessionMode: 'None',
};
const read = (changes: object) => decode(subscription, JSON.stringify({ ...live, ...changes }));

it('reads a subscription as it comes over the wire', () => {
  expect(read({})).toEqual({
    id,
    publisherId: 'contoso',
    offerId: 'contoso-saas',
    offerIdRaw: 'contoso-saas',
    isPreview: false,
    name: 'Fabrikam team',
    planId: 'silver',
    quantity: 20,
    status: 'Subscribed',
    beneficiary: owner,
    purchaser: owner,
    term: { startDate: '2024-02-10', endDate: '2024-03-09', termUnit: 'P1M', chargeDuration: null },
    autoRenew: true,
    isFreeTrial: false,
    allowedCustomerOperations: ['Delete', 'Update', 'Read'],
    created: '2024-02-08T23:15:03.365Z',
  });
});

const absent = undefined;
it.each<[quirk: string, sent: object, expected: object]>([
  ['a padded status', { saasSubscriptionStatus: ' Suspended  ' }, { status: 'Suspended' }],
  ['a status that nobody knows', { saasSubscriptionStatus: 'Paused' }, { status: 'Paused' }],
  ['NotStarted, which stands in the schema alone', { saasSubscriptionStatus: 'NotStarted' }, { status: 'NotStarted' }],
  ['quantity absent (flat rate, live)', { quantity: absent }, { quantity: null }],
  ['quantity null (webhook snapshot)', { quantity: null }, { quantity: null }],
  ['quantity "" (documentation)', { quantity: '' }, { quantity: null }],
  ['quantity 0', { quantity: 0 }, { quantity: null }],
  ['quantity as text', { quantity: '10' }, { quantity: 10 }],
  ['quantity as padded text', { quantity: ' 10 ' }, { quantity: 10 }],
  [
    'a preview offer',
    { offerId: 'contoso-saas-preview' },
    { offerId: 'contoso-saas', offerIdRaw: 'contoso-saas-preview', isPreview: true },
  ],
  ['preview in the middle of a name', { offerId: 'a-preview-b' }, { offerId: 'a-preview-b', isPreview: false }],
  ['no term', { term: absent }, { term: null }],
  ['term null', { term: null }, { term: null }],
  ['term {}', { term: {} }, { term: null }],
  [
    'a term without dates (before activation)',
    { term: { termUnit: 'P1M' } },
    { term: { termUnit: 'P1M', startDate: null, endDate: null, chargeDuration: null } },
  ],
  ['a term of five years', { term: { termUnit: 'P5Y' } }, { term: { termUnit: 'P5Y' } }],
  [
    'term dates without a time',
    { term: { startDate: '2024-02-10', endDate: '2024-03-09' } },
    { term: { startDate: '2024-02-10', endDate: '2024-03-09' } },
  ],
  ['term dates without a zone', { term: { startDate: '2024-02-10T00:00:00' } }, { term: { startDate: '2024-02-10' } }],
  ['a term date of another zone', { term: { startDate: '2024-02-10T00:00:00+02:00' } }, { term: { startDate: '2024-02-09' } }],
  ['empty term dates', { term: { termUnit: 'P1M', startDate: '', endDate: null } }, { term: { startDate: null, endDate: null } }],
  [
    "a term date of .NET's beginning of time",
    { term: { termUnit: 'P1M', startDate: '0001-01-01T00:00:00' } },
    { term: { startDate: null } },
  ],
  ['chargeDuration', { term: { termUnit: 'P1Y', chargeDuration: 'P1M' } }, { term: { chargeDuration: 'P1M' } }],
  ['lastModified of any form', { lastModified: 'yesterday' }, { id }],
  ['created without a zone', { created: '2024-02-08T23:15:03.3659880' }, { created: '2024-02-08T23:15:03.365Z' }],
  ['created with a numeric zone', { created: '2024-02-08T23:15:03+0100' }, { created: '2024-02-08T22:15:03.000Z' }],
  ['created absent', { created: absent }, { created: null }],
  ['isFreeTrial absent', { isFreeTrial: absent }, { isFreeTrial: false }],
  ['isFreeTrial as text', { isFreeTrial: 'True' }, { isFreeTrial: true }],
  ['autoRenew absent', { autoRenew: absent }, { autoRenew: true }],
  ['allowedCustomerOperations absent', { allowedCustomerOperations: absent }, { allowedCustomerOperations: [] }],
  ['allowedCustomerOperations null', { allowedCustomerOperations: null }, { allowedCustomerOperations: [] }],
  ['a reseller’s customer', { allowedCustomerOperations: ['Read'] }, { allowedCustomerOperations: ['Read'] }],
  [
    'an operation that nobody knows',
    { allowedCustomerOperations: ['Read', 'Transfer', ''] },
    { allowedCustomerOperations: ['Read', 'Transfer'] },
  ],
  ['no beneficiary', { beneficiary: absent }, { beneficiary: { tenantId: '', objectId: '' } }],
  [
    'a beneficiary without an address',
    { beneficiary: { ...owner, emailId: '' } },
    { beneficiary: { tenantId: owner.tenantId, objectId: owner.objectId } },
  ],
  ['ids in capitals', { id: id.toUpperCase() }, { id }],
  ['properties of tomorrow and of yesterday', { fulfillmentId: 'x', storeFront: 'y', sessionId: 'z', tomorrow: { a: [1] } }, { id }],
  ['a numeric plan id', { planId: 7 }, { planId: '7' }],
])('bears %s', (_quirk, sent, expected) => {
  expect(read(sent)).toMatchObject(expected);
});

it('needs nothing but the id', () => {
  expect(decode(subscription, JSON.stringify({ id }))).toMatchObject({ id, status: '', planId: '', quantity: null, term: null });
});

it.each<[what: string, sent: object, field: string]>([
  ['no id', { id: absent }, 'id'],
  ['an id that is no GUID', { id: '../operations' }, 'id'],
  ['half a seat', { quantity: 1.5 }, 'quantity'],
  ['seats below zero', { quantity: -1 }, 'quantity'],
  ['seats in words', { quantity: 'twenty' }, 'quantity'],
  ['a date that is none', { term: { endDate: 'soon' } }, 'term.endDate'],
  ['the 30th of February with a time', { created: '2024-13-30T00:00:00Z' }, 'created'],
  ['a term that is a text', { term: 'P1M' }, 'term'],
  ['a list where a text belongs', { planId: ['a'] }, 'planId'],
  ['a text where a list belongs', { allowedCustomerOperations: 'Read' }, 'allowedCustomerOperations'],
  ['a person of a wrong kind', { beneficiary: { emailId: { is: 'user@fabrikam.example' } } }, 'beneficiary.emailId'],
])('refuses %s and names the field', (_what, sent, field) => {
  expect(() => read(sent)).toThrow(expect.objectContaining({ code: 'MARKETPLACE_ANSWER_UNREADABLE', retriable: false, field }));
});

it.each(['', '   ', '[]', 'null', '3', '"text"', '<html>', '{"id":'])('refuses %j as a subscription, without quoting it', (body) => {
  expect(() => decode(subscription, body)).toThrow(MarketplaceAnswerUnreadable);
});

it('never shows what it could not read', () => {
  const personal = 'zuse@fabrikam.example';
  for (const body of [
    `{"id": "${personal}"}`,
    `{"id":"${id}","created":"${personal}"}`,
    `${personal}`,
    `{"id":"${id}","term":"${personal}"}`,
  ]) {
    const failure = catchFailure(() => decode(subscription, body));
    expect(`${failure.message} ${failure.field} ${failure.stack} ${JSON.stringify(failure)}`).not.toContain('zuse');
  }
});

it.each([
  ['an empty body', ''],
  ['{}', '{}'],
  ['an empty list', '{"subscriptions":[]}'],
  ['a list that is null', '{"subscriptions":null,"@nextLink":null}'],
  ['an empty link', '{"@nextLink":""}'],
])('reads %s as a list without subscriptions and without another page', (_form, body) => {
  expect(decode(subscriptionPage, body)).toEqual({ page: { subscriptions: [], unreadable: [] }, nextLink: null });
});

it('names what it cannot read of a page and reads the rest', () => {
  const { page, nextLink } = decode(
    subscriptionPage,
    JSON.stringify({ subscriptions: [live, { id, quantity: {} }, null, live], '@nextLink': 'https://x/y' }),
  );
  expect(page.subscriptions).toHaveLength(2);
  expect(page.unreadable).toEqual([
    { id, field: 'quantity' },
    { id: null, field: '(body)' },
  ]);
  expect(nextLink).toBe('https://x/y');
});

it('takes from the inner subscription what Resolve leaves out above it', () => {
  const bare = decode(resolvedPurchase, JSON.stringify({ id, subscription: live }));
  expect(bare).toMatchObject({ subscriptionId: id, subscriptionName: 'Fabrikam team', planId: 'silver', quantity: 20 });
});

it('reads any JSON or refuses it by name, whatever it is', () => {
  const anyValue = fc.jsonValue();
  const field = fc.constantFrom(...Object.keys(live), 'beneficiary', 'term');
  const oddities = fc.dictionary(field, fc.oneof(anyValue, fc.constantFrom('', ' ', '0', '1e3', '0001-01-01', 'true', null, -0, 1e21)));
  fc.assert(
    fc.property(oddities, (odd) => {
      try {
        const result = read(odd);
        expect(result.id).toMatch(/^[0-9a-f-]{36}$/);
        expect(result.status).toBe(result.status.trim());
        expect(result.quantity === null || (Number.isSafeInteger(result.quantity) && result.quantity > 0)).toBe(true);
        expect(result.term?.startDate ?? '2024-01-01').toMatch(/^\d{4}-\d{2}-\d{2}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(MarketplaceAnswerUnreadable);
        expect(Object.keys({ ...live, ...odd })).toContain((error as MarketplaceAnswerUnreadable).field.split('.')[0]);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('reads a normalised subscription to the same one again', () => {
  const seats = fc.option(fc.integer({ min: 1, max: 1_000_000 }));
  const padded = fc.tuple(fc.constantFrom('', ' ', '   '), fc.constantFrom('Subscribed', 'Suspended', 'Neu'), fc.constantFrom('', '  '));
  fc.assert(
    fc.property(seats, padded, fc.boolean(), (quantity, [before, status, after], asText) => {
      const result = read({
        quantity: asText && quantity !== null ? String(quantity) : quantity,
        saasSubscriptionStatus: before + status + after,
      });
      expect(result).toMatchObject({ quantity, status });
    }),
  );
});

function catchFailure(act: () => unknown): MarketplaceAnswerUnreadable {
  try {
    act();
  } catch (error) {
    return error as MarketplaceAnswerUnreadable;
  }
  throw new Error('nothing was refused');
}
