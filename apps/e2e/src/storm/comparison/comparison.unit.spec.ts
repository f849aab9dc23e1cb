import { differencesOf } from './comparison';
import type { AnnouncedEvent, Members, MicrosoftSide, OurSide } from './sides';
import type { MicrosoftOperation } from './member.history';

/** An instant so many seconds after the purchase. */
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const in30Days = (instant: string) => new Date(Date.parse(instant) + 30 * 86_400_000).toISOString();

const silver5 = { status: 'Subscribed', planId: 'silver', quantity: 5 };

let count = 0;
beforeEach(() => (count = 0));

function anOperation(action: string, seconds: number, change: Partial<MicrosoftOperation> = {}): MicrosoftOperation {
  const endsAt = action === 'Suspend' || action === 'Renew' ? at(seconds) : at(seconds + 2);
  const usual = {
    id: `o-${++count}`,
    action,
    status: 'Succeeded',
    planId: 'silver',
    quantity: 5,
    timeStamp: at(seconds),
    settledAt: endsAt,
    receivedAt: at(seconds + 1),
    isHidden: false,
    isRefusedByUs: false,
  };
  return { ...usual, ...change };
}

function microsoft(members: Members, operations: MicrosoftOperation[], change: Partial<MicrosoftSide> = {}): MicrosoftSide {
  const purchase = { bought: { planId: 'silver', quantity: 5 }, isReviewed: false, decision: null, activateCalls: 1 };
  return { subscriptionId: 's', members, ...purchase, operations, learntWithinMs: 20_000, ...change };
}

/** Events in their order, each with what it changes; the first two are the purchase and its activation. */
function events(...changes: (Partial<AnnouncedEvent> & { kind: string })[]): AnnouncedEvent[] {
  let members: Members = { ...silver5, status: 'PendingFulfillmentStart' };
  return [{ kind: 'purchased' }, { kind: 'activated', members: silver5 }, ...changes].map((change: Partial<AnnouncedEvent>, index) => {
    members = { ...members, ...change.members };
    const usual = {
      id: `e-${index + 1}`,
      kind: '',
      sequence: index + 1,
      effectiveAt: null,
      overruled: false,
      effectiveBetween: null,
      graceEndsAt: null,
      operationId: null,
      requestId: null,
    };
    return { ...usual, ...change, members };
  });
}

function compared(side: MicrosoftSide, said: AnnouncedEvent[], other: Partial<OurSide> = {}) {
  const last = said.at(-1)?.members ?? null;
  const product = { requests: 1, made: 1, hasTenant: true };
  return differencesOf(side, { events: said, snapshot: last, record: last, folded: {}, kept: {}, requests: [], product, ...other }).map(
    ({ kind, detail }) => `${kind}: ${detail}`,
  );
}

const suspended = (seconds: number) => ({
  kind: 'suspended',
  members: { status: 'Suspended' },
  effectiveAt: at(seconds),
  graceEndsAt: in30Days(at(seconds)),
});
const reinstated = { kind: 'reinstated', members: { status: 'Subscribed' } };

describe('the comparison at rest', () => {
  it('finds nothing where both sides agree, though we saw only some of the values', () => {
    const operations = [
      anOperation('ChangePlan', 10, { planId: 'gold' }),
      anOperation('ChangePlan', 20, { planId: 'platinum' }),
      anOperation('ChangeQuantity', 30, { quantity: 9, status: 'Failed' }),
      anOperation('Suspend', 40),
      anOperation('Reinstate', 50),
    ];
    const said = events({ kind: 'plan-changed', members: { planId: 'platinum' } }, suspended(40), reinstated);
    expect(compared(microsoft({ ...silver5, planId: 'platinum' }, operations), said)).toEqual([]);
  });

  it('finds a member that differs, in the last event, the snapshot and the record each', () => {
    const side = microsoft({ ...silver5, planId: 'gold' }, [anOperation('ChangePlan', 10, { planId: 'gold' })]);
    const gold = events({ kind: 'plan-changed', members: { planId: 'gold' } });
    expect(compared(side, events())).toEqual([
      'differs at rest: the last event has planId silver, Microsoft gold',
      'differs at rest: the snapshot has planId silver, Microsoft gold',
      'differs at rest: the record has planId silver, Microsoft gold',
    ]);
    expect(compared(side, gold, { snapshot: silver5 })).toEqual(['differs at rest: the snapshot has planId silver, Microsoft gold']);
    expect(compared(side, gold, { record: null })).toEqual(['differs at rest: the record is not there']);
  });

  it('finds a member that we do not tell at all', () => {
    expect(compared(microsoft({ ...silver5, autoRenew: true }, []), events())).toContain(
      'differs at rest: the last event has autoRenew null, Microsoft true',
    );
  });

  it('finds what the record has and a product that folds the topic has not', () => {
    const kept = { stage: '"done"', term: '{"termUnit":"P1M"}' };
    expect(compared(microsoft(silver5, []), events(), { kept, folded: kept })).toEqual([]);
    expect(compared(microsoft(silver5, []), events(), { kept, folded: { ...kept, stage: '"activating"' } })).toEqual([
      'not in the fold: the record has stage "done", the newest public event "activating"',
    ]);
  });

  it('finds that nothing was announced', () => {
    expect(compared(microsoft(silver5, []), [])).toContain('differs at rest: the last event is not there');
  });
});

describe('the comparison of the order', () => {
  const change = { kind: 'plan-changed', members: { planId: 'gold' } };
  const side = () => microsoft({ ...silver5, planId: 'gold' }, [anOperation('ChangePlan', 10, { planId: 'gold' })]);

  it('takes an event that came twice for one', () => {
    const said = events(change);
    expect(compared(side(), [...said, ...said])).toEqual([]);
  });

  it.each([
    ['a gap', [1, 2, 4], 'event 3 of the topic, plan-changed, has sequence 4'],
    ['a number that two events have', [1, 2, 2], 'event 3 of the topic, plan-changed, has sequence 2'],
    ['events that have changed places', [2, 1, 3], 'event 1 of the topic, purchased, has sequence 2'],
  ])('finds %s', (_, sequences, detail) => {
    const said = events(change).map((event, index) => ({ ...event, sequence: sequences[index]! }));
    expect(compared(side(), said)).toEqual([`out of sequence: ${detail}`]);
  });
});

describe('the comparison with what was true at Microsoft', () => {
  it('finds a change that is taken back, though it is announced once more and right at rest', () => {
    const side = microsoft({ ...silver5, planId: 'gold' }, [anOperation('ChangePlan', 10, { planId: 'gold' })]);
    const [gold, silver] = ['gold', 'silver'].map((planId) => ({ kind: 'plan-changed', members: { planId } }));
    expect(compared(side, events(gold!, silver!, gold!))).toEqual([
      'took back what was true: plan-changed #4 says planId silver after silver, gold; at Microsoft it was silver, gold',
    ]);
  });

  it('takes a value that comes again for true where Microsoft had it again', () => {
    const operations = [anOperation('ChangeQuantity', 10, { quantity: 7 }), anOperation('ChangeQuantity', 20, { quantity: 5 })];
    const said = events({ kind: 'quantity-changed', members: { quantity: 7 } }, { kind: 'quantity-changed', members: { quantity: 5 } });
    expect(compared(microsoft(silver5, operations), said)).toEqual([]);
  });

  it('finds a value that Microsoft never had: of a change that failed, or is open', () => {
    const side = microsoft(silver5, [anOperation('ChangeQuantity', 10, { quantity: 9, status: 'Failed' })]);
    const said = events({ kind: 'quantity-changed', members: { quantity: 9 } }, { kind: 'updated', members: { quantity: 5 } });
    expect(compared(side, said)).toEqual(['took back what was true: quantity-changed #3 says quantity 9 after 5; at Microsoft it was 5']);
  });

  it('finds an access that was given back by an old read, and a subscription that lives again', () => {
    const stillSuspended = microsoft({ ...silver5, status: 'Suspended' }, [anOperation('Suspend', 40)]);
    expect(compared(stillSuspended, events(suspended(40), reinstated, suspended(40)))).toEqual([
      expect.stringMatching(/^took back what was true: reinstated #4 says status Subscribed/),
    ]);
    const between = {
      kind: 'updated',
      members: { status: 'Suspended' },
      operationId: 'again',
      effectiveAt: at(60),
      graceEndsAt: in30Days(at(60)),
    };
    const twice = [anOperation('Suspend', 40), anOperation('Reinstate', 50), anOperation('Suspend', 60, { id: 'again' })];
    const told = events(suspended(40), between, reinstated, suspended(60));
    expect(compared(microsoft({ ...silver5, status: 'Suspended' }, twice), told)).toEqual([
      expect.stringMatching(/^took back what was true: reinstated #5 says status Subscribed after/), // it was so before the second one began
    ]);
    const ended = microsoft({ ...silver5, status: 'Unsubscribed' }, [anOperation('Unsubscribe', 40)]);
    const end = { kind: 'unsubscribed', members: { status: 'Unsubscribed' } };
    expect(compared(ended, events(end, reinstated, end))).toEqual([
      expect.stringMatching(/^took back what was true: reinstated #4/),
      'told twice: unsubscribed again as #5',
    ]);
  });
});

describe('the comparison of refusals', () => {
  const refused = { kind: 'change-refused', operationId: 'o' };
  const overruled = { kind: 'plan-changed', members: { planId: 'gold' }, overruled: true, operationId: 'o' };
  const asked = (status: string) => [anOperation('ChangePlan', 10, { id: 'o', planId: 'gold', status })];

  it('finds one that Microsoft does not show, or that is told twice, and what was overruled and is not done', () => {
    const gold = microsoft({ ...silver5, planId: 'gold' }, asked('Succeeded'));
    expect(compared(microsoft(silver5, asked('Failed')), events(refused))).toEqual([]);
    expect(compared(gold, events(overruled))).toEqual([]);
    expect(compared(microsoft(silver5, asked('Failed')), events(refused, refused))).toEqual([
      'untrue refusal: change-refused #4 names an operation that is Failed, again',
    ]);
    expect(compared(gold, events(refused, overruled))).toEqual(['untrue refusal: change-refused #3 names an operation that is Succeeded']);
  });
});

describe('the comparison of the dates of a suspension', () => {
  const side = (change: Partial<MicrosoftOperation> = {}) =>
    microsoft({ ...silver5, status: 'Suspended' }, [anOperation('Suspend', 40, change)]);
  const undated = {
    kind: 'suspended',
    members: { status: 'Suspended' },
    effectiveBetween: { from: at(10), to: at(60) },
    graceEndsAt: in30Days(at(10)),
  };

  it('finds that graceEndsAt is nowhere', () => {
    expect(compared(side(), events({ ...suspended(40), graceEndsAt: null }))).toEqual([
      'suspended without a date: suspended #3 has no graceEndsAt, and nothing that follows tells it',
    ]);
  });

  it('finds that effectiveAt is missing where Microsoft showed the operation, and not where it never did', () => {
    expect(compared(side(), events(undated))).toEqual([
      'suspended without a date: suspended #3 has no effectiveAt, although Microsoft showed o-1',
    ]);
    expect(compared(side({ isHidden: true }), events(undated))).toEqual([]);
  });

  it('takes a date that an explanation tells before the suspension ends, and none that comes after it', () => {
    const explained = { kind: 'updated', effectiveAt: at(40), graceEndsAt: in30Days(at(40)) };
    expect(compared(side(), events(undated, explained))).toEqual([]);
    const operations = [anOperation('Suspend', 40), anOperation('Reinstate', 100)];
    expect(compared(microsoft(silver5, operations), events(undated, reinstated, explained))).toHaveLength(1);
  });

  it('asks for no date of a suspension whose webhook came when it was over, or so late that nobody could know', () => {
    const ended = (receivedAt: string | null) =>
      microsoft(silver5, [anOperation('Suspend', 40, { receivedAt }), anOperation('Reinstate', 100)]);
    const said = events(undated, reinstated);
    for (const receivedAt of [null, at(130), at(90)]) expect(compared(ended(receivedAt), said)).toEqual([]);
    expect(compared(ended(at(60)), said)).toEqual([expect.stringMatching(/^suspended without a date: suspended #3 has no effectiveAt/)]);
  });

  it('finds that even the interval is missing', () => {
    expect(compared(side({ isHidden: true }), events({ ...undated, effectiveBetween: null }))).toEqual([
      'suspended without a date: suspended #3 has neither effectiveAt nor effectiveBetween',
    ]);
  });

  it("finds a date that is not Microsoft's, and a grace that is not thirty days", () => {
    expect(compared(side(), events(suspended(41)))).toEqual([expect.stringMatching(/^untrue date: suspended #3 has effectiveAt/)]);
    expect(compared(side(), events({ ...suspended(40), graceEndsAt: in30Days(at(41)) }))).toEqual([
      expect.stringMatching(/^untrue date: suspended #3 has graceEndsAt/),
    ]);
  });
});

describe('the comparison of what was decided', () => {
  const failed = (change: Partial<MicrosoftOperation> = {}) => [
    anOperation('ChangePlan', 10, { id: 'o', planId: 'gold', status: 'Failed', isRefusedByUs: true, ...change }),
  ];
  const ended = { ...silver5, status: 'Unsubscribed' };

  it('finds a refusal of ours that was not told, unless nobody could see it or the subscription has ended', () => {
    expect(compared(microsoft(silver5, failed()), events())).toEqual(['untold refusal: the ChangePlan o that we refused has failed']);
    expect(compared(microsoft(silver5, failed({ isHidden: true })), events())).toEqual([]);
    expect(compared(microsoft(silver5, failed({ isRefusedByUs: false })), events())).toEqual([]);
    const unsubscribed = events({ kind: 'unsubscribed', members: { status: 'Unsubscribed' } });
    expect(compared(microsoft(ended, [...failed(), anOperation('Unsubscribe', 20)]), unsubscribed)).toEqual([]);
  });

  const waiting = { isReviewed: true, activateCalls: 0 };
  const pending = { ...silver5, status: 'PendingFulfillmentStart' };
  const cancelled = events().filter(({ kind }) => kind === 'purchased');

  it('finds what was activated or set up without an approval', () => {
    expect(compared(microsoft(pending, [], waiting), cancelled)).toEqual([]);
    expect(compared(microsoft(silver5, [], { ...waiting, activateCalls: 1 }), events())).toEqual([
      'untrue decision: nobody has approved it, and there is activated, activate',
    ]);
    expect(compared(microsoft(silver5, [], { ...waiting, activateCalls: 1, decision: 'approval' }), events())).toEqual([]);
  });

  it('finds a decision that came to nothing', () => {
    expect(compared(microsoft(pending, [], { ...waiting, decision: 'approval' }), cancelled)).toEqual([
      'untrue decision: it was approved, and Microsoft shows it as pending',
    ]);
    expect(compared(microsoft(pending, [], { ...waiting, decision: 'rejection' }), cancelled)).toEqual([
      'untrue decision: it was rejected, and Microsoft shows it as PendingFulfillmentStart',
    ]);
  });

  it('finds what happens once and is told twice', () => {
    expect(compared(microsoft(silver5, []), events({ kind: 'activated' }))).toEqual(['told twice: activated again as #3']);
  });
});
