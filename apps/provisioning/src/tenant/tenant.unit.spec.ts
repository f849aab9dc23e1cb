import type { Draft } from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import * as given from './tenant.builders';
import { tenantStates, type TenantChange, type TenantState } from './tenant';

const terms = given.someTerms();
type Decision = (change?: TenantChange) => Outcome<TenantChange>;
const about =
  (draft: Draft): Decision =>
  (change) =>
    given.decide(change, given.sent(draft), terms);
const request = (version: number) => about(given.aRequest({ version }));

/** The state that follows and what is published, or `-` where the message is dropped; without the reminders that are overtaken. */
function shown(outcome: Outcome<TenantChange>): string {
  if (outcome.kind !== 'changed') return outcome.kind === 'ignored' ? '-' : outcome.kind;
  const effects = outcome.effects.flatMap((effect) => {
    if ('overtaken' in effect) return [];
    return 'kind' in effect ? effect.kind : effect.type.split('.')[2];
  });
  return [outcome.state.tenant.state, ...effects].join(' ');
}

/** All that may happen to a tenant. A tenant of this table knows version 5 of its subscription. */
const messages: Record<string, Decision> = {
  'request, newer': request(6),
  'request, known': request(5),
  ready: about(given.readyReply()),
  'failed, for now': about(given.failedReply(true)),
  'failed, for good': about(given.failedReply(false)),
  released: about(given.releasedReply()),
  'suspended, newer': about(given.suspended(6)),
  'suspended, known': about(given.suspended(5)),
  'unsubscribed, unused': about(given.unsubscribed(6, 'activating')),
  'unsubscribed, used': about(given.unsubscribed(6, 'done')),
};

const askFor = 'requested tenant-requested remind-product';
const takeBack = 'releasing tenant-release-requested remind-product';

const transitions: Record<TenantState, Record<keyof typeof messages, string>> = {
  awaited: {
    'request, newer': askFor,
    'request, known': askFor, // nothing was asked for yet: what is known came from the events alone
    ready: '-',
    'failed, for now': '-',
    'failed, for good': '-',
    released: '-',
    'suspended, newer': 'awaited',
    'suspended, known': '-',
    'unsubscribed, unused': 'ended',
    'unsubscribed, used': 'ended',
  },
  requested: {
    'request, newer': '-',
    'request, known': '-',
    ready: 'ready tenant-provisioned',
    'failed, for now': 'requested',
    'failed, for good': 'failed tenant-provisioning-failed',
    released: '-',
    'suspended, newer': 'requested tenant-requested',
    'suspended, known': '-',
    'unsubscribed, unused': takeBack,
    'unsubscribed, used': takeBack,
  },
  ready: {
    'request, newer': 'ready tenant-provisioned',
    'request, known': '-',
    ready: '-',
    'failed, for now': '-',
    'failed, for good': '-',
    released: '-',
    'suspended, newer': 'ready',
    'suspended, known': '-',
    'unsubscribed, unused': takeBack,
    'unsubscribed, used': 'ended',
  },
  failed: {
    'request, newer': askFor,
    'request, known': '-',
    ready: 'ready tenant-provisioned',
    'failed, for now': '-',
    'failed, for good': '-',
    released: '-',
    'suspended, newer': 'failed',
    'suspended, known': '-',
    'unsubscribed, unused': takeBack,
    'unsubscribed, used': takeBack,
  },
  releasing: { ...nothing(), released: 'released tenant-taken-back' },
  released: { ...nothing(), ready: takeBack },
  unreleased: { ...nothing(), ready: takeBack, released: 'released tenant-taken-back' },
  ended: nothing(),
};

function nothing(): Record<keyof typeof messages, string> {
  return Object.fromEntries(Object.keys(messages).map((name) => [name, '-']));
}

const cells = tenantStates.flatMap((state) => Object.entries(transitions[state]).map(([name, expected]) => ({ state, name, expected })));

describe('a tenant', () => {
  it.each(cells)('$state meets "$name": $expected', ({ state, name, expected }) => {
    expect(shown(messages[name]!(given.aTenant(state)))).toBe(expected);
  });

  it.each([
    ['requested', 'ready', given.readyReply()],
    ['releasing', 'released', given.releasedReply()],
    ['requested', 'ready', given.unsubscribed(6, 'provisioning')],
    ['failed', 'ready', given.unsubscribed(6, 'provisioning')],
  ] as const)('that is %s awaits no %s any more: a reminder that has died calls nobody', (state, goal, message) => {
    const { effects } = about(message)(given.aTenant(state));
    const key = `${goal === 'ready' ? 'tenant' : 'release'}:${given.subscriptionId}`;
    expect(effects).toContainEqual(expect.objectContaining({ overtaken: 'remind-product', key }));
  });

  it('is made at once by the adapter none, which asks nobody', () => {
    const outcome = given.decide(undefined, given.sent(given.aRequest()), given.someTerms({ adapter: 'none' }));
    expect(shown(outcome)).toBe('ready tenant-provisioned');
    expect(outcome).toMatchObject({ effects: [{ data: { adapter: 'none', tenantReference: null, version: 2 } }] });
  });

  it('of the adapter none is not asked back from anybody', () => {
    const tenant = given.aTenant('ready', { order: given.anOrder({ adapter: 'none' }) });
    expect(shown(about(given.unsubscribed(6, 'activating'))(tenant))).toBe('ended');
  });

  it('keeps the adapter that it began with, whatever is configured since', () => {
    const tenant = given.aTenant('ready');
    const outcome = given.decide(tenant, given.sent(given.unsubscribed(6, 'activating')), given.someTerms({ adapter: 'none' }));
    expect(shown(outcome)).toBe(takeBack);
  });

  it('is asked for under the id of the message that asked, so that a repetition asks for the same', () => {
    const outcome = given.decide(undefined, given.sent(given.aRequest(), given.requestId), terms);
    const [asked, reminder] = outcome.effects;
    expect(asked).toMatchObject({
      key: given.subscriptionId,
      data: { requestId: given.requestId, planId: 'silver', isLocked: false, version: 2 },
    });
    expect(reminder).toMatchObject({ key: `tenant:${given.subscriptionId}`, payload: { requestId: given.requestId, attempts: 1 } });
  });

  it('drops an answer to another request, whatever its state', () => {
    const foreign = about(given.readyReply({ requestId: '00000000-0000-4000-8000-000000000000' }));
    for (const state of tenantStates) expect(foreign(given.aTenant(state))).toMatchObject({ kind: 'ignored' });
    expect(foreign(undefined)).toMatchObject({ kind: 'ignored', reason: 'no tenant was asked for' });
  });
});

describe('the two topics may be read in any order:', () => {
  interface Course {
    readonly change?: TenantChange;
    readonly steps: readonly string[];
  }
  const after = (...decisions: Decision[]) => decisions.reduce<Course>(next, { steps: [] });
  const next = ({ change, steps }: Course, decision: Decision): Course => {
    const outcome = decision(change);
    return { change: outcome.kind === 'changed' ? outcome.state : change, steps: [...steps, shown(outcome)] };
  };

  it('a request older than an unsubscribe that was read first is dropped', () => {
    expect(after(about(given.unsubscribed(3, 'provisioning')), request(2)).steps).toEqual(['ended', '-']);
  });

  it('an unsubscribe read after its request takes back what is in flight (rule 3)', () => {
    const { steps } = after(request(2), about(given.unsubscribed(3, 'provisioning')), about(given.releasedReply()));
    expect(steps.slice(0, 2)).toEqual([askFor, takeBack]);
  });

  it('a suspension read before its request still makes the tenant locked (rule 11)', () => {
    const { change } = after(about(given.suspended(3)), request(2));
    expect(change?.tenant).toMatchObject({ state: 'requested', isLocked: true, version: 3 });
  });

  it('a suspension while the tenant is being made tells the product at once, in the same request (rule 11)', () => {
    const outcome = about(given.suspended(6))(given.aTenant('requested'));
    expect(outcome.effects).toMatchObject([{ data: { requestId: given.requestId, isLocked: true, version: 6 } }]);
  });

  it('an older suspension does not lock what was reinstated since', () => {
    expect(after(request(2), about(given.reinstated(7)), about(given.suspended(5))).change?.tenant).toMatchObject({
      isLocked: false,
      version: 7,
    });
  });

  it('a request of a suspended subscription makes the tenant locked', () => {
    const outcome = given.decide(undefined, given.sent(given.aRequest({ status: 'Suspended' })), terms);
    expect(outcome.effects[0]).toMatchObject({ data: { isLocked: true } });
  });
});
