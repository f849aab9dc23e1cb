import { askingFor, type Belonging } from '@landfall/fulfillment/decisions';
import { otherRegistration, ownRegistration } from '../microsoft/members';

/** Stands in for fulfillment's tables of whose a subscription is; the decision through whom it is asked about is the real one. */
export class Registrations {
  /** When Microsoft first showed us the subscription; null: not yet. */
  boundSinceMs: number | null;
  private readonly announcedTo: string[] = [];

  /** `isBound`: Microsoft had shown it before the run began. */
  constructor(isBound: boolean) {
    this.boundSinceMs = isBound ? 0 : null;
  }

  /** A webhook at this registration's address named the subscription. */
  announce(registration: string): void {
    if (!this.announcedTo.includes(registration)) this.announcedTo.push(registration);
  }

  /** `announced`: to whose address the webhook came that leads to the question. */
  asking(announced?: string) {
    return askingFor({ registration: announced }, this.belonging, null);
  }

  /** Microsoft shows it to the publisher that sells it, and to nobody else. */
  bind(nowMs: number): void {
    this.boundSinceMs ??= nowMs;
  }

  private get belonging(): Belonging {
    if (this.boundSinceMs !== null) return { boundTo: ownRegistration, announcedTo: [] };
    return { boundTo: null, announcedTo: this.announcedTo };
  }
}

/** Every registration of the installation. */
export const registrations = [ownRegistration, otherRegistration] as const;
