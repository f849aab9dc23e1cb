import fc from 'fast-check';
import { MarketplaceAnswerUnreadable } from '../marketplace.errors';
import { decode } from './decode';
import { resolvedPurchase, subscription, subscriptionPage } from './subscription.decode';

fc.configureGlobal({ seed: 1 });

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
    term: { startDate: '2024-02-10', endDate: '2024-03-09', termUnit: 'P1M' },
    autoRenew: true,
    isFreeTrial: false,
    allowedCustomerOperations: ['Delete', 'Update', 'Read'],
    created: '2024-02-08T23:15:03.365Z',
  });
});

it.each([
  ['half a letter in the plan', { planId: 'gold\ud800' }, 'planId'],
  ['NUL in the offer', { offerId: 'a\0b' }, 'offerId'],
  ['NUL in an owner', { beneficiary: { ...owner, tenantId: 'a\0b' } }, 'beneficiary.tenantId'],
])('does not read %s: no database could keep it', (_quirk, sent, field) => {
  expect(() => read(sent)).toThrow(MarketplaceAnswerUnreadable);
  expect(() => read(sent)).toThrow(expect.objectContaining({ field }));
});

it('shows a replacement where a name that a person typed can not be kept, and reads the rest', () => {
  expect(read({ name: 'Fabri\ud800kam\0' })).toMatchObject({ name: 'Fabri\ufffdkam\ufffd', planId: 'silver' });
});

const absent = undefined;
it.each<[quirk: string, sent: object, expected: object]>([
  ['a padded status', { saasSubscriptionStatus: ' Suspended  ' }, { status: 'Suspended' }],
  ['a status that nobody knows', { saasSubscriptionStatus: 'Paused' }, { status: 'Paused' }],
  ['NotStarted, which stands in the schema alone', { saasSubscriptionStatus: 'NotStarted' }, { status: 'NotStarted' }],
  ['quantity as text', { quantity: '10' }, { quantity: 10 }],
  ['quantity as padded text', { quantity: ' 10 ' }, { quantity: 10 }],
  [
    'a preview offer',
    { offerId: 'contoso-saas-preview' },
    { offerId: 'contoso-saas', offerIdRaw: 'contoso-saas-preview', isPreview: true },
  ],
  ['preview in the middle of a name', { offerId: 'a-preview-b' }, { offerId: 'a-preview-b', isPreview: false }],
  ['a term of five years', { term: { termUnit: 'P5Y' } }, { term: { termUnit: 'P5Y' } }],
  [
    'term dates without a time',
    { term: { startDate: '2024-02-10', endDate: '2024-03-09' } },
    { term: { startDate: '2024-02-10', endDate: '2024-03-09' } },
  ],
  ['term dates without a zone', { term: { startDate: '2024-02-10T00:00:00' } }, { term: { startDate: '2024-02-10' } }],
  ['a term date of another zone', { term: { startDate: '2024-02-10T00:00:00+02:00' } }, { term: { startDate: '2024-02-09' } }],
  ['chargeDuration', { term: { termUnit: 'P1Y', chargeDuration: 'P1M' } }, { term: { chargeDuration: 'P1M' } }],
  ['lastModified of any form', { lastModified: 'yesterday' }, { id }],
  ['created without a zone', { created: '2024-02-08T23:15:03.3659880' }, { created: '2024-02-08T23:15:03.365Z' }],
  ['created with a numeric zone', { created: '2024-02-08T23:15:03+0100' }, { created: '2024-02-08T22:15:03.000Z' }],
  ['isFreeTrial as text', { isFreeTrial: 'True' }, { isFreeTrial: true }],
  ['a reseller’s customer', { allowedCustomerOperations: ['Read'] }, { allowedCustomerOperations: ['Read'] }],
  [
    'an operation that nobody knows',
    { allowedCustomerOperations: ['Read', 'Transfer', ''] },
    { allowedCustomerOperations: ['Read', 'Transfer'] },
  ],
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

/** Each optional member: how Microsoft calls it, and what it is here. */
const members: [sent: string, member: string[]][] = [
  ['publisherId', ['publisherId']],
  ['offerId', ['offerId', 'offerIdRaw', 'isPreview']],
  ['name', ['name']],
  ['saasSubscriptionStatus', ['status']],
  ['beneficiary', ['beneficiary']],
  ['purchaser', ['purchaser']],
  ['planId', ['planId']],
  ['quantity', ['quantity']],
  ['term', ['term']],
  ['autoRenew', ['autoRenew']],
  ['isFreeTrial', ['isFreeTrial']],
  ['allowedCustomerOperations', ['allowedCustomerOperations']],
  ['created', ['created']],
];
const asGet = (sent: object) => decode(subscription, JSON.stringify(sent));
const asResolve = (sent: object) => decode(resolvedPurchase, JSON.stringify({ id, subscription: sent })).subscription;
const asListed = (sent: object) => decode(subscriptionPage, JSON.stringify({ subscriptions: [sent] })).page.subscriptions[0]!;

describe.each([
  ['Get Subscription', asGet],
  ['Resolve', asResolve],
  ['the list', asListed],
])('what %s leaves out', (_route, shown) => {
  it.each(members)('%s is absent, and nothing else is', (sent, left) => {
    const all = Object.keys(shown(live));
    for (const nothing of [undefined, null, '', ' ']) {
      const found = Object.keys(shown({ ...live, [sent]: nothing }));
      expect(found).toEqual(all.filter((member) => !left.includes(member)));
    }
  });

  it.each(['termUnit', 'startDate', 'endDate', 'chargeDuration'])('of a term is absent alone: %s', (part) => {
    const whole = { startDate: '2024-02-10', endDate: '2024-03-09', termUnit: 'P1M', chargeDuration: 'P1M' };
    for (const nothing of [undefined, null, '']) {
      const { term } = shown({ ...live, term: { ...whole, [part]: nothing } });
      expect(term).toEqual(Object.fromEntries(Object.entries(whole).filter(([name]) => name !== part)));
    }
  });

  it.each<[what: string, sent: object, member: string]>([
    ['seats of 0', { quantity: 0 }, 'quantity'],
    ['seats of "0"', { quantity: '0' }, 'quantity'],
    ['a term without parts', { term: {} }, 'term'],
    ["a purchase at .NET's beginning of time", { created: '0001-01-01T00:00:00' }, 'created'],
    ['a person without parts', { beneficiary: { tenantId: '', objectId: null } }, 'beneficiary'],
    ['an empty list of operations', { allowedCustomerOperations: [] }, 'allowedCustomerOperations'],
    ['a list of nothing', { allowedCustomerOperations: ['', ' '] }, 'allowedCustomerOperations'],
  ])('is not there either for %s', (_what, sent, member) => {
    expect(Object.keys(shown({ ...live, ...sent }))).not.toContain(member);
  });
});

it("has no day for .NET's beginning of time", () => {
  expect(read({ term: { termUnit: 'P1M', startDate: '0001-01-01T00:00:00' } }).term).toEqual({ termUnit: 'P1M' });
});

it('has no instant outside of the four-digit years, to which a zone may lead: neither a database nor a reader takes one', () => {
  const at = (created: string) => decode(subscription, JSON.stringify({ id, created }));
  expect(at('9999-12-31T23:59:59.9999999Z')).toEqual({ id, created: '9999-12-31T23:59:59.999Z' });
  expect(at('9999-12-31T23:59:59.9999999-08:00')).toEqual({ id });
  expect(at('0000-01-01T00:00:00+08:00')).toEqual({ id });
});

it('needs nothing but the id', () => {
  expect(decode(subscription, JSON.stringify({ id }))).toEqual({ id });
});

it.each<[what: string, sent: object, field: string]>([
  ['no id', { id: absent }, 'id'],
  ['an id that is no GUID', { id: '../operations' }, 'id'],
  ['half a seat', { quantity: 1.5 }, 'quantity'],
  ['seats below zero', { quantity: -1 }, 'quantity'],
  ['seats in words', { quantity: 'twenty' }, 'quantity'],
  ['more seats than can be stored', { quantity: 2_147_483_648 }, 'quantity'],
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
        expect(result.status).toBe(result.status?.trim());
        expect(result.quantity === undefined || (Number.isSafeInteger(result.quantity) && result.quantity > 0)).toBe(true);
        expect(Object.values(result)).not.toContain(null);
        expect(Object.values(result)).not.toContain('');
        expect(result.term?.startDate ?? '2024-01-01').toMatch(/^\d{4}-\d{2}-\d{2}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(MarketplaceAnswerUnreadable);
        expect(Object.keys({ ...live, ...odd })).toContain((error as MarketplaceAnswerUnreadable).field.split('.')[0]);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('reads a bare list as the only page, and names in it what it cannot read', () => {
  const page = decode(subscriptionPage, JSON.stringify([live, { ...live, id: 'x' }]));
  expect(page).toMatchObject({ page: { subscriptions: [{ id: live.id }], unreadable: [{ id: null, field: 'id' }] }, nextLink: null });
});

it('reads a normalised subscription to the same one again', () => {
  const seats = fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined });
  const padded = fc.tuple(fc.constantFrom('', ' ', '   '), fc.constantFrom('Subscribed', 'Suspended', 'Neu'), fc.constantFrom('', '  '));
  fc.assert(
    fc.property(seats, padded, fc.boolean(), (quantity, [before, status, after], asText) => {
      const result = read({
        quantity: asText && quantity !== undefined ? String(quantity) : quantity,
        saasSubscriptionStatus: before + status + after,
      });
      expect([result.quantity, result.status]).toEqual([quantity, status]);
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
