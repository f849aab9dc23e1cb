import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * What `services.json` says of the applications below `apps/`: `services`, in the order in which people name them, and `others`, which are never deployed. The
 * lint, the image and the local runner all take it from there. Throws when list and folders differ: an application that is not listed would be neither
 * linted for its imports, nor started, nor put into the image, and nobody would notice.
 */
export function readServices(root = repository) {
  const listed = JSON.parse(readFileSync(join(root, 'services.json'), 'utf8'));
  const names = [...listed.services, ...listed.others].map(({ name }) => name);
  const folders = readdirSync(join(root, 'apps'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const unlisted = folders.filter((name) => !names.includes(name)).map((name) => `apps/${name} is not listed in services.json`);
  const missing = listed.services
    .filter(({ name }) => !folders.includes(name)) // the others may be left out, as they are of the image
    .map(({ name }) => `services.json lists ${name}, and there is no apps/${name}`);
  const twice = names.filter((name, index) => names.indexOf(name) !== index).map((name) => `services.json lists ${name} twice`);
  const problems = [...unlisted, ...missing, ...twice];
  if (problems.length > 0) throw new Error(`${problems.join('; ')}.`);
  return listed;
}
