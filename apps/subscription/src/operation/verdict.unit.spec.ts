import { emptyCatalog } from '@landfall/contracts';
import * as given from '../testing/subscription.builders';
import { aCatalog, aRead, at, changeOf, decide, emitted, eventOf, inForce, loaded, subscriptionOf } from '../testing/subscription.builders';

const toSilver = { action: 'ChangePlan', planId: 'silver' };
const toGold = { action: 'ChangePlan', planId: 'gold' };
const onGold = () => loaded({ planId: 'gold' });
const read = (second: number) => aRead(second, { planId: 'gold' });
const down = (more: object = {}) => given.verified({ ...toSilver, read: read(20), ...more });
const verdictOf = (outcome: ReturnType<typeof decide>) => eventOf(outcome, 'operation-decided');
const remarksOf = (outcome: ReturnType<typeof decide>) => changeOf(outcome).remarks.map(({ kind }) => kind);

beforeEach(() => void (inForce.current = aCatalog()));
afterEach(() => void (inForce.current = emptyCatalog));

describe('rule 7: only ChangePlan and ChangeQuantity can be refused, and only by a rule', () => {
  it('a step down is refused with the reason for the customer, and kept with the operation', () => {
    const outcome = decide(onGold(), down());
    const reason = expect.stringContaining('from “Gold” down to “Silver”');
    expect(emitted(outcome)).toEqual(['operation-decided']);
    expect(verdictOf(outcome)).toMatchObject({ verdict: 'refused', reason });
    expect(changeOf(outcome).operations).toMatchObject([{ verdict: 'refused', reason, decidedBy: 'catalog' }]);
  });

  it('it is said for the registration through which Microsoft showed the operation, kept with it, and anew where it is another one in the end', () => {
    const elsewhere = changeOf(decide(onGold(), down({ registration: 'fabrikam' })));
    expect(elsewhere.operations).toMatchObject([{ registration: 'fabrikam', verdict: 'refused' }]);
    const givenUp = changeOf(decide(elsewhere, given.settled({ ...toSilver, settled: 'Vanished', registration: 'fabrikam', read: null })));
    for (const before of [elsewhere, givenUp]) {
      const after = decide(before, down({ read: null }));
      expect([emitted(after), verdictOf(after)]).toMatchObject([['operation-decided'], { registration: 'default', verdict: 'refused' }]);
      expect(changeOf(after).operations).toMatchObject([{ registration: 'default', verdict: 'refused' }]);
      expect(decide(changeOf(after), down({ read: null })).kind).toBe('ignored');
    }
  });

  it('more seats than the plan has are refused', () => {
    const outcome = decide(loaded(), given.verified({ action: 'ChangeQuantity', quantity: 51 }));
    expect(verdictOf(outcome)).toMatchObject({ verdict: 'refused', reason: expect.stringContaining('at most 50 seats') });
  });

  it('what no rule is against is accepted', () => {
    const outcome = decide(loaded(), given.verified(toGold));
    expect(verdictOf(outcome)).toMatchObject({ verdict: 'accepted', reason: null });
    expect(changeOf(outcome).operations).toMatchObject([{ verdict: 'accepted', decidedBy: 'catalog' }]);
  });

  it.each<[string, ReturnType<typeof loaded>, ReturnType<typeof down>]>([
    ['our own request', onGold(), down({ source: 'Partner' })],
    ['a change to what the record has', loaded(), given.verified(toSilver)],
    ['a change that names no target', onGold(), down({ planId: null })],
    ['seats of a flat rate', loaded({ quantity: null }), given.verified({ action: 'ChangeQuantity', quantity: 51, read: null })],
    ['a change after the end', loaded({ planId: 'gold', status: 'Unsubscribed', access: 'ended' }), down({ read: null })],
    ...['Suspend', 'Reinstate', 'Renew', 'Unsubscribe', 'Subscribe', 'Transfer'].map(
      (action) =>
        [`the fact ${action}`, onGold(), down({ action, planId: null })] as [string, ReturnType<typeof loaded>, ReturnType<typeof down>],
    ),
  ])('%s is accepted before any rule', (_what, record, message) => {
    const outcome = decide(record, message);
    expect(verdictOf(outcome)).toMatchObject({ verdict: 'accepted', reason: null });
    expect(changeOf(outcome).operations).toMatchObject([{ verdict: 'accepted', decidedBy: null }]);
    expect(remarksOf(outcome)).toEqual([]);
  });

  it('a revert is accepted before any rule where it takes a refusal back, and a payload alone makes none', () => {
    const another = '3f2b8a64-0a3c-4c0e-9d5b-6f6f0d9c5a11';
    const refused = changeOf(decide(onGold(), down({ operationId: another })));
    expect(verdictOf(decide(refused, down({ isRevert: true, read: null })))).toMatchObject({ verdict: 'accepted' });
    expect(verdictOf(decide(onGold(), down({ isRevert: true })))).toMatchObject({ verdict: 'refused' });
  });

  it('is judged by the plan that was read beside the operation', () => {
    expect(verdictOf(decide(loaded({ planId: 'bronze' }), down()))).toMatchObject({ verdict: 'refused' });
    expect(verdictOf(decide(onGold(), down({ read: aRead(20, { planId: 'silver' }) })))).toMatchObject({ verdict: 'accepted' });
  });
});

describe('rule 6: what the catalog does not name is never acted upon', () => {
  it.each([
    ['offer', () => emptyCatalog, toSilver],
    ['plan', () => aCatalog(), { action: 'ChangePlan', planId: 'platinum' }],
  ])('a change of an %s that it does not name is accepted, and operators read why', (_what, catalog, change) => {
    inForce.current = catalog();
    const outcome = decide(onGold(), down(change));
    expect(verdictOf(outcome)).toMatchObject({ verdict: 'accepted' });
    expect(changeOf(outcome).operations).toMatchObject([{ decidedBy: null }]);
    expect(changeOf(outcome).remarks).toMatchObject([{ kind: 'not-named', words: expect.stringContaining('does not name plan') }]);
  });
});

describe('rule 8: a refusal is what the operation’s end says', () => {
  const refused = () => changeOf(decide(onGold(), down()));
  const ended = (end: object) => decide(refused(), given.settled({ ...toSilver, read: read(30), ...end }));

  it('Failed: it is public, with what was refused, why, and by which operation', () => {
    const outcome = ended({ settled: 'Failed' });
    expect(emitted(outcome)).toEqual(['change-refused']);
    expect(eventOf(outcome, 'change-refused')).toMatchObject({
      refused: { action: 'ChangePlan', planId: 'silver', quantity: null },
      reason: expect.stringContaining('down to “Silver”'),
      planId: 'gold',
      cause: { source: 'webhook', operationId: given.operationId },
      effectiveAt: null,
      effectiveBetween: { from: at(18), to: at(30) },
    });
    expect(subscriptionOf(outcome)).toMatchObject({ version: 5, sequence: 5 });
    expect(decide(changeOf(outcome), given.settled({ ...toSilver, settled: 'Failed' })).kind).toBe('ignored');
  });

  it('Succeeded: the change is told as overruled, whatever a copy shows, and alarmed', () => {
    const outcome = ended({ settled: 'Succeeded' });
    expect(emitted(outcome)).toEqual(['plan-changed']);
    expect(eventOf(outcome, 'plan-changed')).toMatchObject({ overruled: true, current: { planId: 'silver' } });
    expect(changeOf(outcome).remarks).toMatchObject([{ kind: 'overruled', words: expect.stringContaining('ChangePlan to silver') }]);
  });

  it('so is a change of seats', () => {
    const seats = { action: 'ChangeQuantity', quantity: 51 };
    const outcome = decide(changeOf(decide(loaded(), given.verified(seats))), given.settled(seats));
    expect(eventOf(outcome, 'quantity-changed')).toMatchObject({ overruled: true });
  });

  it('a read that shows it first tells it as overruled, and the end then tells nothing twice', () => {
    const shown = decide(refused(), given.observed(aRead(25, { planId: 'silver' })));
    expect(eventOf(shown, 'plan-changed')).toMatchObject({ overruled: true });
    const outcome = decide(changeOf(shown), given.settled({ ...toSilver, read: aRead(30, { planId: 'silver' }) }));
    expect(emitted(outcome)).toEqual([]);
    expect(remarksOf(outcome)).toEqual(['overruled']);
  });

  it.each(['Vanished', 'Stuck', 'Invisible'] as const)('%s: a closing read decides, and nothing is public before', (settled) => {
    const outcome = ended({ settled });
    expect(emitted(outcome)).toEqual([]);
    expect(given.orders(outcome)).toMatchObject([{ members: ['plan'] }]);
  });

  it('is not public before Microsoft says Failed, also where reads show the plan unchanged', () => {
    expect(emitted(decide(refused(), given.observed(read(29))))).toEqual([]);
    expect(emitted(ended({ settled: 'Conflict' }))).toEqual([]);
  });

  it('a change that fails without a refusal of ours is not public', () => {
    const open = changeOf(decide(loaded(), given.verified(toGold)));
    expect(emitted(decide(open, given.settled({ ...toGold, settled: 'Failed' })))).toEqual([]);
  });

  it('the revert that follows explains nothing and is accepted', () => {
    const failed = changeOf(ended({ settled: 'Failed' }));
    const revert = { operationId: '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13', ...toGold, isRevert: true, timeStamp: at(31), read: read(32) };
    const open = decide(failed, given.verified({ ...revert, operationDate: at(32) }));
    expect(emitted(open)).toEqual(['operation-decided']);
    expect(emitted(decide(changeOf(open), given.settled({ ...revert, operationDate: at(34), read: read(34) })))).toEqual([]);
  });
});

describe('where the product has a say', () => {
  beforeEach(() => void (inForce.current = aCatalog({ veto: { url: 'https://product.example/veto', whenSilent: 'accept' } })));

  it('it is asked about what no rule is against, and nothing is decided meanwhile', () => {
    const outcome = decide(loaded(), given.verified(toGold));
    expect(emitted(outcome)).toEqual(['job ask-product']);
    expect(changeOf(outcome).operations).toMatchObject([{ status: 'InProgress', verdict: null }]);
  });

  it.each([
    ['to a plan', loaded(), { action: 'ChangePlan', planId: 'platinum' }],
    ['from a plan', loaded({ planId: 'platinum' }), toSilver],
    ['of seats of a plan', loaded({ planId: 'platinum' }), { action: 'ChangeQuantity', quantity: 12 }],
  ])('it is asked also about a change %s that the catalog does not name: its say is in the whole offer', (_what, record, change) => {
    const outcome = decide(record, given.verified({ ...change, read: null }));
    expect(emitted(outcome)).toEqual(['job ask-product']);
    expect(remarksOf(outcome)).toEqual([]);
  });

  it('with the end of the subscription no question to the product is of use any more, so that a dead one calls nobody (rule 3)', () => {
    const asked = changeOf(decide(onGold(), given.verified({ ...toSilver, read: read(20) })));
    const ended = decide(asked, given.observed(aRead(30, { status: 'Unsubscribed', planId: 'gold' })));
    expect(ended.effects).toContainEqual(expect.objectContaining({ overtaken: 'ask-product', key: `veto:${given.subscriptionId}` }));
  });

  it('a change that has ended is accepted without asking, and counted', () => {
    const outcome = decide(loaded(), given.verified({ ...toGold, operationStatus: 'Succeeded' }));
    expect(emitted(outcome)).toEqual(['operation-decided', 'plan-changed']);
    expect(remarksOf(outcome)).toEqual(['ended-before-verdict']);
  });

  it.each(['Succeeded', 'Failed', 'Vanished'] as const)(
    'one that ends as %s while it is asked is released as accepted, and counted',
    (end) => {
      const outcome = decide(changeOf(decide(loaded(), given.verified(toGold))), given.settled({ ...toGold, settled: end }));
      expect(emitted(outcome)).toEqual(['operation-decided', ...(end === 'Succeeded' ? ['plan-changed'] : [])]);
      expect(verdictOf(outcome)).toMatchObject({ verdict: 'accepted' });
      expect(remarksOf(outcome)).toEqual(['ended-while-asked']);
    },
  );

  it('our own request and what changes nothing wait for nobody', () => {
    const asked = changeOf(decide(loaded(), given.verified(toGold)));
    const other = { operationId: '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13', action: 'ChangeQuantity', quantity: 12 };
    for (const more of [{ source: 'Partner' }, { quantity: 10 }])
      expect(emitted(decide(asked, given.verified({ ...other, ...more })))).toEqual(['operation-decided']);
    expect(emitted(decide(asked, given.verified(other)))).toEqual(['job ask-product']);
  });
});

describe('Microsoft may decide before us', () => {
  it.each(['Succeeded', 'Failed'] as const)(
    'one that is first seen as %s is not refused; that a rule would have is counted',
    (operationStatus) => {
      const outcome = decide(onGold(), down({ operationStatus }));
      expect(verdictOf(outcome)).toMatchObject({ verdict: 'accepted' });
      expect(emitted(outcome)).not.toContain('change-refused');
      expect(remarksOf(outcome)).toEqual(['ended-before-verdict']);
      if (operationStatus === 'Succeeded') expect(eventOf(outcome, 'plan-changed')).not.toHaveProperty('overruled');
    },
  );

  it('one that no rule is against is not counted', () => {
    expect(remarksOf(decide(loaded(), given.verified({ ...toGold, operationStatus: 'Succeeded' })))).toEqual([]);
  });
});
