import type { Effect, EndOn, Overtaken } from '@landfall/messaging';
import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { msOf, second } from '../time';
import type { Trace } from '../trace';
import type { Cause, StoredJob } from './messages';

/** A job while it is performed. */
export interface RunningJob extends StoredJob {
  /** 1 in the first run. */
  readonly attempts: number;
  /** Since it was stored, in milliseconds. */
  readonly ageMs: number;
  /** It had died, and was begun anew. */
  readonly isRetried: boolean;
}

/** `decide` is called when the end is recorded, and saves by itself what the state becomes; nothing of it is left of a run that is cut off before. */
export type Ending =
  | { readonly done: readonly Effect[] }
  | { readonly againAfterMs: number }
  | { readonly dead: string }
  | { readonly decide: () => Pick<EndOn<unknown>, 'effects' | 'outcome'> };
export type Performer = (job: RunningJob, end: (ending: Ending) => void) => void;

interface Row extends StoredJob {
  storedMs: number;
  dueMs: number;
  isDead: boolean;
  isRetried: boolean;
  attempts: number;
  isRunning: boolean;
  isOvertaken: boolean;
  /** A draft that came while it ran: it takes its place afterwards. */
  wanted: { readonly job: StoredJob; readonly dueMs: number } | null;
}

export interface JobOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** The chance that the process ends before a job's end is recorded: the job runs again when its lease is over. */
  readonly crash: number;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
  /** What is told when a job of a kind dies. */
  readonly onDead?: Readonly<Record<string, ((payload: never, reason: string) => Effect[]) | undefined>>;
  readonly trace: Trace;
}

/** How often the runner looks for jobs that are due. */
const pollMs = 200;

/** Stands in for the job table: the oldest job of a key goes first and holds it; a second draft of the same `dedupe` only brings the first one forward. */
export class Jobs {
  private rows: Row[] = [];

  constructor(
    private readonly performers: Readonly<Record<string, Performer>>,
    private readonly options: JobOptions,
  ) {}

  /** The jobs that are there and not dead, with the moment since when. */
  get stored(): readonly { readonly kind: string; readonly key: string; readonly storedMs: number }[] {
    return this.rows.filter(({ isDead }) => !isDead);
  }

  add(job: StoredJob): void {
    const existing =
      job.dedupe === undefined ? undefined : this.rows.find(({ kind, dedupe }) => kind === job.kind && dedupe === job.dedupe);
    const dueMs = job.runAt === undefined ? this.options.scheduler.nowMs + (job.afterMs ?? 0) : msOf(job.runAt);
    if (existing?.isDead) this.retry(existing, job, dueMs);
    else if (existing?.isRunning) existing.wanted = { job, dueMs };
    else if (existing) {
      existing.isOvertaken = false;
      this.due(existing, Math.min(existing.dueMs, dueMs));
    } else this.insert(job, dueMs);
  }

  /** An operator would do the same to one whose kind is not begun anew by a draft. */
  private retry(row: Row, { payload, retriesDead }: StoredJob, dueMs: number): void {
    if (!retriesDead) return;
    Object.assign(row, { payload, isDead: false, isRetried: true, storedMs: this.options.scheduler.nowMs });
    this.due(row, dueMs);
  }

  /** What they were for is settled: a dead one ends, and a live one will not die. */
  overtake({ overtaken, key, isKeyStart }: Overtaken): void {
    const isMeant = (one: Row) => (isKeyStart ? one.isDead && one.key.startsWith(key) : one.key === key);
    for (const row of this.rows.filter((one) => one.kind === overtaken && isMeant(one))) {
      row.isOvertaken = true;
      if (row.isDead) this.remove(row);
    }
  }

  private insert(job: StoredJob, dueMs: number): void {
    const row: Row = {
      ...job,
      storedMs: this.options.scheduler.nowMs,
      dueMs: 0,
      attempts: 0,
      isRunning: false,
      isOvertaken: false,
      isDead: false,
      isRetried: false,
      wanted: null,
    };
    this.rows.push(row);
    this.due(row, dueMs);
  }

  private due(row: Row, dueMs: number): void {
    const { scheduler, chance } = this.options;
    row.dueMs = dueMs;
    scheduler.at(dueMs + pollMs * chance('poll', row.id, row.attempts), () => this.start(row, dueMs));
  }

  private start(row: Row, dueMs: number): void {
    if (row.dueMs !== dueMs || row.isRunning || row.isDead || !this.rows.includes(row)) return; // it was brought forward, or has ended
    const first = this.rows.find(({ key }) => key === row.key);
    if (first !== row) return; // it goes on when the one before it has ended
    const { scheduler, chance, crash, trace } = this.options;
    const perform = this.performers[row.kind];
    if (!perform) throw new Error(`Nobody performs ${row.kind}.`);
    row.isRunning = true;
    row.attempts++;
    perform({ ...row, ageMs: scheduler.nowMs - row.storedMs }, (ending) => {
      row.isRunning = false;
      if (chance('crash', row.id, row.attempts) < crash) {
        trace('crash', () => `the end of ${row.kind} is not recorded`);
        this.due(row, scheduler.nowMs + second + 12 * second * chance('lease', row.id, row.attempts));
        return;
      }
      this.end(row, ending);
    });
  }

  private end(row: Row, ending: Ending): void {
    const { scheduler, emit } = this.options;
    const cause = { id: `${row.id}/${row.attempts}`, correlationId: row.correlationId };
    if ('decide' in ending) {
      const { effects, outcome } = ending.decide();
      emit(effects, cause);
      return this.end(row, endingOf(outcome));
    }
    if ('againAfterMs' in ending) {
      const wantedMs = row.wanted?.dueMs ?? Infinity;
      row.wanted = null;
      this.due(row, Math.min(wantedMs, scheduler.nowMs + ending.againAfterMs));
      return;
    }
    if ('dead' in ending) return this.die(row, ending.dead);
    this.rows = this.rows.filter((other) => other !== row);
    emit(ending.done, cause);
    this.goOn(row);
  }

  private remove(row: Row): void {
    this.rows = this.rows.filter((other) => other !== row);
    this.goOn(row);
  }

  /** A job is gone: what was asked for meanwhile takes its place, and the next one of its key goes on. */
  private goOn(row: Row): void {
    const { scheduler } = this.options;
    if (row.wanted) this.insert(row.wanted.job, row.wanted.dueMs);
    const next = this.rows.find(({ key }) => key === row.key);
    if (next && !next.isRunning) this.due(next, Math.max(next.dueMs, scheduler.nowMs));
  }

  /** It holds its key. What came while it ran begins it anew, where its kind allows it. */
  private die(row: Row, reason: string): void {
    const { emit, onDead = {}, trace } = this.options;
    trace('job', () => `${row.kind} is dead: ${reason}`);
    row.isDead = true;
    emit(onDead[row.kind]?.(row.payload as never, reason) ?? [], { id: `${row.id}/${row.attempts}`, correlationId: row.correlationId });
    const { wanted } = row;
    row.wanted = null;
    if (wanted) this.retry(row, wanted.job, wanted.dueMs);
    if (row.isDead && row.isOvertaken) this.remove(row);
  }
}

/** A decided end has told its effects before. */
function endingOf(outcome: EndOn<unknown>['outcome']): Ending {
  if (outcome.kind === 'done') return { done: [] };
  if (outcome.kind === 'dead') return { dead: outcome.reason };
  if (outcome.at instanceof Date) throw new Error('Nothing here waits for a date.');
  return { againAfterMs: outcome.at.afterMs };
}
