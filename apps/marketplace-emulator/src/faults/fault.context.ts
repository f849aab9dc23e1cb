import type { RequestSource } from '../operation/operation';
import type { RouteName, Surface } from './route/route.names';

/** What is known of a call or of a delivery when faults are looked up; a rule's `on` is compared with it. */
export interface FaultFacts {
  surface: Surface;
  /** Null: an address that is not a route of the surface. */
  route: RouteName | null;
  method: string;
  /** The subscriptions that it is about: none for a list or a token, one for most calls, up to 25 for a batch of usage events. */
  subscriptions: readonly SubjectOfFault[];
  /** The operation's action; for the publisher's own PATCH and DELETE the action that it asks for. */
  action: string | null;
  /** Who asked for the operation. */
  initiator: RequestSource | null;
}

export interface SubjectOfFault {
  subscriptionId: string;
  /** Null: nobody knows a subscription of that id. */
  offerId: string | null;
  /** The plan that it has at this moment, whatever the call asks for. */
  planId: string | null;
}
