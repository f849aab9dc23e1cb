import type { Fact } from './fact';

/** Whoever learns something about the publisher hands it on here, and goes on: nothing that is done with it comes back. */
export interface Observer {
  note(fact: Fact): void;
}
