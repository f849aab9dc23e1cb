import {
  answerAbout,
  MISSED_SWEEPS,
  questionsOf,
  type Answer,
  type Asked,
  type Finding,
  type Found,
  type KeptBack,
  type Question,
} from '@landfall/fulfillment/decisions';
import { ownRegistration } from '../microsoft/members';
import { hour, minute } from '../time';
import type { Observations } from './observations';

/** `RECONCILE_INTERVAL`, as it is set by default. */
export const sweepEveryMs = 15 * minute;
/** The same when nothing more will happen at Microsoft. */
const restfulMs = hour;
/** Everything is read so often. It is a day: a run is shorter. */
export const wholeEveryMs = 3 * hour;

/** A sweep, as it is stored, and what is judged of it. */
export interface Sweep {
  readonly id: string;
  /** 1 for the first of its run. */
  readonly number: number;
  readonly isWhole: boolean;
  readonly startedMs: number;
  endedMs: number | null;
  state: 'running' | 'complete' | 'incomplete';
  asks: readonly Question[];
  answers: Asked['answers'];
  /** When an operator has answered, by question. */
  answeredMs: Readonly<Partial<Record<Question, number>>>;
  /** Ids of subscriptions that the list showed. */
  readonly listed: Set<string>;
  /** Those that Get showed as Unsubscribed to it, while the record had them alive. */
  readonly shownEnded: Set<string>;
  /** Ends that were kept back, and that were handed to the record in the end. */
  readonly handedOver: Set<string>;
  /** Those that were handed to the record. */
  readonly published: Set<string>;
  /** When it was complete: those that the record had alive, and before it began; those about which an operator had answered; and those of which it kept an end back. */
  alive: readonly string[];
  expected: ReadonlySet<string>;
  keptBack: readonly string[];
  /** Those of which an operator was told that three sweeps do not show them. */
  toldMissing: readonly string[];
  /** Whether an operator had allowed, or nobody had to allow, that what is unknown is imported: when it began. */
  readonly mayImport: boolean;
}

export interface SweepsOptions {
  readonly nowMs: () => number;
  readonly firstMs: number;
  readonly mayImport: boolean;
  /** When all has happened, and what is found has been mended. */
  readonly quietFromMs: number;
}

/** Stands in for fulfillment's tables of sweeps and of when they are due. */
export class Sweeps {
  readonly all: Sweep[] = [];
  mayImport: boolean;
  dueMs: number;
  private lastWholeMs = -Infinity;

  constructor(private readonly options: SweepsOptions) {
    this.mayImport = options.mayImport;
    this.dueMs = options.firstMs;
  }

  find(id: string): Sweep | undefined {
    return this.all.findLast((sweep) => sweep.id === id);
  }

  get running(): Sweep | undefined {
    const newest = this.all.at(-1);
    return newest?.state === 'running' ? newest : undefined;
  }

  /** As the timer reads it. */
  get schedule() {
    const nowMs = this.options.nowMs();
    return {
      registration: ownRegistration,
      isDue: this.dueMs <= nowMs,
      mayImport: this.mayImport,
      isWholeDue: this.lastWholeMs + wholeEveryMs < nowMs,
      running: this.running?.id ?? null,
    };
  }

  /** As if everything had been read a day ago. */
  forgetWhole(): void {
    this.lastWholeMs = -Infinity;
  }

  begin(id: string, isWhole: boolean): Sweep {
    const sweep: Sweep = {
      ...{ id, number: this.all.length + 1, isWhole, startedMs: this.options.nowMs(), endedMs: null, state: 'running' },
      ...{ asks: [], answers: {}, answeredMs: {}, mayImport: this.mayImport, toldMissing: [] },
      ...{
        listed: new Set(),
        shownEnded: new Set(),
        handedOver: new Set(),
        published: new Set(),
        alive: [],
        expected: new Set(),
        keptBack: [],
      },
    };
    this.all.push(sweep);
    return sweep;
  }

  /** Counts what a complete sweep found, and once more what it did not show. */
  count(sweep: Sweep, observations: Observations): Found & KeptBack {
    const alive = observations.aliveBefore(sweep.startedMs);
    const unseen = alive.filter(([, row]) => row.seenIn !== sweep.id);
    for (const [, row] of unseen) {
      row.missed++;
      row.missingSinceMs ??= this.options.nowMs();
    }
    sweep.alive = alive.map(([id]) => id);
    sweep.expected = new Set(observations.expected);
    sweep.keptBack = observations.newlyKeptBack(sweep.id, ['ended']);
    sweep.toldMissing = unseen.filter(([, row]) => row.missed === MISSED_SWEEPS).map(([id]) => id);
    return {
      known: alive.length,
      missing: unseen.filter(([, row]) => !observations.isExpected(row)).length,
      ended: sweep.keptBack.filter((id) => sweep.alive.includes(id)).length,
      endedSinceKnown: sweep.keptBack.filter((id) => observations.isAliveSince(id, sweep.startedMs)).length,
      unknown: observations.newlyKeptBack(sweep.id, ['unknown']).length,
    };
  }

  /** It replaces the question of the one before. */
  complete(sweep: Sweep, observations: Observations): Found & KeptBack {
    const found = this.count(sweep, observations);
    sweep.asks = questionsOf(this.mayImport ? { ...found, unknown: 0 } : found); // perhaps since it began
    this.end(sweep, 'complete');
    for (const other of this.all) if (other !== sweep) this.answered(other, openOf(other), 'superseded');
    observations.forget((id, finding) => this.answerAbout(id, finding) === 'superseded');
    if (sweep.isWhole) this.lastWholeMs = this.options.nowMs();
    return found;
  }

  incomplete(sweep: Sweep, observations: Observations): void {
    this.end(sweep, 'incomplete');
    observations.forget((id) => id === sweep.id);
  }

  private end(sweep: Sweep, state: 'complete' | 'incomplete'): void {
    sweep.state = state;
    sweep.endedMs = this.options.nowMs();
    this.dueMs = sweep.endedMs + (sweep.endedMs < this.options.quietFromMs ? sweepEveryMs : restfulMs);
  }

  /** The newest one with a question that nobody has answered. */
  get open(): Sweep | undefined {
    return this.all.findLast((sweep) => openOf(sweep).length > 0);
  }

  /** How an operator has answered what the sweep asks about such a finding. */
  answerAbout(id: string, finding: Finding): Answer | undefined {
    const sweep = this.find(id);
    return sweep && answerAbout(finding, sweep);
  }

  /** When the last sweep was complete whose loss is dismissed. */
  get missingDismissedMs(): number {
    return Math.max(...this.all.map(({ answers, endedMs }) => (answers.loss === 'dismissed' ? endedMs! : -Infinity)));
  }

  answered(sweep: Sweep, questions: readonly Question[], answer: Answer): void {
    for (const question of questions) {
      sweep.answers = { ...sweep.answers, [question]: answer };
      sweep.answeredMs = { ...sweep.answeredMs, [question]: this.options.nowMs() };
    }
  }
}

/** What a sweep asks, and nobody has answered. */
export const openOf = ({ asks, answers }: Sweep): Question[] => asks.filter((question) => answers[question] === undefined);
