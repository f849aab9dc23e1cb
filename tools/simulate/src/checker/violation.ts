/** What must not be in a run. */
export const kinds = [
  /** At rest, a member of the record is not what it is at Microsoft. */
  'rest',
  /** The same for another member than the status, after the end. */
  'rest-after-end',
  /** A public value that Microsoft's subscription did not have in this order: something true was taken back, or something untrue was said. */
  'flap',
  /** A change is told to come from an operation that did not make it. */
  'cause',
  /** The date of a suspension is missing, although Microsoft told it. */
  'date-missing',
  'date-wrong',
  /** `renewed` twice for one term. */
  'renewed-twice',
  /** Something came after the end that undoes it. */
  'revived',
  /** The sequence of the public events has a gap, or goes back. */
  'sequence',
  /** The last public event says something else than the record. */
  'told-otherwise',
  /** Something waits without end. */
  'wait',
  /** Activate was sent for a subscription that nobody had confirmed, or that had no tenant. */
  'activated-unasked',
  /** A refusal is told that Microsoft does not show, or that was none of ours. */
  'refusal-untrue',
  /** A refusal that Microsoft shows is not told, or more than once. */
  'refusal-untold',
  /** Microsoft did what we had refused, and the event does not say so; or it says so of something else. */
  'overruled-untold',
  /** What we asked of Microsoft is told to have ended otherwise than it did, or was done twice. */
  'request-untrue',
  /** A request, or its failure, is not told, or more than once. */
  'request-untold',
  /** A set-up that was confirmed ends in nothing, or leaves a tenant that nobody will use. */
  'set-up',
  /** What is told once was told twice. */
  'told-twice',
  /** Microsoft was asked about the subscription, or changed, with the token of a publisher that did not sell it. */
  'other-registration',
  /** A sweep ended a subscription before it was complete, or one of many that are lost at once before an operator let it through. */
  'ended-unasked',
  /** An operator is not asked although many are lost, or is asked although they are not, or again; or a question stays open whose cause is gone. */
  'question',
  /** What three complete sweeps do not show is not told, or something else is. */
  'missing',
  /** What a sweep found is not told as found by it, or something else is. */
  'sweep-cause',
  /** A sweep imported what nobody knew here before an operator allowed it. */
  'import-unasked',
  /** At rest a sweep has still something to tell. */
  'restless',
] as const;
/** What is counted and can't be avoided by anybody who only has Microsoft's answers. */
export const unavoidable = [
  /** Microsoft said Succeeded, and never did it: whoever believes it tells something untrue. */
  'microsofts-untruth',
  /** A change is told to come from another operation than the one that made it: nothing had told of that one by then. */
  'cause-untold',
  /** A request is told to have succeeded, whose call was not answered, or whose operation was not shown: another operation did the same, and nothing had told of that one by then. */
  'request-anothers',
  /** A suspension has not its own date, since the webhook of a later Reinstate, which was not done, came before its own. */
  'date-ambiguous',
  /** Get says of a subscription that it has ended, and it has not: to a read that no sweep made, or of few. */
  'ended-as-shown',
  /**
   * An operator said of an end that it is none, and the subscription ended later while Microsoft's list had not shown it as alive in between; or that it is not to be
   * imported, and nothing told of it again.
   */
  'ended-dismissed',
] as const;
export type Kind = (typeof kinds)[number] | (typeof unavoidable)[number];

export interface Violation {
  readonly kind: Kind;
  /** The member or the thing that it is about. */
  readonly about: string;
  readonly explanation: string;
}

export const isAvoidable = ({ kind }: Pick<Violation, 'kind'>): boolean => !(unavoidable as readonly string[]).includes(kind);
