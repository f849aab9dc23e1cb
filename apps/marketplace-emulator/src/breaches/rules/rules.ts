import type { Rule } from '../rule';
import { expiredAccessToken, formerResourceAsked, refusedTokenAgain, tokenPerCall } from './access.token.rules';
import { lateVeto, patchAfterConflict, patchBeforeAnswer, patchOfNews, unknownWord } from './acknowledgement.rules';
import { activateAgain, activateInVain, activateWithoutResolve } from './activation.rules';
import { changedDecision, genuineTurnedAway, lateAnswer, lateRefusal, newsRefused, redirected, revertRefused } from './answer.rules';
import { blindAgainstLock, resellersPurchase, twoChangesAtOnce } from './change.rules';
import { forgeryBelieved, forgeryPostponed } from './forgery.rules';
import { keyAddressFollowed, tokenToForeignHost } from './link.rules';
import { linkEncodedAgain, listAsTrigger, nextLinkIgnored } from './list.rules';
import { polledTooOften, retryAfterIgnored } from './polling.rules';
import { damagedToken, expiredToken, resolveLoop } from './purchase.token.rules';
import { noRequestId, sameRequestId } from './request.id.rules';
import { apiVersion, fromBrowser } from './request.rules';
import {
  batchTooBig,
  batchUnwrapped,
  usageInFuture,
  usageOfNothing,
  usageOneByOne,
  usageTooOld,
  usageTwice,
  usageWhileSuspended,
} from './usage.rules';
import { changeNotVerified, newsNotVerified } from './verification.rules';

/** Every rule of Microsoft's for publishers that can be judged from Microsoft's side, in the order of the contract. */
export const rules: readonly Rule[] = [
  ...[apiVersion, fromBrowser, noRequestId, sameRequestId],
  ...[formerResourceAsked, tokenPerCall, expiredAccessToken, refusedTokenAgain],
  ...[damagedToken, expiredToken, resolveLoop],
  ...[activateWithoutResolve, activateInVain, activateAgain],
  ...[tokenToForeignHost, nextLinkIgnored, listAsTrigger, linkEncodedAgain],
  ...[resellersPurchase, twoChangesAtOnce, blindAgainstLock, polledTooOften, retryAfterIgnored],
  ...[forgeryBelieved, forgeryPostponed, keyAddressFollowed, genuineTurnedAway],
  ...[lateAnswer, redirected, newsRefused, lateRefusal, revertRefused, changedDecision],
  ...[changeNotVerified, newsNotVerified],
  ...[patchBeforeAnswer, unknownWord, lateVeto, patchAfterConflict, patchOfNews],
  ...[usageTwice, usageWhileSuspended, usageOfNothing, usageTooOld, usageInFuture, batchTooBig, batchUnwrapped, usageOneByOne],
];
