import {
  subscriptionSnapshot,
  type Cause,
  type Draft,
  type MessageDefinition,
  type PlanAndQuantity,
  type DataOf,
  type subscriptionActivated,
} from '@landfall/contracts';
import { accessOf, type Subscription } from './subscription';

/** What every public event tells. */
export type Facts = DataOf<typeof subscriptionActivated>;

/** Why something is said, and when it was true. */
export interface Occasion {
  readonly cause: Cause;
  readonly effectiveAt: string | null;
  readonly observedAt: string;
  /** Microsoft's word, where an operation led to it. */
  readonly action?: string;
}

/** A change in the making: the subscription as it stands now, and what has been said about it on the way. */
export interface Unfolding {
  readonly state: Subscription;
  readonly effects: readonly Draft[];
}

export const unfold = (state: Subscription): Unfolding => ({ state, effects: [] });

/** Says something to another room; nothing about the subscription changes. */
export const tell = ({ state, effects }: Unfolding, ...more: Draft[]): Unfolding => ({ state, effects: [...effects, ...more] });

/** Keeps something that is nobody's news: no event, no version. */
export const note = ({ state, effects }: Unfolding, patch: Partial<Subscription>): Unfolding => ({
  state: { ...state, ...patch },
  effects,
});

/**
 * One step of a subscription's life: applies the patch, counts version and sequence, writes the row of history, and says it twice: as a public
 * event and as the snapshot that replaces the one before. `more` adds what this kind of event tells beyond the facts.
 */
export function step<Definition extends MessageDefinition>(
  { state, effects }: Unfolding,
  patch: Partial<Subscription>,
  event: Definition,
  occasion: Occasion,
  more: (previous: PlanAndQuantity) => Omit<DataOf<Definition>, keyof Facts> = () => ({}) as never,
): Unfolding {
  const moved = { ...state, ...patch, version: state.version + 1, sequence: state.sequence + 1 };
  const access = accessOf(moved.status, moved.stage);
  const operationId = occasion.cause.operationId ?? null;
  const next: Subscription = {
    ...moved,
    access,
    history: [
      ...moved.history,
      {
        version: moved.version,
        event: event.type,
        cause: occasion.cause,
        operationId,
        action: operationId ? (occasion.action ?? null) : null,
        from: { ...planAndQuantityOf(state), access: state.access },
        to: { ...planAndQuantityOf(moved), access },
        observedAt: occasion.observedAt,
      },
    ],
  };
  const facts = factsOf(next, occasion);
  const said = event({ ...facts, ...more(planAndQuantityOf(state)) } as never, { sequence: next.sequence });
  return { state: next, effects: [...effects, said, subscriptionSnapshot(facts, { sequence: next.sequence })] };
}

export const planAndQuantityOf = ({ planId, quantity, status }: Subscription): PlanAndQuantity => ({ planId, quantity, status });

/** The public view of a subscription: everything but what is personal or our own bookkeeping. */
export function factsOf(state: Subscription, { cause, effectiveAt, observedAt }: Occasion): Facts {
  return {
    subscriptionId: state.id,
    publisherId: state.publisherId,
    offerId: state.offerId,
    isPreview: state.isPreview,
    planId: state.planId,
    quantity: state.quantity,
    status: state.status,
    term: state.term,
    autoRenew: state.autoRenew,
    isFreeTrial: state.isFreeTrial,
    allowedCustomerOperations: state.allowedCustomerOperations,
    privateOfferId: state.privateOfferId,
    purchasedAt: state.purchasedAt,
    beneficiary: state.beneficiary,
    purchaser: state.purchaser,
    stage: state.stage,
    access: state.access,
    version: state.version,
    current: planAndQuantityOf(state),
    effectiveAt,
    observedAt,
    imported: state.imported,
    cause,
  };
}
