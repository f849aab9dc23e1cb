import type { Fact } from './fact';

/** Is notified of each fact about the publisher. It neither answers nor throws, so the caller goes on in any case. */
export interface Observer {
  notify(fact: Fact): void;
}
