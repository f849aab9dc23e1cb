import type { Catalog } from '@landfall/contracts';
import type { AllowedHosts } from '@landfall/outgoing-call';

/** Why products that have a say according to a catalog cannot be asked, a sentence each. */
export function vetoProblems(
  { publishers }: Catalog,
  { hosts, hasKeys }: { readonly hosts: AllowedHosts; readonly hasKeys: boolean },
): string[] {
  const vetoes = Object.entries(publishers).flatMap(([publisherId, { offers }]) =>
    Object.entries(offers).flatMap(([offerId, { veto }]) => (veto ? [{ offer: `${publisherId}/${offerId}`, url: new URL(veto.url) }] : [])),
  );
  const foreign = vetoes.filter(({ url }) => hosts.entryFor(url) === undefined);
  return [
    ...(vetoes.length > 0 && !hasKeys ? ['VETO_SIGNING_KEYS is not set, so that no product can be asked'] : []),
    ...foreign.map(({ offer, url }) => `${url.host}, which has a say in changes of offer ${offer}, is not among OUTGOING_HOSTS`),
  ];
}
