import { setTimeout as pause } from 'node:timers/promises';
import { mightRefuse, type Catalog } from '@landfall/contracts';
import { Overloaded } from '@landfall/messaging';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Registrations } from '../registrations';
import type { Notification } from './webhook.notification';
import { WebhookRepository } from './webhook.repository';
import type { Standing } from './webhook.standing';

/**
 * Answers that one copy holds at once, in equal shares for its registrations: a flood of one publisher's changes takes no place of another's. Beyond its share
 * Microsoft is asked to come again, as where the decision does not come.
 */
export const HELD_LIMIT = 1_000;
/** So often one query asks about all that are held. */
const ASK_EVERY_MS = 50;
/** A query that takes longer does not hold up the next one: its reply may be lost. What it brings counts whenever it comes. */
const PATIENCE_MS = 500;
/** Queries whose replies have not come; beyond them the database is away. */
const ASKED_AT_ONCE = 3;

/**
 * Whether the answer to a notification has to wait for the decision: only a change of the customer's, that Microsoft does not take back, and
 * that a rule of the catalog or a product might refuse. It is asked of the payload, which is a hint (rule 1): where that says too little, it waits.
 */
export function awaitsDecision(catalog: Catalog, { action, source, isRevert, planId: targetPlanId, offer }: Notification): boolean {
  return source !== 'Partner' && !isRevert && mightRefuse(catalog, { action, ...offer, targetPlanId });
}

/** Whose decision an answer is to be held for, and until when. */
export interface Hold {
  readonly deliveryId: string;
  /** Whose place it takes. */
  readonly registration: string;
  readonly limitMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

interface Held extends Pick<Hold, 'deliveryId' | 'registration'> {
  end(standing: Standing | null): void;
}

/**
 * The answers that this copy holds for a decision. The decision may come to any copy, so it is read from the table: by one query for all that are held
 * here, and none while nothing is. No connection is kept meanwhile.
 */
@Injectable()
export class HeldAnswers implements OnModuleDestroy {
  private readonly logger = new Logger(HeldAnswers.name);
  private readonly held = new Set<Held>();
  private isAsking = false;
  private isAway = false;
  private asked = 0;
  /** The places of one registration. */
  private readonly share: number;

  constructor(
    private readonly deliveries: WebhookRepository,
    registrations: Registrations,
  ) {
    this.share = Math.max(Math.floor(HELD_LIMIT / registrations.all().length), 1);
  }

  /** How many are held now. */
  get size(): number {
    return this.held.size;
  }

  /**
   * Resolves with where the delivery stands once anything is known of its operation; with null after the limit, when nobody waits for the answer any more,
   * and when the service stops. An outage of the database ends in the limit as well.
   * @throws Overloaded where its registration has no place left
   */
  async standingOf({ deliveryId, registration, limitMs, gone }: Hold): Promise<Standing | null> {
    if (gone.aborted) return null;
    this.requirePlace(registration);
    return new Promise((resolve) => {
      const end = (standing: Standing | null) => {
        clearTimeout(timer);
        gone.removeEventListener('abort', leave);
        this.held.delete(held);
        resolve(standing);
      };
      const held: Held = { deliveryId, registration, end };
      const leave = () => end(null);
      const timer = setTimeout(leave, limitMs);
      gone.addEventListener('abort', leave, { once: true });
      this.held.add(held);
      void this.askWhileHeld();
    });
  }

  /** Requests that run when the service stops are ended by their limit; what is left here ends now. */
  onModuleDestroy(): void {
    for (const { end } of [...this.held]) end(null);
  }

  private requirePlace(registration: string): void {
    const taken = [...this.held].filter((each) => each.registration === registration).length;
    if (taken >= this.share) throw new Overloaded(`${taken} answers of ${registration} are held already`);
  }

  private async askWhileHeld(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    while (this.held.size > 0) {
      if (this.asked < ASKED_AT_ONCE) await Promise.race([this.ask(), pause(PATIENCE_MS, undefined, { ref: false })]);
      await pause(ASK_EVERY_MS);
    }
    this.isAsking = false;
  }

  private async ask(): Promise<void> {
    this.asked += 1;
    try {
      const known = await this.deliveries.decided([...new Set([...this.held].map(({ deliveryId }) => deliveryId))]);
      const byDelivery = new Map(known.map((standing) => [standing.deliveryId, standing]));
      for (const { deliveryId, end } of [...this.held]) {
        const standing = byDelivery.get(deliveryId);
        if (standing) end(standing);
      }
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) this.logger.warn({ err: error }, 'decisions cannot be read: the answers that are held for them become 503');
      this.isAway = true;
    } finally {
      this.asked -= 1;
    }
  }
}
