/** Where chance, time and failure enter, so that a simulation can hold all of them in its hand. */
export interface MessagingClock {
  /** Milliseconds since 1970. Business time: it decides when jobs are due and what `time` messages carry. */
  now(): number;
  /** Real waiting; it ends early when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Randomness {
  /** From 0 up to, not including, 1. Jitter only: no identity rests on it. */
  next(): number;
}

/** Moments at which a crash is most dangerous. */
export type FaultPoint =
  | 'batch.before-commit'
  | 'batch.after-commit'
  | 'replay.before-commit'
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

export interface Ports {
  readonly clock: MessagingClock;
  readonly randomness: Randomness;
  readonly faults: FaultPoints;
}

/** Injection tokens; each has a real default. */
export const CLOCK = Symbol.for('landfall.messaging.clock');
export const RANDOMNESS = Symbol.for('landfall.messaging.randomness');
export const FAULT_POINTS = Symbol.for('landfall.messaging.faultPoints');

/** A service's business clock, where it provides one under this name: its offset moves deadlines in tests and on a laptop. */
export const BUSINESS_CLOCK = Symbol.for('landfall.clock');

export const clockFrom = (business?: { now(): Date }): MessagingClock => ({
  ...realClock,
  ...(business && { now: () => business.now().getTime() }),
});

const realClock: MessagingClock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(finish, ms);
      signal?.addEventListener('abort', finish, { once: true });
      function finish() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      }
    }),
};
export const realRandomness: Randomness = { next: () => Math.random() };
export const noFaults: FaultPoints = { reach: () => undefined };
