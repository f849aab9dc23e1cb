import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryDir } from '../repository';

interface NamedPlan {
  readonly planId: string;
  readonly displayName: string;
  readonly meteringDimensions: readonly { readonly id: string }[];
}

/** What the catalog takes over of an offer of the emulator. */
export interface NamedOffer {
  readonly publisherId: string;
  readonly offerId: string;
  readonly displayName: string;
  readonly plans: readonly NamedPlan[];
}

const answerLimitMs = 10_000;

/**
 * The catalog of a laptop. Where `dir` has none yet it is written from the emulator's offers; from then on it belongs to the user, who may
 * change it while the system runs.
 */
export async function catalogFile(dir: string, controlUrl: string): Promise<string> {
  const file = join(dir, 'catalog.yaml');
  if (existsSync(file)) return file;
  const answer = await fetch(`${controlUrl}/offers`, { signal: AbortSignal.timeout(answerLimitMs) });
  if (!answer.ok) throw new Error(`The emulator did not tell its offers: it answered ${answer.status}.`);
  const { offers } = (await answer.json()) as { offers: NamedOffer[] };
  const schema = join(repositoryDir, 'docs/reference/catalog.schema.json');
  writeFileSync(`${file}.new`, catalogText(offers, relative(dir, schema)));
  renameSync(`${file}.new`, file); // a run that was ended meanwhile leaves no half of it
  return file;
}

/** The names of offers and plans, and no rule: what is refused is decided by whoever sells. JSON's texts are YAML's as well. */
export function catalogText(offers: readonly NamedOffer[], schema: string): string {
  const publishers = Object.groupBy(offers, ({ publisherId }) => publisherId);
  const text = JSON.stringify;
  return [
    `# yaml-language-server: $schema=${schema}`,
    '# What Landfall is told of the offers: docs/reference/catalog.md. It may be changed while the system runs.',
    offers.length === 0 ? 'publishers: {}' : 'publishers:',
    ...Object.entries(publishers).flatMap(([publisherId, sold = []]) => [
      `  ${text(publisherId)}:`,
      '    offers:',
      ...sold.flatMap(({ offerId, displayName, plans }) => [
        `      ${text(offerId)}:`,
        `        displayName: ${text(displayName)}`,
        '        plans:',
        ...plans.map((plan) => `          ${text(plan.planId)}: { displayName: ${text(plan.displayName)}${metersText(plan)} }`),
      ]),
    ]),
    '',
  ].join('\n');
}

function metersText({ meteringDimensions }: NamedPlan): string {
  const meters = meteringDimensions.map(({ id }) => `${JSON.stringify(id)}: { dimension: ${JSON.stringify(id)} }`);
  return meters.length === 0 ? '' : `, meters: { ${meters.join(', ')} }`;
}
