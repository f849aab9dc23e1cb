/** The registration in Partner Center whose landing page and webhook have no name in their address. */
const DEFAULT_REGISTRATION = 'default';

/**
 * The registration that an address names, if this installation knows it. Several publishers each get their own name, and their own
 * settings, here.
 */
export function registrationOf(name: string | undefined): string | undefined {
  return name === undefined || name === '' || name === DEFAULT_REGISTRATION ? DEFAULT_REGISTRATION : undefined;
}
