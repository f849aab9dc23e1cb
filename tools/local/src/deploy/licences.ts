import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emulatorName, allServices } from '../system/services';

export const licencesPage = 'docs/reference/licences.md';

/** Licences that ask for no more than to be named. A choice (`MIT OR …`) needs one of these, a sum (`MIT AND …`) only these. */
const accepted = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

export interface LockedPackage {
  version: string;
  license?: string;
  name?: string;
}

/** Of `deploy/packages.mjs` and `deploy/image.mjs`, which the image is made with: plain JavaScript, since nothing is built there yet. */
export interface ImageSteps {
  projectsOfImage(root: string, names?: readonly string[]): string[];
  packagesOfImage(root: string, projects: readonly string[]): Map<string, LockedPackage>;
  nameOf(place: string, entry: LockedPackage): string;
}

/** The packages of both images, by name and version. */
export function packagesOfImages(
  root: string,
  steps: ImageSteps,
): { name: string; version: string; licence: string; isEmulatorOnly: boolean }[] {
  const of = (names: readonly string[]) =>
    [...steps.packagesOfImage(root, steps.projectsOfImage(root, names))].map(([place, entry]) => ({
      name: steps.nameOf(place, entry),
      version: entry.version,
      licence: entry.license ?? 'unknown',
    }));
  const services = of(allServices.map(({ name }) => name));
  const key = ({ name, version }: { name: string; version: string }) => `${name}@${version}`;
  const deployed = new Set(services.map(key));
  const all = new Map([...services, ...of([emulatorName])].map((one) => [key(one), one]));
  return [...all.values()]
    .sort((one, other) => (key(one) < key(other) ? -1 : 1))
    .map((one) => ({ ...one, isEmulatorOnly: !deployed.has(key(one)) }));
}

/** `docs/reference/licences.md`. */
export function licencesText(root: string, steps: ImageSteps): string {
  const packages = packagesOfImages(root, steps);
  const counts = Map.groupBy(packages, ({ licence }) => licence);
  return [
    '# Licences of what the images hold',
    '',
    'Made by `npm run check:deploy -- --write` from `package-lock.json`; a test says when it is behind. Each image also holds the list as CycloneDX, `/landfall/sbom.json`.',
    'A package with a licence that asks for more than to be named, or with none, is refused by that test.',
    '',
    '| licence | packages |',
    '| --- | --- |',
    ...[...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([licence, those]) => `| ${licence} | ${those.length} |`),
    '',
    '| package | version | licence | only in the emulator |',
    '| --- | --- | --- | --- |',
    ...packages.map(
      ({ name, version, licence, isEmulatorOnly }) => `| ${name} | ${version} | ${licence} | ${isEmulatorOnly ? 'yes' : ''} |`,
    ),
    '',
  ].join('\n');
}

/** Packages whose licence is not accepted, and a page that is behind. */
export function licenceFaults(root: string, steps: ImageSteps): string[] {
  const page = join(root, licencesPage);
  const isCurrent = existsSync(page) && readFileSync(page, 'utf8') === licencesText(root, steps);
  return [
    ...packagesOfImages(root, steps)
      .filter(({ licence }) => !isAccepted(licence))
      .map(({ name, version, licence }) => `${name} ${version} has the licence ${licence}, which nobody has accepted`),
    ...(isCurrent ? [] : [`${licencesPage} is behind: npm run check:deploy -- --write`]),
  ];
}

/** An SPDX expression without nesting, as packages have them. */
export function isAccepted(licence: string): boolean {
  const parts = (text: string, word: string) => text.replace(/[()]/g, '').split(` ${word} `);
  return parts(licence, 'OR').some((choice) => parts(choice, 'AND').every((one) => accepted.has(one)));
}
