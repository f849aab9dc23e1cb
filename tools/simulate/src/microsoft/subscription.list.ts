import type { ShownSnapshot } from '@landfall/contracts';
import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { second } from '../time';
import type { Faults } from './faults';
import { members, shownSnapshot } from './members';
import type { Microsoft } from './microsoft';
import type { ReadCopies } from './read-copies';
import { isHit, troubleAt, type Trouble } from './trouble';

/** An entry of the list (contract 3.5). */
export interface Entry {
  /** Which subscription it is, as runs count them. */
  readonly number: number;
  /** Null: it can't be read, but for its id. */
  readonly snapshot: ShownSnapshot | null;
}

export interface Page {
  readonly entries: readonly Entry[];
  readonly nextLink: string | null;
}

export interface ListOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly trouble: Trouble | null;
  /** All subscriptions of the publisher, by their numbers. */
  readonly subscriptions: readonly Microsoft[];
  /** The copies that answer. */
  readonly copies: ReadCopies;
  readonly pageSize: number;
}

/** So long a caller waits for a page. */
const patienceMs = 5 * second;

/**
 * List subscriptions (contract 3.5): page after page, each from a copy of its own. It changes while it is paged, so that a page may begin one too early or one too late; an
 * entry may be left out, or can't be read; a page may be empty, and have a successor.
 */
export class SubscriptionList {
  private links = 0;

  constructor(private readonly options: ListOptions) {}

  /** `refused`: by 400. Null: nobody answers. `key` names the call. */
  page(link: string | null, key: string, answered: (answer: Page | 'refused' | null) => void): void {
    const { scheduler, chance, faults } = this.options;
    if (chance('page unanswered', key) < faults.readUnanswered) return scheduler.after(patienceMs, () => answered(null));
    scheduler.after(100 + 900 * chance('page', key), () => answered(this.answerTo(link, key)));
  }

  private answerTo(link: string | null, key: string): Page | 'refused' {
    const { scheduler, chance, faults, trouble, subscriptions, pageSize } = this.options;
    const wrong = troubleAt(trouble, scheduler.nowMs);
    if (wrong?.kind === 'refused' && link !== null) return 'refused';
    const place = Number(link?.split('/')[0] ?? 0);
    if (chance('page empty', key) < faults.listShifts) return { entries: [], nextLink: this.linkTo(place) };
    const shift = chance('page shifts', key) < faults.listShifts ? (chance('page shifts by', key) < 0.5 ? -1 : 1) : 0;
    const end = place + pageSize;
    const entries: Entry[] = [];
    for (let number = Math.max(0, place + (link ? shift : 0)); number < Math.min(end, subscriptions.length); number++) {
      const entry = this.entryOf(number, key);
      if (entry) entries.push(entry);
    }
    if (end < subscriptions.length) return { entries, nextLink: this.linkTo(end) };
    return { entries, nextLink: wrong?.kind === 'circle' ? this.linkTo(0) : null };
  }

  private entryOf(number: number, key: string): Entry | null {
    const { scheduler, chance, faults, trouble, subscriptions, copies } = this.options;
    const draw = (question: string, ...about: string[]) => chance('entry', question, key, number, ...about);
    const wrong = isHit(trouble, number, scheduler.nowMs, chance);
    if (wrong?.kind === 'left out' || wrong?.kind === 'wiped' || draw('left out') < faults.listLeavesOut) return null;
    if (draw('unreadable') < faults.entryUnreadable) return { number, snapshot: null };
    const shown = subscriptions[number]!.at(copies.asOf(scheduler.nowMs, `${key} ${number}`));
    const hasEnded = wrong?.kind === 'listed as ended' || wrong?.kind === 'shown as ended';
    const leftOut = new Set(members.filter((member) => draw('without', member) < faults.memberLeftOut));
    return { number, snapshot: shownSnapshot(hasEnded ? { ...shown, status: 'Unsubscribed' } : shown, leftOut) };
  }

  /** Each link is used once. */
  private linkTo(place: number): string {
    return `${place}/${++this.links}`;
  }
}
