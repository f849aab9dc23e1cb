import { MarketplaceAnswerUnreadable } from '../marketplace.errors';
import type { UsageEventResult } from './answer.types';
import { decode } from './decode';
import { conflictingUsage, usageAnswer, usageRowOf } from './usage.decode';

const subscriptionId = '37f9dea2-4345-438f-b0bd-03d40d28c7e0';
const usageEventId = '11111111-2222-4333-8444-555555555555';
const event = { resourceId: subscriptionId, dimension: 'email', effectiveStartTime: '2024-01-12T11:03:28.14Z', planId: 'gold' };
const repeated = { subscriptionId, dimension: 'email', planId: 'gold', effectiveStartTime: '2024-01-12T11:03:28.140Z' };
const messageTime = '2024-01-12T13:19:35.3458658Z';

const resultsOf = (result: unknown) => decode(usageAnswer, JSON.stringify(result));
const resultOf = (one: unknown): UsageEventResult => resultsOf({ count: 1, result: [one] }).results[0]!;

it('reads an accepted event', () => {
  const accepted = { usageEventId: usageEventId.toUpperCase(), status: 'Accepted', messageTime, ...event, quantity: 5 };
  const read = {
    ...repeated,
    usageEventId,
    status: 'Accepted',
    messageTime: '2024-01-12T13:19:35.345Z',
    stored: null,
    code: null,
    message: null,
  };
  expect(resultOf({ ...accepted, resourceUri: '/subscriptions/a' })).toEqual(read);
  expect(resultOf({ ...accepted, usageEventId: undefined })).toEqual({ ...read, usageEventId: null });
});

describe('a duplicate', () => {
  const acceptedMessage = { usageEventId, status: 'Duplicate', messageTime, ...event, planId: 'silver', quantity: 1.5 };
  const error = { additionalInfo: { acceptedMessage }, message: 'This usage event already exist.', code: 'Conflict' };
  const stored = { ...repeated, planId: 'silver', usageEventId, quantity: '1.5' };

  it('shows what is stored under its key, which may be another quantity', () => {
    expect(resultOf({ status: 'Duplicate', messageTime, error, ...event, quantity: 2 })).toMatchObject({
      ...{ status: 'Duplicate', usageEventId: null, planId: 'gold', stored, code: 'Conflict', message: 'This usage event already exist.' },
    });
  });

  it('that does not repeat its event is known by the stored one', () => {
    expect(resultOf({ status: 'Duplicate', error })).toMatchObject({ ...repeated, planId: null, stored });
  });

  it.each([undefined, {}, { additionalInfo: null }, { additionalInfo: { acceptedMessage: 'gone' } }, 'text'])(
    'is one also where it does not show what is stored: %j',
    (said) =>
      expect(resultOf({ status: 'Duplicate', error: said, ...event })).toMatchObject({ ...repeated, status: 'Duplicate', stored: null }),
  );

  it('is read from the answer 409 to one event', () => {
    expect(decode(conflictingUsage, JSON.stringify(error))).toEqual(stored);
    expect(decode(conflictingUsage, '{"message":"locked"}')).toBeNull();
  });
});

it.each([
  [' invaliddimension ', 'InvalidDimension'],
  ['NotProcessed', 'Error'],
  ['', 'Error'],
  [undefined, 'Error'],
])('reads the status %j as %s', (status, expected) => {
  expect(resultOf({ ...event, status })).toMatchObject({ status: expected });
});

it('has Microsoft’s code and words, those of the details as well, and no time where it says none', () => {
  const details = [{ message: 'The resourceId is required.', target: 'ResourceId', code: 'BadArgument' }];
  const error = { code: 'BadArgument', message: 'One or more errors have occurred.', details };
  expect(resultOf({ ...event, status: 'BadArgument', messageTime: '0001-01-01T00:00:00', error })).toMatchObject({
    ...{ messageTime: null, code: 'BadArgument', message: 'One or more errors have occurred. The resourceId is required.' },
  });
});

it('takes a time without a zone as UTC, since the hour is part of the key', () => {
  expect(resultOf({ ...event, status: 'Accepted', effectiveStartTime: '2024-01-12T11:03:28' })).toMatchObject({
    effectiveStartTime: '2024-01-12T11:03:28.000Z',
  });
});

it('lets one odd result hide no other, and counts it', () => {
  const odd = [7, null, { ...event, effectiveStartTime: 'soon', status: 'Accepted' }];
  const read = resultsOf({ count: 4, result: [...odd, { ...event, status: 'Accepted' }] });
  expect([read.results.length, read.unreadable]).toEqual([1, 3]);
  expect(resultsOf([{ ...event, status: 'Accepted' }]).results).toHaveLength(1);
});

it.each(['', 'null', '{}', '{"count":2}', '{"result":null}', '[', 'a page'])(
  'finds an answer that shows no results unreadable: %j',
  (body) => {
    expect(() => decode(usageAnswer, body)).toThrow(MarketplaceAnswerUnreadable);
  },
);

describe('a row of what was recorded', () => {
  const day = '2024-01-12';
  const row = {
    ...{ usageDate: `${day}T00:00:00Z`, usageResourceId: subscriptionId.toUpperCase(), dimension: 'email', planId: 'gold', planName: '' },
    ...{
      offerType: 'SaaS',
      reconStatus: 'Submitted',
      submittedQuantity: 1e-6,
      processedQuantity: 0,
      submittedCount: 3,
      azureSubscriptionId: '',
    },
  };
  const of = (differing: object) => usageRowOf({ ...row, ...differing }, day, {});

  it('has exact quantities', () => {
    expect(of({})).toEqual({
      ...{ subscriptionId, dimension: 'email', planId: 'gold', reconStatus: 'Submitted', submittedCount: 3 },
      ...{ submittedQuantity: '0.000001', processedQuantity: '0' },
    });
    expect(of({ submittedQuantity: '12.50', processedQuantity: null, planId: null })).toMatchObject({
      ...{ submittedQuantity: '12.5', processedQuantity: '0', planId: '' },
    });
  });

  it('of another day, or of an Azure application, is none', () => {
    expect(of({ usageDate: '2024-01-13' })).toBeNull();
    expect(of({ offerType: 'AzureApplication', usageResourceId: '/subscriptions/a' })).toBeNull();
  });

  it.each([
    { usageResourceId: '' },
    { dimension: null },
    { submittedQuantity: null },
    { submittedCount: 1.5 },
    { submittedCount: null },
    { usageDate: 'x' },
  ])('that can’t be read fails the whole, since without it nothing would seem recorded: %j', (odd) =>
    expect(() => of(odd)).toThrow(MarketplaceAnswerUnreadable),
  );
});
