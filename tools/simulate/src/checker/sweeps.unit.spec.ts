import type { Sweep } from '../reconciliation/sweeps';
import type { WholeRun } from '../run';
import { hour, minute } from '../time';
import { events, found, history, run } from './runs.builders';

const ids = Array.from({ length: 6 }, (_, number) => `subscription ${number}`);

/** A complete sweep that lists all subscriptions, and asks nothing. */
const aSweep = (changes: Partial<Sweep> = {}): Sweep => ({
  ...{ id: 'one', number: 1, isWhole: true, startedMs: hour, endedMs: hour + minute, state: 'complete', mayImport: true },
  ...{ asks: [], answers: {}, answeredMs: {}, toldMissing: [] },
  ...{
    listed: new Set(ids),
    shownEnded: new Set(),
    handedOver: new Set(),
    published: new Set(),
    alive: ids,
    expected: new Set(),
    keptBack: [],
  },
  ...changes,
});

const swept = (sweeps: readonly Partial<Sweep>[], changes: Partial<WholeRun> = {}): Partial<WholeRun> => ({
  ...{
    ids,
    sweeps: sweeps.map((sweep, index) => aSweep({ id: `${index}`, number: index + 1, ...sweep })),
    siblings: ids.slice(1).map(() => run({})),
  },
  ...changes,
});

/** The subscription that the run is about ends, by the first sweep. */
const ended = (atSeconds: number): Partial<WholeRun> => ({
  history: history([100, { status: 'Unsubscribed' }]),
  events: events([atSeconds, 'unsubscribed', { status: 'Unsubscribed' }, { cause: { source: 'reconciliation' } as never }]).map(
    (event) => ({
      ...event,
      sweep: '0',
    }),
  ),
});
const lost = new Set(ids.slice(0, 4));
const empty = { listed: new Set<string>() };
const afterSweep = 3_700;

it.each<[string, Partial<WholeRun>, string[]]>([
  ['a sweep that finds nothing', swept([{}]), []],
  ['an end that few others join', swept([{ shownEnded: new Set(ids.slice(0, 3)) }], ended(afterSweep)), []],
  ['an end before its sweep is complete', swept([{ shownEnded: new Set(ids.slice(0, 1)) }], ended(3_610)), ['ended-unasked sweep']],
  [
    'many ends that nobody let through',
    swept([{ shownEnded: lost, asks: ['loss'], answers: { loss: 'superseded' } }], ended(afterSweep)),
    ['ended-unasked loss'],
  ],
  [
    'many ends that an operator let through',
    swept([{ shownEnded: lost, asks: ['loss'], answers: { loss: 'released' }, answeredMs: { loss: hour + 90_000 } }], ended(afterSweep)),
    [],
  ],
  ['a loss about which nobody is asked', swept([empty]), ['question unasked']],
  ['a question without a loss', swept([{ asks: ['loss'], answers: { loss: 'superseded' } }]), ['question needless']],
  ['a question that stays open', swept([{ ...empty, asks: ['loss'] }, {}]), ['question open']],
  [
    'a question about what was let through',
    swept([
      { shownEnded: lost, handedOver: lost, asks: ['loss'], answers: { loss: 'released' }, answeredMs: { loss: hour + 2 * minute } },
      { shownEnded: lost, keptBack: [...lost], asks: ['loss'], answers: { loss: 'superseded' }, startedMs: 2 * hour },
    ]),
    ['question again'],
  ],
  [
    'one that three sweeps do not show, and nobody tells',
    swept(Array.from({ length: 3 }, () => ({ listed: new Set(ids.slice(1)) }))),
    ['missing untold'],
  ],
  ['one that is told to be missing and was shown', swept([{ toldMissing: [ids[0]!] }]), ['missing untrue']],
  ['an import that nobody allowed', swept([{ mayImport: false }], imported()), ['import-unasked purchased']],
  [
    'a sweep that has still something to tell at rest',
    swept([{ isWhole: false, published: new Set(ids.slice(0, 1)) }]),
    ['restless sweep'],
  ],
  ['a sweep without end', swept([{ state: 'running', endedMs: null }]), ['wait the end of a sweep']],
  [
    'what a sweep found, told as if it had not',
    { ...ended(afterSweep), events: ended(afterSweep).events!.map(observed) },
    ['sweep-cause observed'],
  ],
])('%s', (_, parts, expected) => expect(found(parts)).toEqual(expected));

function imported(): Partial<WholeRun> {
  const first = events([afterSweep, 'purchased', {}, { cause: { source: 'reconciliation' } as never }]).map((event) => ({
    ...event,
    sweep: '0',
  }));
  const { scenario } = run({});
  return { events: first, scenario: { ...scenario, begins: 'unknown', publisher: { ...scenario.publisher, mayImport: false } } };
}

function observed(event: WholeRun['events'][number]) {
  return { ...event, state: { ...event.state, cause: { source: 'observed' as const } } };
}
