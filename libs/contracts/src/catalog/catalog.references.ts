/** One thing that a part of a catalog says and cannot be. */
export interface CatalogProblem {
  readonly path: (string | number)[];
  readonly message: string;
}

/**
 * What the plans of an offer say of each other and cannot be: names of plans that are not there, a plan twice in one list, and a move that
 * one member allows and the other forbids. It looks at an offer that may have other faults as well, and passes over what is of another
 * kind.
 */
export function referenceProblems(offer: unknown): CatalogProblem[] {
  const { noDowngrade, plans } = objectOf(offer);
  const entries = Object.entries(objectOf(plans));
  const known = new Set(entries.map(([planId]) => planId));
  const order = listOf(noDowngrade);
  return [
    ...listProblems(order, known, ['noDowngrade']),
    ...entries.flatMap(([planId, plan]) => {
      const targets = listOf(objectOf(plan)['mayMoveTo']);
      const path = ['plans', planId, 'mayMoveTo'];
      return [...listProblems(targets, known, path), ...contradictions(planId, targets, order, path)];
    }),
  ];
}

function listProblems(planIds: readonly unknown[], known: ReadonlySet<string>, path: string[]): CatalogProblem[] {
  return planIds.flatMap((planId, index): CatalogProblem[] => {
    if (typeof planId !== 'string') return [];
    if (!known.has(planId)) return [{ path: [...path, index], message: `names the plan "${planId}", which the offer does not have here` }];
    return planIds.indexOf(planId) < index ? [{ path: [...path, index], message: `names the plan "${planId}" a second time` }] : [];
  });
}

function contradictions(planId: string, targets: readonly unknown[], order: readonly unknown[], path: string[]): CatalogProblem[] {
  const from = order.indexOf(planId);
  return targets.flatMap((target, index) => {
    const to = order.indexOf(target);
    if (to < 0 || to >= from) return [];
    return [
      { path: [...path, index], message: `allows a move from "${planId}" to "${String(target)}", which noDowngrade of the offer forbids` },
    ];
  });
}

/** Something that has members, or nothing. */
export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
