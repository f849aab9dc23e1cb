/** Members of a subscription that an answer may leave out: all but its id, which nothing works without (contract 3.2). */
export const leavableMembers = [
  'name',
  'publisherId',
  'offerId',
  'planId',
  'quantity',
  'saasSubscriptionStatus',
  'term',
  'autoRenew',
  'isTest',
  'isFreeTrial',
  'allowedCustomerOperations',
  'beneficiary',
  'purchaser',
  'sandboxType',
  'sessionMode',
  'created',
  'lastModified',
] as const;

export type LeavableMember = (typeof leavableMembers)[number];
type Members = Record<string, unknown>;

/**
 * An answer without some of its members: those of the subscription, of the one inside Resolve's answer and of those around it, of each one
 * on a page.
 * @param leavesOut whether a member is left out; asked once for each that is there
 * @returns the text, and the paths of what was left out
 */
export function withoutMembers(text: string, leavesOut: (member: LeavableMember) => boolean): { text: string; leftOut: string[] } {
  const answer = JSON.parse(text) as Members;
  const leftOut: string[] = [];
  const strip = (members: unknown, path: string) => {
    if (typeof members !== 'object' || members === null) return;
    for (const member of leavableMembers) {
      if (!(member in members) || !leavesOut(member)) continue;
      delete (members as Members)[member];
      leftOut.push(`${path}${member}`);
    }
  };
  strip(answer, '');
  strip(answer['subscription'], 'subscription.');
  const page = answer['subscriptions'];
  if (Array.isArray(page)) for (const entry of page) strip(entry, `${(entry as Members)['id']}.`);
  return { text: JSON.stringify(answer), leftOut };
}
