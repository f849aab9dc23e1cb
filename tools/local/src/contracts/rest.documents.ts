import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './built.program';
import { textOf, type Documents } from './documents';

/** Where they lie, from the root of the repository: one OpenAPI document per service. */
export const restDir = 'docs/reference/rest';

/** Asks each service, as it is built, for the description of its REST endpoints. Nothing of it runs. */
export function restDocuments(repository: string): Documents {
  const { services } = JSON.parse(readFileSync(join(repository, 'services.json'), 'utf8')) as { services: { name: string }[] };
  return new Map(
    services.map(({ name }): [string, string] => [
      `${restDir}/${name}.json`,
      textOf(ask(repository, `apps/${name}/dist/main.js`, '--openapi')),
    ]),
  );
}
