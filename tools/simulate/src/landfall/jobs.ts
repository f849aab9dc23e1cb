import type { Effect } from '@landfall/messaging';
import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { second } from '../time';
import type { Trace } from '../trace';
import type { Cause, StoredJob } from './messages';

/** A job while it is performed. */
export interface RunningJob extends StoredJob {
  /** 1 in the first run. */
  readonly attempts: number;
  /** Since it was stored, in milliseconds. */
  readonly ageMs: number;
}

export type Ending = { readonly done: readonly Effect[] } | { readonly againAfterMs: number };
export type Performer = (job: RunningJob, end: (ending: Ending) => void) => void;

interface Row extends StoredJob {
  readonly storedMs: number;
  dueMs: number;
  attempts: number;
  isRunning: boolean;
  /** A draft that came while it ran: it takes its place afterwards. */
  wanted: { readonly job: StoredJob; readonly dueMs: number } | null;
}

export interface JobOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** The chance that the process ends before a job's end is recorded: the job runs again when its lease is over. */
  readonly crash: number;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
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

  /** The jobs that are there, with the moment since when. */
  get stored(): readonly { readonly kind: string; readonly key: string; readonly storedMs: number }[] {
    return this.rows;
  }

  add(job: StoredJob): void {
    const existing =
      job.dedupe === undefined ? undefined : this.rows.find(({ kind, dedupe }) => kind === job.kind && dedupe === job.dedupe);
    const dueMs = this.options.scheduler.nowMs + (job.afterMs ?? 0);
    if (existing?.isRunning) existing.wanted = { job, dueMs };
    else if (existing) this.due(existing, Math.min(existing.dueMs, dueMs));
    else this.insert(job, dueMs);
  }

  private insert(job: StoredJob, dueMs: number): void {
    const row: Row = { ...job, storedMs: this.options.scheduler.nowMs, dueMs: 0, attempts: 0, isRunning: false, wanted: null };
    this.rows.push(row);
    this.due(row, dueMs);
  }

  private due(row: Row, dueMs: number): void {
    const { scheduler, chance } = this.options;
    row.dueMs = dueMs;
    scheduler.at(dueMs + pollMs * chance('poll', row.id, row.attempts), () => this.start(row, dueMs));
  }

  private start(row: Row, dueMs: number): void {
    if (row.dueMs !== dueMs || row.isRunning || !this.rows.includes(row)) return; // it was brought forward, or has ended
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
    if ('againAfterMs' in ending) {
      const wantedMs = row.wanted?.dueMs ?? Infinity;
      row.wanted = null;
      this.due(row, Math.min(wantedMs, scheduler.nowMs + ending.againAfterMs));
      return;
    }
    this.rows = this.rows.filter((other) => other !== row);
    emit(ending.done, { id: `${row.id}/${row.attempts}`, correlationId: row.correlationId });
    if (row.wanted) this.insert(row.wanted.job, row.wanted.dueMs);
    const next = this.rows.find(({ key }) => key === row.key);
    if (next && !next.isRunning) this.due(next, Math.max(next.dueMs, scheduler.nowMs));
  }
}
