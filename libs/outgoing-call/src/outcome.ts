/**
 * Why there is no answer. `not-sent` and `blocked-address` are our own doing, `name-not-found`, `connection-refused` and `tls` mean that nothing arrived; with
 * any other the call may have arrived.
 */
export type UnansweredReason =
  | 'blocked-address' // the URL, its host or every address of it is one to which no call goes
  | 'name-not-found'
  | 'connection-refused' // also: no route to it
  | 'tls' // no handshake, or a certificate that is not trusted, has expired or is another host's
  | 'connection-cut' // twice, where it could be repeated
  | 'time-limit'
  | 'redirect' // none is followed
  | 'too-large' // head or body
  | 'not-http'
  | 'not-json'
  | 'not-sent'; // too many calls wait for this host already, or the service is stopping

/** The other side answered, with whatever status. */
export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
}

/** `body` is what was read as JSON. It is undefined where a status other than 2xx comes with something else, such as a proxy's page. Nothing has checked it. */
export interface AnsweredWithBody extends Answered {
  readonly body: unknown;
}

export interface Unanswered {
  readonly kind: 'unanswered';
  readonly reason: UnansweredReason;
  /** A sentence for operators. It holds host and address, and nothing of path, query or bodies. */
  readonly detail: string;
}

export const unanswered = (reason: UnansweredReason, detail: string): Unanswered => ({ kind: 'unanswered', reason, detail });
