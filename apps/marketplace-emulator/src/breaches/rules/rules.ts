import type { Rule } from '../rule';
import { patchBeforeAnswer } from './acknowledgement.rules';
import { activateWithoutResolve } from './activation.rules';
import { lateAnswer } from './answer.rules';
import { noRequestId, sameRequestId } from './request.id.rules';
import { changeNotVerified, newsNotVerified } from './verification.rules';

/** Every rule of Microsoft's for publishers that can be judged from Microsoft's side. */
export const rules: readonly Rule[] = [
  patchBeforeAnswer,
  lateAnswer,
  changeNotVerified,
  newsNotVerified,
  activateWithoutResolve,
  noRequestId,
  sameRequestId,
];
