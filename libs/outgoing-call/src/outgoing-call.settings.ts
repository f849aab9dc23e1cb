import { list, networks } from '@landfall/service-defaults';
import { z } from 'zod';
import { AllowedHosts } from './address/allowed.hosts';
import { SigningKeys } from './signature/signing-keys';

/** What a service that calls products can be told. It adds these to its own settings. */
export const outgoingCallSettings = {
  /** Hosts to which calls may go, separated by commas: `desk.fabrikam.example`, `*.fabrikam.example`, with a port where it is not the standard one. Not given: none. */
  OUTGOING_HOSTS: list()
    .optional()
    .transform((entries, context) => orIssue(context, () => new AllowedHosts(entries ?? []))),
  /** Networks that may be called although they are not public, such as the cluster's `10.0.0.0/8`. Their hosts have to be allowed as well. */
  OUTGOING_NETWORKS: networks(),
};

/** A setting with the keys that sign (`SigningKeys.parse`). Its value is never shown; it is best given as a file, `NAME_FILE`. */
export function signingKeys() {
  return z.string().transform((text, context) => orIssue(context, () => SigningKeys.parse(text)));
}

function orIssue<T>(context: z.RefinementCtx, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
}
