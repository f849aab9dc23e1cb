/** Where chance and failure enter, so that a simulation can hold both in its hand. Time is the service's `Clock`. */
export interface Randomness {
  /** From 0 up to, not including, 1. Jitter only: no identity rests on it. */
  next(): number;
}

/** Moments at which a crash is most dangerous. */
export type FaultPoint =
  | 'batch.before-commit'
  | 'batch.after-commit'
  | 'redelivery.before-commit'
  | 'consumer.before-connect'
  | 'consumer.before-window'
  | 'consumer.before-offsets'
  | 'relay.before-send'
  | 'relay.after-send'
  | 'relay.before-cursor'
  | 'job.after-claim'
  | 'job.after-perform'
  | 'job.before-commit';

export interface FaultPoints {
  reach(point: FaultPoint): Promise<void> | void;
}

/** When a consumer counts as one that has stopped. */
export interface ConsumerWatchLimits {
  /** Without progress for this long, while the broker answers. */
  readonly silenceMs: number;
  /** How often it is looked at, and the broker asked while a consumer is silent. */
  readonly probeMs: number;
}

/** Injection tokens; each has a real default. */
export const CONSUMER_WATCH = Symbol('messaging.consumer-watch');
export const RANDOMNESS = Symbol('messaging.randomness');
export const FAULT_POINTS = Symbol('messaging.fault-points');

export const realRandomness: Randomness = { next: () => Math.random() };
export const consumerWatchLimits: ConsumerWatchLimits = { silenceMs: 60_000, probeMs: 5_000 };
export const noFaults: FaultPoints = { reach: () => undefined };
