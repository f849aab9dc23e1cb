import { second } from '../time';

/** What may go wrong in a run. Chances are from 0 to 1, and 0 everywhere is a world without faults. */
export interface Faults {
  /** The copies behind Get Subscription lag by up to this many milliseconds. */
  readonly subscriptionLagMs: number;
  /** The copies behind Get Operation lag by up to this many milliseconds. */
  readonly operationLagMs: number;
  /** The clocks of Microsoft's machines differ by up to this many milliseconds, as their `Date` headers show. */
  readonly dateSkewMs: number;
  /** Get Operation answers 404 for ever. Twice as often for facts as for changes. */
  readonly operationNeverShown: number;
  /** Get Operation answers 404 from some moment on. Twice as often for facts as for changes. */
  readonly operationVanishes: number;
  /** Get Operation says InProgress for ever, whatever the operation does. */
  readonly operationShownOpen: number;
  /** A change that a suspension or the end overtakes is called Succeeded all the same, and is never done. */
  readonly overtakenCalledSucceeded: number;
  /** A change that a suspension overtakes stays open, and is done in its own time, suspended or not. */
  readonly overtakenStaysOpen: number;
  /** An answer of Get Subscription leaves a member out; asked for each member. */
  readonly memberLeftOut: number;
  /** A read is not answered within a second. */
  readonly readUnanswered: number;
  readonly webhookLost: number;
  /** Delivered again, up to 4,000 s later. */
  readonly webhookDoubled: number;
  /** 1: three of ten webhooks come later than they should, one of twenty up to eight hours. */
  readonly webhooksDelayed: 0 | 1;
  /** The payload names another target than the operation has. */
  readonly payloadDisagrees: number;
  /** A PATCH of an operation is answered by 500 and does nothing. */
  readonly patchFails: number;
  /** A PATCH of an operation whose webhook we have not answered, as far as Microsoft knows, is answered by 409 and does nothing (contract 8, pitfall 19). */
  readonly patchTooEarly: number;
  /** In some runs a Reinstate is done when it is acknowledged, and not before. */
  readonly reinstateWaitsForPatch: number;
  /** A message waits for up to 41 s in its topic. */
  readonly backlog: number;
  /** Fulfillment ends between its calls to Microsoft and its commit, and begins anew up to 13 s later. */
  readonly crash: number;
  /** After a refused change Microsoft tells of an operation that takes it back. */
  readonly refusedReverts: number;
  /** Our answer to a webhook does not reach Microsoft, which delivers it again. */
  readonly answerLost: number;
  /** A webhook comes to the address of another publisher as well, which it does not belong to: within a minute before or after. */
  readonly webhookAstray: number;
  /** Resolve leaves a member out; asked for each member. */
  readonly resolveLeavesOut: number;
  /** Activate is answered by 400 although the subscription is pending; DELETE as well, here and below. */
  readonly activateRefused: number;
  /** Activate is not answered; Microsoft has received every second one all the same. */
  readonly activateUnanswered: number;
  /** Activate is answered by 200, and shows no effect for up to five minutes. */
  readonly activateLate: number;
  /** Activate is answered by 200, and never has an effect. */
  readonly activateVoid: number;
  /** What we ask for is refused by 400 although it could be done. */
  readonly requestRefused: number;
  /** It is not answered; Microsoft has received every second one all the same. */
  readonly requestUnanswered: number;
  /** The answer does not name its operation. */
  readonly requestUnnamed: number;
  /** It is taken, and ends as Failed: as a yearly term that is cancelled (contract 3.9). */
  readonly requestFails: number;
  /** The product takes up to five seconds to say whether a change may be made. */
  readonly vetoSlow: number;
  /** It says nothing, or what is no answer. */
  readonly vetoSilent: number;
  /** The product loses a request, or its answer. */
  readonly tenantLost: number;
  /** The product can't make the tenant: now, or (a third of them) at all. */
  readonly tenantFails: number;
  /** The product takes up to 40 minutes for a tenant. */
  readonly tenantLate: number;
  /** A page of the list begins one entry too early or too late, or is empty and has a successor. */
  readonly listShifts: number;
  /** The list leaves an entry out; asked for each entry. */
  readonly listLeavesOut: number;
  /** Of an entry only the id can be read. */
  readonly entryUnreadable: number;
  /** A snapshot of the record is said again, after newer ones. */
  readonly snapshotAgain: number;
  /** A copy of fulfillment hangs in a step of a sweep, another one makes the step, and the first goes on up to 20 minutes later. */
  readonly copyHangs: number;
}

/** Worse than what has been seen of Microsoft: what holds here is to hold there. */
export const allFaults: Faults = {
  subscriptionLagMs: 120 * second,
  operationLagMs: 10 * second,
  dateSkewMs: 5 * second,
  operationNeverShown: 0.1,
  operationVanishes: 0.15,
  operationShownOpen: 0.01,
  overtakenCalledSucceeded: 0.3,
  overtakenStaysOpen: 0.3,
  memberLeftOut: 0.02,
  readUnanswered: 0.02,
  webhookLost: 0.05,
  webhookDoubled: 0.15,
  webhooksDelayed: 1,
  payloadDisagrees: 0.03,
  patchFails: 0.05,
  patchTooEarly: 0.5,
  reinstateWaitsForPatch: 0.35,
  backlog: 0.03,
  crash: 0.02,
  refusedReverts: 0.5,
  answerLost: 0.1,
  webhookAstray: 0.05,
  resolveLeavesOut: 0.1,
  activateRefused: 0.15,
  activateUnanswered: 0.1,
  activateLate: 0.3,
  activateVoid: 0.08,
  requestRefused: 0.1,
  requestUnanswered: 0.15,
  requestUnnamed: 0.1,
  requestFails: 0.2,
  vetoSlow: 0.2,
  vetoSilent: 0.1,
  tenantLost: 0.1,
  tenantFails: 0.15,
  tenantLate: 0.2,
  listShifts: 0.03,
  listLeavesOut: 0.01,
  entryUnreadable: 0.01,
  snapshotAgain: 0.05,
  copyHangs: 0.02,
};

export const noFaults = Object.fromEntries(Object.keys(allFaults).map((fault) => [fault, 0])) as unknown as Faults;
