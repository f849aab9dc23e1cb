export { OutgoingCalls, type OutgoingCall, type OutgoingCallOptions } from './outgoing.calls';
export { AllowedHosts } from './address/allowed.hosts';
export { outgoingCallSettings, signingKeys } from './outgoing-call.settings';
export { SigningKeys } from './signature/signing-keys';
export type { Answered, AnsweredWithBody, Unanswered, UnansweredReason } from './outcome';
