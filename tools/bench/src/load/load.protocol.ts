import type { Kind } from '../microsoft/operation.id';
import type { Held } from '../microsoft/purchased';

/** One webhook that is to be sent. */
export interface Order {
  readonly kind: Kind;
  readonly target: number;
  readonly subscription: number;
  /** What its subscription has until then, as the payload shows it. */
  readonly before: Held;
}

/** What the generator is asked for. */
export interface LoadRequest {
  readonly webhookUrl: string;
  /** `{origin}/{tenant}/v2.0` */
  readonly issuer: string;
  readonly kid: string;
  readonly privateKeyPem: string;
  readonly orders: readonly Order[];
  /** Webhooks per second, at their times whatever the answers do. Null: as fast as `connections` of them are answered. */
  readonly rate: number | null;
  readonly connections: number;
  /** What is not answered 200 is sent again after so long, until it is, or a minute and a half have passed. Left out: it is sent once. */
  readonly repeatedAfterMs?: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadResult {
  /** Ids of operations whose webhook was answered 200. */
  readonly accepted: readonly string[];
  /** Answers by status; `error` where none came. */
  readonly answers: Record<string, number>;
  /** From the intended start to the answer, in milliseconds. */
  readonly latencyMs: Percentiles;
  /** How late the generator itself sent the latest webhook: where this is much, the generator was the limit and not the service. */
  readonly latestSendMs: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** The generator prepares what it is asked for, says `prepared`, and sends it when it is told to go. */
export type LoadMessage = LoadRequest | 'go';
