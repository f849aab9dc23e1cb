import { errors } from 'undici';
import { AddressBlocked } from '../address/checked.lookup';
import { unanswered, type Unanswered, type UnansweredReason } from '../outcome';
import { AnswerTooLarge, codeOf } from './exchange';

const reasons: Record<string, UnansweredReason> = {
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'connection-refused',
  ENETUNREACH: 'connection-refused',
  EADDRNOTAVAIL: 'connection-refused',
  ETIMEDOUT: 'time-limit',
  UND_ERR_CONNECT_TIMEOUT: 'time-limit',
  UND_ERR_SOCKET: 'connection-cut',
  UND_ERR_ABORTED: 'connection-cut',
  ECONNRESET: 'connection-cut',
  EPIPE: 'connection-cut',
  UND_ERR_HEADERS_OVERFLOW: 'too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'not-http',
  UND_ERR_MAX_ORIGINS_REACHED: 'not-sent',
  UND_ERR_CLOSED: 'not-sent',
  UND_ERR_DESTROYED: 'connection-cut', // it had been sent already, where it ran
};

/** What a name server says, or why none says anything. */
const ABOUT_NAMES = /^EAI_|^ENOTFOUND$|^ENODATA$|^ESERVFAIL$/;

/** OpenSSL's and Node's words for a certificate or a handshake that is not accepted. */
const ABOUT_TLS = /CERT|_TLS_|_SSL_|^EPROTO$|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/;
/** The service has waited long enough for its calls to end. Whether this one had arrived is not known. */
export class ServiceStopping extends Error {
  constructor() {
    super('this service stops, and waits for the answer no longer');
  }
}

/** What undici or Node say of arguments: those are ours. */
const ABOUT_ARGUMENTS = /INVALID_ARG/;

const sentences: Partial<Record<UnansweredReason, string>> = {
  'name-not-found': 'its name leads to no address: is it spelt right, and does this machine reach its name server?',
  'connection-refused': 'nothing accepts connections there: is the product running, and is this its port?',
  tls: 'its certificate or its TLS is not accepted',
  'connection-cut': 'it closed the connection without a whole answer',
  'too-large': 'the headers of its answer are larger than anybody reads',
  'not-http': 'what it sent is no HTTP',
  'not-sent': 'nothing was sent: this service is stopping, or has connections to too many hosts',
};

/**
 * What an error of a call means.
 * @param error whatever the exchange threw
 * @throws the error itself where it is no doing of the other side: then the fault is in this code
 */
export function failureOf(
  error: unknown,
  { host, signal, timeLimitMs }: { host: string; signal: AbortSignal; timeLimitMs: number },
): Unanswered {
  if (signal.reason instanceof ServiceStopping) return unanswered('connection-cut', `${host}: ${signal.reason.message}`);
  if (signal.aborted) return unanswered('time-limit', `${host} gave no whole answer within ${timeLimitMs} ms`);
  if (error instanceof AddressBlocked) return unanswered('blocked-address', error.message);
  if (error instanceof AnswerTooLarge) return unanswered('too-large', `${host}: ${error.message}`);
  if (error instanceof errors.HTTPParserError) return unanswered('not-http', `${host}: ${error.message}`);
  const code = codeOf(error);
  if (code === '' || ABOUT_ARGUMENTS.test(code)) throw error;
  const reason = reasonOf(code);
  return unanswered(reason, `${host}: ${sentences[reason] ?? 'no connection in time'} (${code})`);
}

function reasonOf(code: string): UnansweredReason {
  if (ABOUT_TLS.test(code)) return 'tls';
  if (ABOUT_NAMES.test(code)) return 'name-not-found';
  return reasons[code] ?? 'connection-cut';
}
