import type * as Fulfillment from '@landfall/fulfillment/decisions';
import { simulate } from '../run';
import { drawnScenario } from '../scenario/scenario';
import { check } from './check';
import { isAvoidable } from './violation';

type Decisions = typeof Fulfillment;
type Broken = Partial<Pick<Decisions, 'questionsOf' | 'keepRecorded' | 'judgeRead' | 'judgeListed' | 'MISSED_SWEEPS'>>;

const mockBroken: { now: Broken } = { now: {} };
const mockReal = jest.requireActual<Decisions>('@landfall/fulfillment/decisions');
jest.mock('@landfall/fulfillment/decisions', () => {
  const real = jest.requireActual<Decisions>('@landfall/fulfillment/decisions');
  return {
    ...real,
    questionsOf: (...about: Parameters<Decisions['questionsOf']>) => (mockBroken.now.questionsOf ?? real.questionsOf)(...about),
    keepRecorded: (...about: Parameters<Decisions['keepRecorded']>) => (mockBroken.now.keepRecorded ?? real.keepRecorded)(...about),
    judgeRead: (...about: Parameters<Decisions['judgeRead']>) => (mockBroken.now.judgeRead ?? real.judgeRead)(...about),
    judgeListed: (...about: Parameters<Decisions['judgeListed']>) => (mockBroken.now.judgeListed ?? real.judgeListed)(...about),
    get MISSED_SWEEPS() {
      return mockBroken.now.MISSED_SWEEPS ?? real.MISSED_SWEEPS;
    },
  };
});

/** What the checker finds in these runs when a decision is broken, by kind and what it is about. */
function found(broken: Broken, ...seeds: number[]): string[] {
  mockBroken.now = broken;
  const violations = seeds.flatMap((seed) => check(simulate(drawnScenario(seed))).filter(isAvoidable));
  mockBroken.now = {};
  return [...new Set(violations.map(({ kind, about }) => `${kind} ${about}`))];
}

it('finds nothing in the runs below as the decisions are', () => expect(found({}, 7, 10, 27, 52, 60)).toEqual([]));

describe('a decision about a sweep that is wrong is found:', () => {
  it('a guard that sees no mass loss', () =>
    expect(found({ questionsOf: (lost) => mockReal.questionsOf({ ...lost, missing: 0, ended: 0 }) }, 10)).toEqual(
      expect.arrayContaining(['ended-unasked loss', 'question unasked']),
    ));

  it('two sweeps that are enough to call something missing', () =>
    expect(found({ MISSED_SWEEPS: 2 as never }, 60)).toEqual(expect.arrayContaining(['missing untrue', 'missing untold'])));

  it('a late copy of a snapshot that wins', () =>
    expect(found({ keepRecorded: (_, snapshot) => mockReal.keepRecorded(undefined, snapshot) }, 27)).toEqual(['restless sweep']));

  it('an end that is told when it is read', () =>
    expect(found({ judgeRead: (...about) => publishing(mockReal.judgeRead(...about)) }, 10)).toEqual(
      expect.arrayContaining(['ended-unasked sweep', 'ended-unasked loss']),
    ));

  it('a daily sweep that tells only what differs', () =>
    expect(found({ judgeRead: (record, shown) => mockReal.judgeRead(record, shown, { isWhole: false }) }, 7)).toEqual([
      'rest beneficiary',
    ]));

  it('an import that waits for nobody', () =>
    expect(
      found({ judgeListed: (known, shown, manner) => mockReal.judgeListed(known, shown, { ...manner, mayImport: true }) }, 52),
    ).toEqual(['import-unasked purchased']));
});

const publishing = (judged: ReturnType<Decisions['judgeRead']>) => (judged === 'ended' ? 'publish' : judged);
