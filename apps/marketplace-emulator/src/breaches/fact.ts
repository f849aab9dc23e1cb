import type { RouteName } from '../faults/route/route.names';
import type { Operation } from '../operation/operation';
import type { Subscription } from '../subscription/subscription';
import type { Delivery } from '../webhook/delivery/delivery';
import type { BearerReading } from './bearer.reading';
import type { PurchaseTokenReading } from './purchase.token.reading';

/**
 * Something that happened between the publisher and Microsoft, as small as the rules need it. A fact holds no token: where two tokens must
 * be distinguished it holds a fingerprint. `atMs` is business time; all other times are real ones, since a publisher is quick or slow in
 * real time, whatever the emulator's clock shows.
 */
export type Fact = CallEnded | CallLost | TokenIssued | KeysRead | DeliveryBegan | DeliveryEnded | TrapVisited | TimePassed;

export type FactKind = Fact['kind'];
export type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;

/** A call of the marketplace API was answered. */
export interface CallEnded extends Call {
  kind: 'call-ended';
}

/** One that no answer has left for, or not all of it: its connection was cut, or its caller has given up. What was done stays done. */
export interface CallLost extends Call {
  kind: 'call-lost';
}

/** A call of the marketplace API. */
export interface Call {
  atMs: number;
  beganAtMs: number;
  endedAtMs: number;
  /** Null: an address that is no route. */
  route: RouteName | null;
  method: string;
  /** Without the query, in lower case. */
  path: string;
  /** `api-version` and `continuationToken` of the query. */
  apiVersion: string | null;
  continuation: string | null;
  /** Its headers say that a page in a browser makes it. */
  fromBrowser: boolean;
  token: BearerReading | null;
  status: number;
  /** What was answered, before it was written as JSON; undefined: nothing. */
  answer: unknown;
  retryAfterMs: number | null;
  /** The fault that it met: what was answered is not Microsoft's own doing. */
  faultId: string | null;
  /** Client id of the application that calls; null where the call was refused before it was known. */
  caller: string | null;
  /** Those of the answer. */
  requestId: string;
  /** What the publisher sent as `x-ms-requestid`; null: nothing. */
  sentRequestId: string | null;
  subscriptionId: string | null;
  operationId: string | null;
  /** The subscription in the path is there, and belongs to another application than the caller's. */
  isForeign: boolean;
  /** As it arrived, parsed. */
  body: unknown;
  /** What Microsoft had stored when it began to carry the call out; undefined: it was refused before that. */
  before: StateBefore | undefined;
  /** That of a Resolve. */
  purchaseToken: PurchaseTokenReading | null;
}

/** Documents are never changed in place, so these stay as they were. */
export interface StateBefore {
  subscription: Subscription | undefined;
  /** The operation that the path names. */
  operation: Operation | undefined;
  /** The operation that locks the subscription. */
  pending: Operation | undefined;
  /** The operation's first webhook was on its way, and its answer waited for this very call. */
  answerWaits: boolean;
}

/** The token endpoint was asked for a token for a service. */
export interface TokenIssued {
  kind: 'token-issued';
  atMs: number;
  issuedAtMs: number;
  /** As the client wrote it. */
  client: string | null;
  /** Application id of the service that it is for, as the client wrote it. */
  resource: string | null;
  status: number;
  faultId: string | null;
  /** Null: none was issued. */
  fingerprint: string | null;
}

/** The published signing keys were read. */
interface KeysRead {
  kind: 'keys-read';
  atMs: number;
  readAtMs: number;
  keyIds: readonly string[];
}

/** A webhook goes on its way. */
export interface DeliveryBegan {
  kind: 'delivery-began';
  atMs: number;
  beganAtMs: number;
  operationId: string;
  attempt: number;
  /** Sent besides the one that Microsoft sends by itself: by hand, twice, or with a forged token. */
  isExtra: boolean;
}

/** It was answered, or nothing came. */
export interface DeliveryEnded {
  kind: 'delivery-ended';
  atMs: number;
  endedAtMs: number;
  delivery: Delivery;
  /** As it was when the answer came. */
  operation: Operation | undefined;
}

/** A call of an address that a publisher can know only from a link or a header that it must not trust. */
export interface TrapVisited {
  kind: 'trap-visited';
  atMs: number;
  trap: 'foreign-link' | 'foreign-keys';
  method: string;
  /** Without the query, in lower case. */
  path: string;
  hadToken: boolean;
}

/** Now and then, and before breaches are listed: rules can report what should have come by now. */
interface TimePassed {
  kind: 'time-passed';
  atMs: number;
  nowMs: number;
}
