import type { IncludedQuantity, TermUnit } from '../offers/offer';
import type { Person } from '../people/person';
import type { Channel, PartyMember, SandboxType, SessionMode } from './subscription';

/** What somebody wants to buy. */
export interface Order {
  offerId: string;
  planId?: string;
  quantity?: number;
  termUnit?: TermUnit;
  name?: string;
  channel: Channel;
  /** Asks for a plan that Microsoft activates by itself, or for one that it does not. Left out: a named plan is taken as it is. */
  autoActivate?: boolean;
  /** Asks for the free month of a plan that has one (contract 1.5). Left out: it is paid from the start. */
  trial?: boolean;
  /** Buys from the preview of the offer, before it went live (contract 3.2, 7). */
  preview?: boolean;
  /** The offer made to this customer alone under which it is bought (contract 1.2). */
  privateOffer?: {
    externalId?: string;
    seats?: { min?: number; max?: number | null };
    discountPercent?: number;
    price?: number;
    meteringDimensions?: { id: string; pricePerUnit: number }[];
    meteredQuantityIncluded?: IncludedQuantity[];
    expiresAt?: string;
  };
  /** Leaves the purchase in NotStarted, a state that only the schema names (contract 3.2). */
  notStarted?: boolean;
  isTest?: boolean;
  sessionMode?: SessionMode;
  sandboxType?: SandboxType;
  missing?: PartyMember[];
  empty?: PartyMember[];
  beneficiary: Person;
  purchaser: Person;
}

/** An order that the store does not take: what is wrong, and what would be right. */
export interface BadOrder {
  field: keyof Order | `privateOffer.${'seats' | 'price' | 'meteringDimensions' | 'meteredQuantityIncluded'}`;
  message: string;
}

export function isBadOrder(outcome: object): outcome is BadOrder {
  return 'field' in outcome;
}
