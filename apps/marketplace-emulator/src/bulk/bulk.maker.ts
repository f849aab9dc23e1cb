import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../limits';
import type { People } from '../people/people';
import type { Atomically } from '../state/atomically';
import type { SubscriptionStatus } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import type { BulkRequest } from './bulk.request';
import { SeededGenerator, guidOf } from './seeded.generator';
import { PeopleGenerator, peopleNeeded } from './people.generator';
import { timelineOf, type SubscriptionTimeline, type OfferedPlan } from './timeline.generator';
import { purchaseTimes } from './purchase.times';
import { writeStates, type TimelineTarget } from './state.writer';
import { statesOf } from './timeline.states';

interface BulkTarget extends TimelineTarget {
  readonly subscriptions: Pick<SubscriptionRepository, 'put' | 'nextPosition' | 'size'>;
  readonly clock: Pick<Clock, 'at' | 'now' | 'onReplaced'>;
  readonly people: Pick<People, 'get' | 'add' | 'size'>;
  readonly atomically: Atomically;
}

export interface BulkOutcome {
  created: number;
  /** Ids of the first and the last one in the order of lists, which is that of their purchases. */
  first: string;
  last: string;
  byStatus: Partial<Record<SubscriptionStatus, number>>;
}

/** Why nothing is made, or no more than was made already. */
export interface BulkRefusal {
  refused: string;
}

/**
 * Makes many subscriptions that are in the middle of their terms. Nothing is announced: it has happened already. A crash leaves those that
 * were made, each whole. Other work of the process has its turn after every `limits.bulkPerTurn` of them.
 */
export class BulkMaker {
  /** How often a reset or a restored snapshot has replaced all contents. */
  private replacements = 0;

  constructor(private readonly marketplace: BulkTarget) {
    marketplace.clock.onReplaced(() => this.replacements++);
  }

  async make(request: BulkRequest, offeredPlans: readonly OfferedPlan[]): Promise<BulkOutcome | BulkRefusal> {
    const refusal = this.refuse(request);
    if (refusal) return refusal;
    const { subscriptions, clock, atomically } = this.marketplace;
    const { seed } = request;
    const [nowMs, from, replacementsBefore] = [clock.now(), subscriptions.nextPosition, this.replacements];
    const people = new PeopleGenerator(this.marketplace.people, seed);
    const outcome: BulkOutcome = { created: 0, first: '', last: '', byStatus: {} };
    const times = purchaseTimes(request, nowMs, (number) => new SeededGenerator(seed + 1, from + number));
    const makeSome = () => {
      for (let made = 0; made < limits.bulkPerTurn && outcome.created < request.count; made++) {
        const position = subscriptions.nextPosition;
        const time = times.next().value;
        if (!time) return;
        this.write(
          timelineOf(request, offeredPlans, time, nowMs, new SeededGenerator(seed, position)),
          position,
          seed,
          people,
          nowMs,
          outcome,
        );
      }
    };
    while (outcome.created < request.count) {
      if (this.replacements !== replacementsBefore) {
        return { refused: `A reset or a restored snapshot came in between; ${outcome.created} subscriptions had been made before it.` };
      }
      atomically(makeSome);
      await nextTurn();
    }
    return outcome;
  }

  private write(
    timeline: SubscriptionTimeline,
    position: number,
    seed: number,
    people: PeopleGenerator,
    nowMs: number,
    outcome: BulkOutcome,
  ): void {
    const purchase = { id: guidOf(seed, 'subscription', position), position, ...people.partiesOf(timeline) };
    const { id, status } = writeStates(this.marketplace, statesOf(timeline, purchase, nowMs), (action) => guidOf(seed, action, position));
    outcome.created++;
    outcome.first ||= id;
    outcome.last = id;
    outcome.byStatus[status] = (outcome.byStatus[status] ?? 0) + 1;
  }

  private refuse(request: BulkRequest): BulkRefusal | undefined {
    const { subscriptions, people } = this.marketplace;
    if (subscriptions.size + request.count > limits.subscriptions) {
      return {
        refused: `There may be ${limits.subscriptions} subscriptions, and ${subscriptions.size} are there; POST /control/reset makes room.`,
      };
    }
    const needed = peopleNeeded(request);
    if (people.size + needed <= limits.people) return undefined;
    return {
      refused: `There may be ${limits.people} people, ${people.size} are there, and up to ${needed} more would buy; name fewer tenants, or POST /control/reset.`,
    };
  }
}
