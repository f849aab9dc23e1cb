import type { Rule } from '../rule';
import { expiredAccessToken, formerResourceAsked, refusedTokenAgain, tokenPerCall } from './call/access.token.rules';
import { lateVeto, patchAfterConflict, patchBeforeAnswer, patchOfNews, unknownWord } from './change/acknowledgement.rules';
import { activateAgain, activateInVain, activateWithoutResolve } from './purchase/activation.rules';
import {
  changedDecision,
  genuineTurnedAway,
  lateAnswer,
  lateRefusal,
  newsRefused,
  redirected,
  revertRefused,
} from './webhook/answer.rules';
import { blindAgainstLock, resellersPurchase, twoChangesAtOnce } from './change/change.rules';
import { forgeryBelieved, forgeryPostponed } from './webhook/forgery.rules';
import { keyAddressFollowed, tokenToForeignHost } from './call/link.rules';
import { linkEncodedAgain, listAsTrigger, nextLinkIgnored } from './call/list.rules';
import { foreignSubscription } from './call/publisher.rules';
import { polledTooOften, retryAfterIgnored } from './call/polling.rules';
import { damagedToken, expiredToken, resolveLoop } from './purchase/purchase.token.rules';
import { sameRequestId } from './call/request.id.rules';
import { apiVersion, fromBrowser } from './call/request.rules';
import { usageMoved, usageUnderTwoPlans } from './usage/hour.rules';
import { usageAfterEnd, usageBeforeActivation, usageOfSuspension } from './usage/life.rules';
import { usageBelowCent, usageOfTrial, usageOfUnlimited } from './usage/rate.rules';
import {
  batchTooBig,
  batchUnwrapped,
  usageInFuture,
  usageOfNothing,
  usageOneByOne,
  usageTooOld,
  usageTwice,
  usageWhileSuspended,
} from './usage/usage.rules';
import { changeNotVerified, newsNotVerified } from './webhook/verification.rules';

/** Every rule of Microsoft's for publishers that can be checked from Microsoft's side, in the order of the contract. */
export const rules: readonly Rule[] = [
  ...[apiVersion, fromBrowser, sameRequestId],
  ...[formerResourceAsked, tokenPerCall, expiredAccessToken, refusedTokenAgain, foreignSubscription],
  ...[damagedToken, expiredToken, resolveLoop],
  ...[activateWithoutResolve, activateInVain, activateAgain],
  ...[tokenToForeignHost, nextLinkIgnored, listAsTrigger, linkEncodedAgain],
  ...[resellersPurchase, twoChangesAtOnce, blindAgainstLock, polledTooOften, retryAfterIgnored],
  ...[forgeryBelieved, forgeryPostponed, keyAddressFollowed, genuineTurnedAway],
  ...[lateAnswer, redirected, newsRefused, lateRefusal, revertRefused, changedDecision],
  ...[changeNotVerified, newsNotVerified],
  ...[patchBeforeAnswer, unknownWord, lateVeto, patchAfterConflict, patchOfNews],
  ...[usageUnderTwoPlans, usageMoved, usageBeforeActivation, usageAfterEnd, usageOfSuspension],
  ...[usageOfTrial, usageOfUnlimited, usageBelowCent],
  ...[usageTwice, usageWhileSuspended, usageOfNothing, usageTooOld, usageInFuture, batchTooBig, batchUnwrapped, usageOneByOne],
];
