import * as given from '../testing/subscription.builders';
import { aRead, at, changeOf, copyLagMs, decide, emitted, eventOf, loaded, orders, subscriptionOf } from '../testing/subscription.builders';

const gold = { action: 'ChangePlan', planId: 'gold' } as const;
const other = '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13';
const open = () => changeOf(decide(loaded(), given.verified(gold)));

describe('rule 4: Succeeded has happened, in the order of timeStamp', () => {
  it('the target counts at once, whatever a copy shows, and no read takes it back', () => {
    const outcome = decide(open(), given.settled(gold));
    expect(emitted(outcome)).toEqual(['plan-changed']);
    expect(emitted(decide(changeOf(outcome), given.observed(aRead(90))))).toEqual([]);
  });

  it('is told once', () => {
    const after = changeOf(decide(open(), given.settled(gold)));
    expect(decide(after, given.settled(gold)).kind).toBe('ignored');
  });

  it('one that was seen only after it had ended counts while it is fresh', () => {
    expect(emitted(decide(loaded(), given.verified({ ...gold, operationStatus: 'Succeeded' })))).toContain('plan-changed');
  });

  it('one that comes late says nothing before a closing read has decided', () => {
    const late = given.verified({ ...gold, operationStatus: 'Succeeded', timeStamp: at(18), operationDate: at(400), read: aRead(400) });
    const outcome = decide(loaded(), late);
    expect(emitted(outcome)).toEqual(['operation-decided']);
    expect(orders(outcome)).toMatchObject([{ afterMs: copyLagMs, members: ['plan'] }]);
    const closing = given.ordered(aRead(560, { planId: 'gold' }), orders(outcome)[0]!);
    const decided = decide(changeOf(outcome), closing);
    expect(eventOf(decided, 'plan-changed')['cause']).toMatchObject({ operationId: given.operationId });
  });

  it('one that is older than what the record stands on is history only', () => {
    const platinum = given.verified({ ...gold, planId: 'platinum', operationId: other, timeStamp: at(19), operationStatus: 'Succeeded' });
    const newer = changeOf(decide(loaded(), platinum));
    const outcome = decide(newer, given.verified({ ...gold, operationStatus: 'Succeeded', timeStamp: at(18), read: null }));
    expect(emitted(outcome)).toEqual(['operation-decided']);
    expect(orders(outcome)).toEqual([]);
    expect(subscriptionOf(outcome).planId).toBe('platinum');
  });

  it('a change that a suspension has overtaken is in doubt: the status in the same answer is taken first', () => {
    const outcome = decide(open(), given.settled({ ...gold, read: aRead(30, { status: 'Suspended' }) }));
    expect(emitted(outcome)).toEqual(['suspended']);
    expect(subscriptionOf(outcome).planId).toBe('silver');
    expect(orders(outcome)).toMatchObject([{ members: expect.arrayContaining(['status', 'plan']) }]);
  });

  it('Unsubscribe Succeeded always counts', () => {
    const late = { action: 'Unsubscribe', operationStatus: 'Succeeded', operationDate: at(9_000), read: null } as const;
    expect(emitted(decide(loaded(), given.verified(late)))).toEqual(['operation-decided', 'unsubscribed']);
  });

  it('one in doubt whose member is shut has a read of its own: the one that opens the member may be too early for it', () => {
    const shut = decide(loaded(), given.verified({ ...gold, timeStamp: at(12), operationStatus: 'Succeeded' }));
    const later = { action: 'ChangePlan', planId: 'platinum', operationId: other, timeStamp: at(22) } as const;
    const seen = decide(changeOf(shut), given.verified({ ...later, operationDate: at(25), read: null }));
    const ended = decide(changeOf(seen), given.settled({ ...later, operationDate: at(60), read: aRead(60, { status: 'Suspended' }) }));
    expect(orders(ended)).toMatchObject([{ afterMs: copyLagMs, members: expect.arrayContaining(['status', 'plan']) }]);
    const stale = given.ordered(aRead(170, { status: 'Suspended', planId: 'gold' }), orders(shut)[0]!);
    const own = given.ordered(aRead(210, { status: 'Suspended', planId: 'platinum' }), orders(ended)[0]!);
    expect(emitted(decide(changeOf(decide(changeOf(ended), stale)), own))).toEqual(['plan-changed']);
  });

  it('one whose timeStamp nobody names is in doubt', () => {
    const outcome = decide(loaded(), given.verified({ ...gold, operationStatus: 'Succeeded', timeStamp: null }));
    expect(emitted(outcome)).toEqual(['operation-decided']);
    expect(orders(outcome)).toMatchObject([{ members: ['plan'] }]);
  });

  it('one that takes a refused change back makes nothing: a read shows what holds', () => {
    const revert = { ...gold, operationStatus: 'Succeeded', isRevert: true, read: null } as const;
    const outcome = decide(loaded(), given.verified(revert));
    expect(emitted(outcome)).toEqual(['operation-decided']);
    const closing = given.ordered(aRead(170, { planId: 'gold' }), orders(outcome)[0]!);
    expect(eventOf(decide(changeOf(outcome), closing), 'plan-changed')['cause']).toEqual({ source: 'observed' });
  });

  it.each(['Failed', 'Conflict'] as const)('%s changes nothing', (settled) => {
    expect(emitted(decide(open(), given.settled({ ...gold, settled })))).toEqual([]);
  });
});

describe('rule 5: an operation that is not shown ends with a closing read', () => {
  it.each(['Vanished', 'Stuck'] as const)('%s: when no copy can lag, what it shows is the record', (settled) => {
    const outcome = decide(open(), given.settled({ ...gold, settled }));
    expect(emitted(outcome)).toEqual([]);
    expect(orders(outcome)).toMatchObject([{ afterMs: copyLagMs, members: ['plan'] }]);
    const shown = decide(changeOf(outcome), given.ordered(aRead(200, { planId: 'gold' }), orders(outcome)[0]!));
    expect(eventOf(shown, 'plan-changed')['cause']).toMatchObject({ operationId: given.operationId });
  });

  it('Invisible: it is read at once, and that opens no member which has just changed', () => {
    const justChanged = changeOf(decide(open(), given.settled(gold)));
    const platinum = { ...gold, planId: 'platinum', operationId: other, seenOpenAt: null };
    const invisible = decide(justChanged, given.settled({ ...platinum, settled: 'Invisible', read: null }));
    expect(orders(invisible)).toMatchObject([{ afterMs: 0, members: ['plan'], closes: [] }]);
    const stale = [40, 45, 50].map((second) => given.observed(aRead(second)));
    const closing = decide(changeOf(invisible), given.ordered(aRead(35), orders(invisible)[0]!));
    expect(stale.reduce((before, read) => decide(changeOf(before), read), closing)).toMatchObject({
      state: { subscription: { planId: 'gold' } },
    });
  });

  it.each(['Vanished', 'Stuck', 'Invisible'] as const)('%s: what Microsoft shows of it later is news', (settled) => {
    const givenUp = changeOf(decide(open(), given.settled({ ...gold, settled })));
    expect(emitted(decide(givenUp, given.settled(gold)))).toEqual(['plan-changed']);
    expect(emitted(decide(givenUp, given.verified({ ...gold, operationStatus: 'Succeeded' })))).toEqual(['plan-changed']);
    expect(decide(changeOf(decide(givenUp, given.settled(gold))), given.settled(gold)).kind).toBe('ignored');
    const invisible = changeOf(decide(loaded(), given.settled({ ...gold, settled, seenOpenAt: null, operationDate: null })));
    expect(emitted(decide(invisible, given.verified({ ...gold, operationStatus: 'Succeeded' })))).toEqual([
      'operation-decided',
      'plan-changed',
    ]);
  });

  it('one without an effect explains nothing any more', () => {
    const announced = changeOf(decide(loaded(), given.announced(gold)));
    const invisible = decide(announced, given.settled({ ...gold, settled: 'Invisible', seenOpenAt: null, operationDate: null }));
    const closed = changeOf(decide(changeOf(invisible), given.ordered(aRead(170), orders(invisible)[0]!)));
    const outcome = decide(closed, given.observed(aRead(500, { planId: 'gold' }), 'webhook'));
    expect(eventOf(outcome, 'plan-changed')['cause']).toEqual({ source: 'observed' });
  });
});
