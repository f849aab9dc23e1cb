import { fieldOf } from '../form';

/** What the customer typed, as it is shown again where something is wrong with it. */
export interface ConfirmationForm {
  readonly email: string;
  readonly name: string;
  readonly acceptsTerms: boolean;
}

/** A sentence per field that must be corrected. */
export type FormErrors = Partial<Record<keyof ConfirmationForm, string>>;

/** RFC 5321 allows 254. */
const EMAIL_LENGTH = 254;
const NAME_LENGTH = 100;
/** One `@`, a dot in the domain, no blanks, no list, no line breaks: whether it works is found out by writing to it. */
const EMAIL = /^[^\s@<>(),;:"\\[\]]+@(?:[^\s@<>(),;:"\\[\].]+\.)+[^\s@<>(),;:"\\[\].]{2,}$/;
const CONTROL = /\p{Cc}|\p{Cf}/u;

export function readForm(form: unknown): ConfirmationForm {
  return {
    email: fieldOf(form, 'email').trim(),
    name: fieldOf(form, 'name').trim().replace(/\s+/g, ' '),
    acceptsTerms: fieldOf(form, 'acceptTerms') === 'yes',
  };
}

/** Empty where the form can be accepted. */
export function errorsOf({ email, name, acceptsTerms }: ConfirmationForm): FormErrors {
  return { ...nameError(name), ...emailError(email), ...termsError(acceptsTerms) };
}

function nameError(name: string): FormErrors {
  if (name === '') return { name: 'Tell us the name of the person whom we may contact.' };
  if (name.length > NAME_LENGTH) return { name: `The name may have ${NAME_LENGTH} characters at most.` };
  return CONTROL.test(name) ? { name: 'The name holds characters that cannot be shown. Type it again.' } : {};
}

function emailError(email: string): FormErrors {
  if (email === '') return { email: 'Tell us an e-mail address where we can reach you about this subscription.' };
  if (email.length > EMAIL_LENGTH) return { email: `The e-mail address may have ${EMAIL_LENGTH} characters at most.` };
  return EMAIL.test(email) && !CONTROL.test(email)
    ? {}
    : { email: 'This is not a complete e-mail address. It looks like name@example.com.' };
}

function termsError(acceptsTerms: boolean): FormErrors {
  return acceptsTerms ? {} : { acceptsTerms: 'Accept the terms of use to go on.' };
}
