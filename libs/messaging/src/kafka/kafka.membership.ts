/** What Kafka answers to a member that its group does not know, or that is of an earlier generation. */
const expulsions = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'];

/** Whether the group has put this member out. kafkajs wraps what Kafka answers, so the error behind an error counts as well. */
export function isExpulsion(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { type, cause, originalError } = error as Error & { readonly type?: string; readonly originalError?: unknown };
  return (type !== undefined && expulsions.includes(type)) || isExpulsion(cause) || isExpulsion(originalError);
}
