import type { Subject } from './subject';

/** What is on record about whose a subscription is. */
export interface Belonging {
  /** The registration through which Microsoft first showed it; null: none has yet. */
  readonly boundTo: string | null;
  /** While it is bound to none: whose webhooks have named it, the first one first. */
  readonly announcedTo: readonly string[];
}

/** Through which registration Microsoft is asked. `other`: it belongs to one that did not announce it. `unknown`: nobody has announced it. */
export type Asking =
  | { readonly kind: 'through'; readonly registration: string }
  | { readonly kind: 'other'; readonly boundTo: string; readonly announced: string }
  | { readonly kind: 'unknown' };

/**
 * Decides through which registration Microsoft is asked about a subscription: its own, and never another's. As long as Microsoft has not shown it, that is the one to whose
 * address its webhook came. `only` is the only registration of the installation, where it has no more.
 */
export function askingFor(
  { registration: announced }: Pick<Subject, 'registration'>,
  { boundTo, announcedTo }: Belonging,
  only: string | null,
): Asking {
  if (boundTo && announced && boundTo !== announced) return { kind: 'other', boundTo, announced };
  const registration = boundTo ?? announced ?? announcedTo[0] ?? only;
  return registration ? { kind: 'through', registration } : { kind: 'unknown' };
}
