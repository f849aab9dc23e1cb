import type { Catalog } from '@landfall/contracts';

interface Asking {
  /** Why no call to a URL would ever be sent; undefined where nothing speaks against it. */
  readonly problemOf: (url: string) => string | undefined;
  readonly hasKeys: boolean;
}

/** Why products that have a say according to a catalog cannot be asked, a sentence each: all that is certain before they are. */
export function vetoProblems({ publishers }: Catalog, { problemOf, hasKeys }: Asking): string[] {
  const vetoes = Object.entries(publishers).flatMap(([publisherId, { offers }]) =>
    Object.entries(offers).flatMap(([offerId, { veto }]) =>
      veto ? [{ offer: `${publisherId}/${offerId}`, problem: problemOf(veto.url) }] : [],
    ),
  );
  return [
    ...(vetoes.length > 0 && !hasKeys ? ['VETO_SIGNING_KEYS is not set, so that no product can be asked'] : []),
    ...vetoes.flatMap(({ offer, problem }) =>
      problem === undefined ? [] : [`the product that has a say in changes of offer ${offer} cannot be asked: ${problem}`],
    ),
  ];
}
