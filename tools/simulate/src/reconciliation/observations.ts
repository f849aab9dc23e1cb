import type { Answer, Finding, Known, Observation, Recorded } from '@landfall/fulfillment/decisions';

/** What is kept of a subscription for sweeps. */
export interface Row {
  version: number;
  record: Recorded | null;
  knownSinceMs: number;
  /** The sweep whose list showed it last. */
  seenIn: string | null;
  /** Complete sweeps in a row that did not show it. */
  missed: number;
  /** When the first of these was complete. */
  missingSinceMs: number | null;
  /** The sweep whose answer is about it, and as what that had found it, until it is listed as alive. */
  answeredIn: string | null;
  answeredAs: Finding | null;
  /** What a sweep keeps back, and which one; and one whose question was open when that found it again. */
  finding: Finding | null;
  foundIn: string | null;
  foundBeforeIn: string | null;
}

/** Stands in for fulfillment's table of observations: what the record says of each subscription, and when Microsoft's list last showed it. */
export class Observations {
  private readonly rows = new Map<string, Row>();

  constructor(
    private readonly nowMs: () => number,
    private readonly boundTo: (id: string) => string | null,
    /** Whether the sweep is under way. */
    private readonly isRunning: (sweep: string) => boolean,
    /** Whether the sweep is complete. */
    private readonly isComplete: (sweep: string) => boolean,
    /** How an operator has answered what the sweep asks about such a finding. */
    private readonly answerAbout: (sweep: string, finding: Finding) => Answer | undefined,
    /** When the last sweep was complete whose loss an operator has dismissed. */
    private readonly missingDismissedMs: () => number,
  ) {}

  load(id: string): Observation | undefined {
    const row = this.rows.get(id);
    return row?.record ? { subscriptionId: id, version: row.version, record: row.record } : undefined;
  }

  save({ subscriptionId, version, record }: Observation, sinceMs: number = this.nowMs()): void {
    const row = this.rowOf(subscriptionId);
    if (!row.record) row.knownSinceMs = sinceMs;
    Object.assign(row, { version, record });
  }

  knownOf(id: string): Known {
    const row = this.rows.get(id);
    return {
      ...{ record: row?.record ?? null, boundTo: this.boundTo(id) },
      ...{ isDismissed: row !== undefined && this.isDismissed(row), isLetThrough: row !== undefined && this.isLetThrough(row, 'ended') },
    };
  }

  /** @returns how many of them the sweep had not seen before */
  seen(sweep: string, listed: readonly { readonly id: string; readonly isAlive: boolean }[]): number {
    let fresh = 0;
    if (!this.isRunning(sweep)) return fresh;
    for (const { id, isAlive } of listed) {
      const row = this.rowOf(id);
      if (row.seenIn === sweep) continue;
      fresh++;
      row.seenIn = sweep;
      row.missed = 0;
      row.missingSinceMs = null;
      if (isAlive && row.record) Object.assign(row, nothingAnswered);
    }
    return fresh;
  }

  keepBack(sweep: string, finding: Finding, ids: readonly string[]): void {
    if (!this.isRunning(sweep)) return;
    for (const id of ids) {
      const row = this.rowOf(id);
      const before = keepersOf(row);
      if (this.isDismissed(row) || this.isLetThrough(row, finding)) continue;
      const isOpen = (one: string) => one !== sweep && this.isComplete(one) && this.answerAbout(one, finding) === undefined;
      Object.assign(row, { finding, foundIn: sweep, foundBeforeIn: before.find(isOpen) ?? null });
    }
  }

  /** Those of them that no sweep before keeps back as well whose question has been answered. */
  newlyKeptBack(sweep: string, findings: readonly Finding[]): string[] {
    return this.keptBack(sweep, findings).filter((id) => {
      const row = this.rowOf(id);
      return !keepersOf(row).some((one) => this.answerAbout(one, row.finding!) === 'released');
    });
  }

  keptBack(sweep: string, findings: readonly Finding[], limit = Infinity): string[] {
    const ids: string[] = [];
    for (const [id, row] of this.rows)
      if (keepersOf(row).includes(sweep) && row.finding !== null && findings.includes(row.finding)) ids.push(id);
    return ids.toSorted().slice(0, limit);
  }

  /** An operator's answer stays with those whose end was told. */
  handOver(sweep: string, ids: readonly string[], told: readonly string[]): void {
    for (const id of ids) {
      const row = this.rowOf(id);
      if (!keepersOf(row).includes(sweep)) continue;
      if (told.includes(id) && this.answerAbout(sweep, row.finding!) === 'released')
        Object.assign(row, { answeredIn: sweep, answeredAs: row.finding });
      Object.assign(row, nothingFound);
    }
  }

  isDismissed({ answeredIn, answeredAs }: Row): boolean {
    return answeredIn !== null && this.answerAbout(answeredIn, answeredAs!) === 'dismissed';
  }

  /** It is told, or about to be told, since an operator has let it through. */
  isLetThrough(row: Row, finding: Finding): boolean {
    const { answeredIn, answeredAs } = row;
    if (answeredIn !== null && answeredAs === finding && this.answerAbout(answeredIn, finding) === 'released') return true;
    return row.finding === finding && keepersOf(row).some((one) => this.answerAbout(one, finding) === 'released');
  }

  /** What an operator has answered about it is no news: nobody is asked. */
  isExpected(row: Row): boolean {
    const mayBeMissing = row.missingSinceMs !== null && row.missingSinceMs <= this.missingDismissedMs();
    return this.isDismissed(row) || mayBeMissing || this.isLetThrough(row, 'ended');
  }

  get expected(): string[] {
    return [...this.rows].flatMap(([id, row]) => (this.isExpected(row) ? [id] : []));
  }

  /** What sweeps of this kind kept back is kept back no more. */
  forget(isOver: (sweep: string, finding: Finding) => boolean): void {
    for (const row of this.rows.values()) {
      const { finding } = row;
      if (finding === null) continue;
      const [foundIn = null, foundBeforeIn = null] = keepersOf(row).filter((one) => !isOver(one, finding));
      Object.assign(row, { finding: foundIn && finding, foundIn, foundBeforeIn });
    }
  }

  /** Those of the registration that the record has alive, and has had alive before the sweep began. */
  aliveBefore(startedMs: number): (readonly [id: string, row: Row])[] {
    return [...this.rows].filter(
      ([id, { record, knownSinceMs }]) =>
        record && record.status !== 'Unsubscribed' && knownSinceMs < startedMs && this.boundTo(id) !== null,
    );
  }

  /** It became known at this moment or later, and the record has it alive. */
  isAliveSince(id: string, sinceMs: number): boolean {
    const { record, knownSinceMs } = this.rowOf(id);
    return record !== null && record.status !== 'Unsubscribed' && knownSinceMs >= sinceMs;
  }

  /** Of what the sweep keeps back only these findings. */
  dismiss(sweep: string, findings: readonly Finding[]): void {
    for (const row of this.rows.values())
      if (row.finding !== null && findings.includes(row.finding) && keepersOf(row).includes(sweep))
        Object.assign(row, { ...nothingFound, answeredIn: sweep, answeredAs: row.finding });
  }

  private rowOf(id: string): Row {
    const known = this.rows.get(id);
    if (known) return known;
    const row: Row = {
      version: 0,
      record: null,
      knownSinceMs: 0,
      seenIn: null,
      missed: 0,
      missingSinceMs: null,
      ...nothingAnswered,
      ...nothingFound,
    };
    this.rows.set(id, row);
    return row;
  }
}

const nothingAnswered = { answeredIn: null, answeredAs: null } as const;
const nothingFound = { finding: null, foundIn: null, foundBeforeIn: null } as const;

const keepersOf = ({ foundIn, foundBeforeIn }: Row): string[] => [foundIn, foundBeforeIn].filter((one) => one !== null);
