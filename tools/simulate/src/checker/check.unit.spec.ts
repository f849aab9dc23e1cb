import type { ChangeRequest } from '@landfall/subscription/decisions';
import { noFaults } from '../microsoft/faults';
import { atStart } from '../microsoft/members';
import type { Run } from '../run';
import { alone } from '../scenario/publisher';
import { hour, instantOf, second } from '../time';
import { operationAt, history, events, sold, found, toB, failed, suspended, again, datedAgain, dated } from './runs.builders';

describe('the checker is silent', () => {
  it.each<[string, Partial<Run>]>([
    ['about a run in which nothing happens', {}],
    [
      'where values are told late, and some never',
      {
        history: history([100, { plan: 'B' }, toB], [200, { plan: 'C' }], [300, { plan: 'A' }]),
        operations: [toB],
        events: events([250, 'plan-changed', { plan: 'B' }, {}, toB], [900, 'plan-changed', { plan: 'A' }]),
      },
    ],
    [
      'where a suspension is dated',
      {
        history: history([100, { status: 'Suspended' }, suspended]),
        operations: [suspended],
        events: events([101, 'suspended', { status: 'Suspended' }, dated, suspended]),
      },
    ],
    [
      'where a suspension is dated later',
      {
        history: history([100, { status: 'Suspended' }, suspended]),
        operations: [suspended],
        events: events([101, 'suspended', { status: 'Suspended' }, { graceEndsAt: instantOf(0) }], [102, 'updated', {}, dated, suspended]),
      },
    ],
  ])('%s', (_, parts) => expect(found(parts)).toEqual([]));
});

/** A request for plan B that ended as succeeded at 300 s, and which Microsoft never took. */
function doneByAnother(deliveredAtSeconds: number | null): Partial<Run> {
  const theirs = operationAt(100, 'ChangePlan', 'B', { firstDeliveredAtMs: deliveredAtSeconds && deliveredAtSeconds * second });
  const request = { id: 'r1', action: 'ChangePlan', planId: 'B', quantity: null, state: 'succeeded', endedAt: instantOf(300 * second) };
  return {
    operations: [theirs],
    history: history([100, { plan: 'B' }, theirs]),
    events: events([50, 'change-requested', {}, { requestId: 'r1' }], [300, 'plan-changed', { plan: 'B' }]),
    requests: [request as ChangeRequest],
  };
}

describe('the checker finds', () => {
  const wrong: [string, Partial<Run>, string[]][] = [
    ['a record that differs at rest', { history: history([100, { quantity: 9 }]) }, ['rest quantity']],
    [
      'a last change that was not taken over after the end',
      {
        history: history([100, { plan: 'B' }], [200, { status: 'Unsubscribed' }]),
        events: events([201, 'unsubscribed', { status: 'Unsubscribed' }]),
      },
      ['rest-after-end plan'],
    ],
    [
      'a record of which products were told otherwise',
      { events: events([1, 'updated', {}]), record: { ...atStart, autoRenew: false }, history: history([1, { autoRenew: false }]) },
      ['told-otherwise autoRenew'],
    ],
    [
      'a value that is taken back although it stays true',
      {
        history: history([100, { plan: 'B' }, toB]),
        operations: [toB],
        events: events(
          [101, 'plan-changed', { plan: 'B' }, {}, toB],
          [130, 'plan-changed', { plan: 'A' }],
          [260, 'plan-changed', { plan: 'B' }],
        ),
      },
      ['flap plan'],
    ],
    [
      'what was between two suspensions, told after the second one',
      {
        history: history([100, { status: 'Suspended' }, suspended], [200, { status: 'Subscribed' }], [300, { status: 'Suspended' }, again]),
        operations: [suspended, again],
        events: events(
          [101, 'suspended', { status: 'Suspended' }, dated, suspended],
          [301, 'updated', {}, datedAgain, again],
          [310, 'reinstated', { status: 'Subscribed' }],
          [330, 'suspended', { status: 'Suspended' }, datedAgain, again],
        ),
      },
      ['flap status'],
    ],
    [
      'a value that is told before it is true',
      { history: history([100, { plan: 'B' }]), events: events([99, 'plan-changed', { plan: 'B' }]) },
      ['flap plan'],
    ],
    [
      'Microsoft’s own untruth, by its name',
      {
        operations: [operationAt(100, 'ChangePlan', 'B', { isLie: true })],
        events: events([101, 'plan-changed', { plan: 'B' }, {}, toB], [300, 'plan-changed', { plan: 'A' }]),
      },
      ['microsofts-untruth plan'],
    ],
    [
      'a change that is told to come from another operation',
      {
        history: history([100, { plan: 'B' }, toB]),
        operations: [toB, operationAt(150, 'ChangePlan', 'B')],
        events: events([300, 'plan-changed', { plan: 'B' }, {}, operationAt(150, 'ChangePlan', 'B')]),
      },
      ['cause plan'],
    ],
    [
      'the same where nothing had told of the right one, by its name',
      {
        history: history([100, { plan: 'B' }, operationAt(100, 'ChangePlan', 'B', { firstDeliveredAtMs: null })]),
        operations: [operationAt(150, 'ChangePlan', 'B')],
        events: events([300, 'plan-changed', { plan: 'B' }, {}, operationAt(150, 'ChangePlan', 'B')]),
      },
      ['cause-untold plan'],
    ],
    [
      'a suspension without its dates',
      {
        history: history([100, { status: 'Suspended' }, suspended]),
        operations: [suspended],
        events: events([101, 'suspended', { status: 'Suspended' }, {}, suspended]),
      },
      ['date-missing graceEndsAt', 'date-missing effectiveAt'],
    ],
    [
      'a suspension with those of another',
      {
        history: history([100, { status: 'Suspended' }, suspended]),
        operations: [suspended],
        events: events([
          101,
          'suspended',
          { status: 'Suspended' },
          { effectiveAt: instantOf(0), graceEndsAt: instantOf(30 * 24 * hour) },
          suspended,
        ]),
      },
      ['date-wrong effectiveAt', 'date-wrong graceEndsAt'],
    ],
    [
      'a term that is renewed twice',
      { history: history([100, { term: '2026-04-01' }]), events: events([101, 'renewed', { term: '2026-04-01' }], [105, 'renewed', {}]) },
      ['renewed-twice term'],
    ],
    [
      'what revives a subscription that has ended',
      {
        history: history([100, { status: 'Unsubscribed' }]),
        events: events([101, 'unsubscribed', { status: 'Unsubscribed' }], [102, 'reinstated', { status: 'Subscribed' }]),
      },
      ['rest status', 'flap status', 'revived status'],
    ],
    [
      'a gap in the sequence',
      { events: events([1, 'updated', {}], [2, 'updated', {}]).map((event, index) => ({ ...event, sequence: 5 + 2 * index })) },
      ['sequence sequence'],
    ],
    [
      'Activate for what nobody confirmed and nothing was made for',
      { calls: [{ atMs: 5 * second, what: 'Activate', registration: 'default' }] },
      ['activated-unasked status', 'activated-unasked tenant'],
    ],
    [
      'Activate for what was rejected, and approved later',
      {
        scenario: { seed: 1, acts: [], faults: noFaults, begins: 'sold', rules: 'approval', publisher: alone },
        setUp: {
          ...{ stage: 'done', failureReason: null, confirmedMs: [0], tenantMadeMs: 0, hasTenant: true },
          decided: [
            { kind: 'Reject', atMs: second },
            { kind: 'Approve', atMs: 9 * second },
          ],
        },
        calls: [5, 10].map((at) => ({ atMs: at * second, what: 'Activate', registration: 'default' })),
      },
      ['activated-unasked approval'],
    ],
    ['a confirmed purchase that ends in nothing', sold({ stage: 'provisioning', confirmedMs: [5 * second] }), ['set-up stage']],
    ['a set-up without a tenant', sold({ hasTenant: false }), ['set-up tenant']],
    [
      'a tenant that is left of a subscription that ended before it was used',
      {
        ...sold({ stage: 'activating' }),
        history: history([100, { status: 'Unsubscribed' }]),
        events: events([101, 'unsubscribed', { status: 'Unsubscribed' }]),
      },
      ['set-up tenant'],
    ],
    ['what is told twice', { events: events([1, 'confirmed', {}], [2, 'confirmed', {}]) }, ['told-twice confirmed']],
    [
      'a read and a PATCH with the token of another publisher',
      {
        calls: [
          { atMs: 5 * second, what: 'Get Subscription', registration: 'tailspin' },
          { atMs: 5 * second, what: 'PATCH', registration: 'tailspin' },
        ],
      },
      ['other-registration Get Subscription', 'other-registration PATCH'],
    ],
    [
      'a refusal of a change that Microsoft shows as done, and of one that we had accepted',
      {
        operations: [toB],
        history: history([100, { plan: 'B' }, toB]),
        verdicts: [{ atMs: 50 * second, operationId: toB.id, verdict: 'refused' }],
        events: events([102, 'change-refused', {}, {}, toB], [103, 'plan-changed', { plan: 'B' }, { overruled: true }, toB]),
      },
      ['refusal-untrue change-refused'],
    ],
    [
      'a refusal that we never made',
      { operations: [failed], events: events([102, 'change-refused', {}, {}, failed]) },
      ['refusal-untrue change-refused'],
    ],
    [
      'a refusal that Microsoft shows and nobody is told of',
      { operations: [failed], verdicts: [{ atMs: 50 * second, operationId: failed.id, verdict: 'refused' }] },
      ['refusal-untold ChangePlan'],
    ],
    [
      'what Microsoft did although we had refused it, and does not say so',
      {
        operations: [toB],
        history: history([100, { plan: 'B' }, toB]),
        verdicts: [{ atMs: 50 * second, operationId: toB.id, verdict: 'refused' }],
        events: events([102, 'plan-changed', { plan: 'B' }, {}, toB]),
      },
      ['overruled-untold plan-changed'],
    ],
    ['a request that is told to have succeeded, which another operation did', doneByAnother(100), ['request-untrue succeeded']],
    ['the same where nothing had told of that one, by its name', doneByAnother(null), ['request-anothers succeeded']],
    ['what waits without end', { waits: [{ what: 'follow-operation x', sinceMs: 0 }] }, ['wait follow-operation x']],
  ];
  it.each(wrong)('%s', (_, parts, kinds) => expect(found(parts)).toEqual(kinds));
});
