import type { Operation, OperationStatus, RequestSource } from '../operation/operation';
import type { RouteName, Surface } from './route/route.names';

/** What is known of a call or of a delivery when faults are looked up; a rule's `on` is compared with it. */
export interface FaultContext {
  surface: Surface;
  /** Null: an address that is not a route of the surface. */
  route: RouteName | null;
  method: string;
  /** The subscriptions that it is about: none for a list or a token, one for most calls, up to 25 for a batch of usage events. */
  subscriptions: readonly FaultSubject[];
  /** The operation's action; for the publisher's own PATCH and DELETE the action that they request. */
  action: string | null;
  /** Who requested the operation: the publisher itself (Partner), or the customer or Microsoft (Azure). */
  initiator: RequestSource | null;
  /** Of the operation that it is about; null where there is none. */
  operationStatus: OperationStatus | null;
  /** What a rule draws by that draws once per operation; null where there is none. */
  operationKey: string | null;
}

/** The parts of the context that come from an operation. */
export function factsOf(
  operation: Operation | undefined,
  subscriptionPosition: number | undefined,
): Pick<FaultContext, 'operationStatus' | 'operationKey'> {
  return { operationStatus: operation?.status ?? null, operationKey: operation ? keyOf(operation, subscriptionPosition) : null };
}

/**
 * The same for the n-th operation of the m-th purchase in every run, whatever its id is. Operations of a bulk or a fixture have no number
 * and are known by their ids, which are always the same.
 */
export function keyOf({ id, number }: Operation, subscriptionPosition: number | undefined): string {
  return number === undefined || subscriptionPosition === undefined ? id : `${subscriptionPosition}/${number}`;
}

export interface FaultSubject {
  subscriptionId: string;
  /** Null: there is no subscription of that id. */
  offerId: string | null;
  /** The plan that it has at this moment, whatever the call requests. */
  planId: string | null;
}
