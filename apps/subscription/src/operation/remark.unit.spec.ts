import { emptyCatalog } from '@landfall/contracts';
import * as given from '../testing/subscription.builders';
import { aCatalog, aRead, at, changeOf, decide, emitted, eventOf, inForce, loaded, orders } from '../testing/subscription.builders';

const toSilver = { action: 'ChangePlan', planId: 'silver' };
const toGold = { action: 'ChangePlan', planId: 'gold' };
const onGold = () => loaded({ planId: 'gold' });
const gold = (second: number) => aRead(second, { planId: 'gold' });
const silver = (second: number) => aRead(second, { planId: 'silver' });
/** What was told so far, and by the last decision. */
const told = (outcome: ReturnType<typeof decide>) => changeOf(outcome).remarks.map(({ kind }) => kind);
/** The closing read of an operation, as the record ordered it. */
const closed = (outcome: ReturnType<typeof decide>, read: ReturnType<typeof aRead>) => {
  const [order] = orders(outcome).filter(({ members }) => members.includes('plan'));
  return decide(changeOf(outcome), given.ordered(read, order!));
};

beforeEach(() => void (inForce.current = aCatalog()));
afterEach(() => void (inForce.current = emptyCatalog));

describe('what Microsoft did although we had refused it is told once, however it comes to light (rule 8)', () => {
  const refused = () => changeOf(decide(onGold(), given.verified({ ...toSilver, read: gold(20) })));

  it.each(['Vanished', 'Stuck', 'Invisible'] as const)('by the closing read, where its operation is %s', (settled) => {
    const ended = decide(refused(), given.settled({ ...toSilver, settled, read: gold(30) }));
    expect(told(ended)).toEqual([]);
    const outcome = closed(ended, silver(200));
    expect(eventOf(outcome, 'plan-changed')).toMatchObject({ overruled: true });
    expect(told(outcome)).toEqual(['overruled']);
    const succeeded = given.verified({ ...toSilver, operationStatus: 'Succeeded', operationDate: at(210), read: silver(210) });
    expect(told(decide(changeOf(outcome), succeeded))).toEqual(['overruled']);
  });

  it('by a read, also where the operation then vanishes', () => {
    const shown = decide(refused(), given.observed(silver(25)));
    expect(told(shown)).toEqual(['overruled']);
    expect(told(decide(changeOf(shown), given.settled({ ...toSilver, settled: 'Vanished', read: silver(30) })))).toEqual(['overruled']);
  });

  it('by its operation, which is shown again after it had vanished', () => {
    const vanished = changeOf(decide(refused(), given.settled({ ...toSilver, settled: 'Vanished', read: gold(30) })));
    const again = given.verified({ ...toSilver, operationStatus: 'Succeeded', operationDate: at(40), seenOpenAt: at(20), read: gold(40) });
    expect(told(decide(vanished, again))).toEqual(['overruled']);
  });

  it('by an end that changes nothing, since the record has moved on', () => {
    const other = { action: 'ChangePlan', planId: 'bronze', operationId: '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13', timeStamp: at(22) };
    const moved = decide(refused(), given.settled({ ...other, source: 'Partner', read: aRead(30, { planId: 'bronze' }) }));
    expect(emitted(moved)).toEqual(['plan-changed']);
    const outcome = decide(changeOf(moved), given.settled({ ...toSilver, operationDate: at(35), read: aRead(35, { planId: 'bronze' }) }));
    expect([emitted(outcome), told(outcome)]).toEqual([[], ['overruled']]);
  });

  it('and nothing is told where no read ever shows it', () => {
    expect(told(closed(decide(refused(), given.settled({ ...toSilver, settled: 'Vanished', read: gold(30) })), gold(200)))).toEqual([]);
  });
});

describe('what Microsoft did before our verdict is told once', () => {
  it('where the read beside the open operation shows its target already', () => {
    const outcome = decide(onGold(), given.verified({ ...toSilver, read: silver(20) }));
    expect(emitted(outcome)).toEqual(['plan-changed', 'operation-decided']);
    expect(eventOf(outcome, 'operation-decided')).toMatchObject({ verdict: 'accepted' });
    expect(told(outcome)).toEqual(['ended-before-verdict']);
    expect(told(decide(changeOf(outcome), given.settled({ ...toSilver, read: silver(30) })))).toEqual(['ended-before-verdict']);
  });

  it('where its operation is never shown, and a read shows the target', () => {
    const announced = changeOf(decide(onGold(), given.announced(toSilver)));
    const ended = decide(
      announced,
      given.settled({ ...toSilver, settled: 'Invisible', operationDate: null, seenOpenAt: null, read: silver(170) }),
    );
    expect(told(ended)).toEqual(['ended-before-verdict']);
  });

  it('where a read showed it before its webhook came', () => {
    const shown = changeOf(decide(onGold(), given.observed(silver(20))));
    const outcome = decide(shown, given.verified({ ...toSilver, operationStatus: 'Succeeded', operationDate: at(25), read: silver(25) }));
    expect(told(outcome)).toEqual(['ended-before-verdict']);
  });

  it('where a read shows it while the product is asked', () => {
    inForce.current = aCatalog({ veto: { url: 'https://product.example/veto', whenSilent: 'refuse' } });
    const asked = changeOf(decide(loaded(), given.verified(toGold)));
    const shown = decide(asked, given.observed(gold(22)));
    expect(told(shown)).toEqual(['ended-while-asked']);
    expect(told(decide(changeOf(shown), given.settled({ ...toGold, read: gold(30) })))).toEqual(['ended-while-asked']);
  });

  it.each([
    ['no rule is against it', toGold, loaded, gold],
    ['it is our own request', { ...toSilver, source: 'Partner' }, onGold, silver],
  ] as const)('and not where %s', (_why, operation, record, read) => {
    expect(told(decide(record(), given.verified({ ...operation, read: read(20) })))).toEqual([]);
  });
});
