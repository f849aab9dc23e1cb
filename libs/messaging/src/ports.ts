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

/** Injection tokens; each has a real default. */
export const RANDOMNESS = Symbol('messaging.randomness');
export const FAULT_POINTS = Symbol('messaging.fault-points');

export const realRandomness: Randomness = { next: () => Math.random() };
export const noFaults: FaultPoints = { reach: () => undefined };
