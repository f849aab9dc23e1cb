import { aSnapshot } from '@landfall/testing';
import { differing, keepRecorded, leftOut } from './comparison.domain';
import { isMassLoss, questionsOf } from './guard.domain';
import type { Known, Recorded } from './reconciliation';
import { afterPage, BARREN_PAGES, judgeListed, judgeRead, judgeUnreadable, landmarkAfter, leadsBack, MAX_PAGES } from './sweep.domain';

const { subscriptionId, beneficiary: _beneficiary, purchaser: _purchaser, purchasedAt: _purchasedAt, ...rest } = aSnapshot();
const record = (differs: Partial<Recorded> = {}): Recorded => ({ ...rest, status: 'Subscribed', ...differs });
const shown = (differs: object = {}) => {
  const { term, privateOfferId: _private, ...said } = rest;
  return { ...said, subscriptionId, status: 'Subscribed' as const, term: term ?? undefined, ...differs };
};
const known = (differs: Partial<Known> = {}): Known => ({ record: record(), boundTo: 'default', ...differs });
const manner = { registration: 'default', isWhole: false, mayImport: true };

describe('the list against the record', () => {
  it.each([
    ['status', { status: 'Suspended' }],
    ['plan', { planId: 'another' }],
    ['quantity', { quantity: 99 }],
    ['term', { term: { startDate: '2031-01-01' } }],
    ['autoRenew', { autoRenew: !rest.autoRenew }],
    ['isFreeTrial', { isFreeTrial: !rest.isFreeTrial }],
    ['allowedCustomerOperations', { allowedCustomerOperations: ['Read'] }],
    ['offer', { offerId: 'another' }],
  ])('differs in %s', (member, differs) => expect(differing(record(), shown(differs))).toEqual([member]));

  it.each([
    ['what is left out', { status: undefined, planId: '', quantity: undefined, term: undefined, offerId: undefined, autoRenew: undefined }],
    ['operations in another order', { allowedCustomerOperations: rest.allowedCustomerOperations.toReversed() }],
    ['a term of which only a part is said', { term: {} }],
  ])('does not differ by %s', (_what, differs) => expect(differing(record(), shown(differs))).toEqual([]));

  it('takes NotStarted and pending for the same', () =>
    expect(differing(record({ status: 'PendingFulfillmentStart' }), shown({ status: 'NotStarted' }))).toEqual([]));
});

describe('what an answer leaves out', () => {
  const suspended = record({
    status: 'Suspended',
    term: { termUnit: 'P1M', startDate: '2031-01-01', endDate: null, chargeDuration: null },
  });
  const whole = shown({ quantity: 5, term: { startDate: '2031-01-01' } });
  it.each<[string, object, string[]]>([
    ['all that counts is there', {}, []],
    ['status', { status: undefined }, ['status']],
    ['plan', { planId: '' }, ['plan']],
    ['quantity', { quantity: undefined }, ['quantity']],
    ['term', { term: { termUnit: 'P1M' } }, ['term']],
    ['what says nothing of access or money', { autoRenew: undefined, allowedCustomerOperations: undefined, publisherId: undefined }, []],
  ])('%s', (_what, differs, members) => expect(leftOut(suspended, { ...whole, ...differs })).toEqual(members));

  it('is nothing that the record has not: the seats of a flat rate, the term of a purchase that nobody activated', () =>
    expect(leftOut(record({ quantity: null, term: null }), { ...whole, quantity: undefined, term: undefined })).toEqual([]));
});

it('keeps the newest state of the record, in whatever order its snapshots come', () => {
  const snapshot = { ...aSnapshot(), version: 4 } as never;
  expect(keepRecorded(undefined, { data: snapshot })).toMatchObject({ kind: 'changed', state: { subscriptionId, version: 4 } });
  for (const version of [4, 5])
    expect(keepRecorded({ subscriptionId, version, record: record() }, { data: snapshot })).toMatchObject({ kind: 'ignored' });
});

describe('a listed subscription', () => {
  it.each<[string, Parameters<typeof judgeListed>, string]>([
    ['that says the same is left', [known(), shown(), manner], 'same'],
    ['that differs is read', [known(), shown({ planId: 'gold' }), manner], 'read'],
    ['is read once a day', [known(), shown(), { ...manner, isWhole: true }], 'read'],
    [
      'that has ended on both sides is not, even then',
      [known({ record: record({ status: 'Unsubscribed' }) }), shown({ status: 'Unsubscribed' }), { ...manner, isWhole: true }],
      'same',
    ],
    [
      'that is suspended is read, since a reinstatement may wait',
      [known({ record: record({ status: 'Suspended' }) }), shown({ status: 'Suspended' }), manner],
      'read',
    ],
    ['of which the list says no plan is read', [known(), shown({ planId: undefined }), manner], 'read'],
    ['that nobody knows is imported', [known({ record: null, boundTo: null }), shown(), manner], 'read'],
    [
      'that nobody knows waits until an import is allowed',
      [known({ record: null, boundTo: null }), shown(), { ...manner, mayImport: false }],
      'unknown',
    ],
    [
      'that a webhook or purchase brought is read all the same',
      [known({ record: null }), shown(), { ...manner, mayImport: false }],
      'read',
    ],
    [
      'that nobody knows and an operator has dismissed is not',
      [known({ record: null, boundTo: null, isDismissed: true }), shown(), manner],
      'unknown',
    ],
    [
      'that was dismissed and that a webhook or purchase brought is read',
      [known({ record: null, isDismissed: true }), shown(), manner],
      'read',
    ],
    ['of another registration is left alone', [known({ boundTo: 'fabrikam' }), shown({ planId: 'gold' }), manner], 'other'],
  ])('%s', (_title, parameters, judged) => expect(judgeListed(...parameters)).toBe(judged));
});

it('reads by Get what the list shows unreadably, unless it has ended or is another’s', () => {
  const judged = (differs: Partial<Known>) => judgeUnreadable(known(differs), subscriptionId, manner);
  expect([judged({}), judged({ record: record({ status: 'Unsubscribed' }) }), judged({ boundTo: 'fabrikam' })]).toEqual([
    'read',
    'same',
    'other',
  ]);
});

it.each<[string, Parameters<typeof judgeRead>, string]>([
  ['publishes what differs', [record(), shown({ planId: 'gold' }), manner], 'publish'],
  ['says nothing where only the list was old', [record(), shown(), manner], 'same'],
  ['publishes everything once a day', [record(), shown(), { isWhole: true }], 'publish'],
  ['keeps back an end of what the record has alive', [record(), shown({ status: 'Unsubscribed' }), manner], 'ended'],
  ['publishes what nobody knows, ended or not', [null, shown({ status: 'Unsubscribed' }), manner], 'publish'],
])('a read %s', (_title, parameters, judged) => expect(judgeRead(...parameters)).toBe(judged));

describe('the list', () => {
  const page = { link: 'https://one', nextLink: 'https://two', fresh: 3, barren: 0 };
  it('goes on by the link alone, also behind an empty page', () => {
    expect(afterPage(page)).toEqual({ kind: 'next', barren: 0 });
    expect(afterPage({ ...page, fresh: 0 })).toEqual({ kind: 'next', barren: 1 });
    expect(afterPage({ ...page, nextLink: null, fresh: 0 })).toMatchObject({ kind: 'complete' });
  });
  it('that leads to the same page again, or shows nothing new for many pages, is a circle', () => {
    expect(afterPage({ ...page, nextLink: page.link })).toMatchObject({ kind: 'circle' });
    expect(afterPage({ ...page, fresh: 0, barren: BARREN_PAGES - 1 })).toMatchObject({ kind: 'circle' });
  });
});

it('comes back to a landmark in every circle, and follows a list that ends', () => {
  for (const [before, circle] of [
    [0, 1],
    [0, 7],
    [40, 3],
    [3, 40],
    [100, 100],
  ] as const) {
    const linkOf = (page: number) => String(page < before ? page : before + ((page - before) % circle));
    let [landmark, pages]: [string | null, number] = [null, 1];
    while (!leadsBack({ nextLink: linkOf(pages), pages, landmark })) {
      landmark = landmarkAfter({ nextLink: linkOf(pages), pages, landmark });
      pages += 1;
    }
    expect(pages).toBeLessThanOrEqual(4 * (before + circle));
  }
  let landmark: string | null = null;
  for (let pages = 1; pages < 5_000; pages += 1) {
    const way = { nextLink: String(pages), pages, landmark };
    expect(leadsBack(way)).toBe(false);
    landmark = landmarkAfter(way);
  }
  expect(leadsBack({ nextLink: 'new', pages: MAX_PAGES, landmark })).toBe(true);
  expect(leadsBack({ nextLink: null, pages: MAX_PAGES, landmark: null })).toBe(false);
});

describe('the guard', () => {
  it.each([
    [{ known: 1_000, missing: 0, ended: 50 }, false],
    [{ known: 1_000, missing: 1, ended: 50 }, true],
    [{ known: 20, missing: 0, ended: 3 }, false],
    [{ known: 20, missing: 3, ended: 1 }, true],
    [{ known: 2, missing: 2, ended: 0 }, true],
    [{ known: 1, missing: 0, ended: 1 }, false],
    [{ known: 0, missing: 0, ended: 0 }, false],
  ])('%j is a mass loss: %s', (found, expected) => expect(isMassLoss(found)).toBe(expected));

  it('asks about each of what it finds', () => {
    expect(questionsOf({ known: 10, missing: 0, ended: 1, unknown: 0 })).toEqual([]);
    expect(questionsOf({ known: 10, missing: 10, ended: 0, unknown: 2 })).toEqual(['loss', 'import']);
  });
});
