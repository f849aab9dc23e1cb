/** The registration in Partner Center whose landing page and webhook have no name in their address. */
export const DEFAULT_REGISTRATION = 'default';

/** Which registrations this installation knows. Several publishers each get their own name and their own settings here. */
export const isRegistration = (name: string): boolean => name === DEFAULT_REGISTRATION || name === '';
