import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What of npm's packages the image holds: what its projects depend on, directly or not, and what those need beside them (peers). By `package-lock.json` alone:
 * `npm prune` would leave what tests and tools depend on, and `npm sbom` leaves out what is both a dependency and somebody's optional peer.
 * @returns the entry of the lock file by its place, such as `node_modules/pg`; links to our own libraries are not among them
 */
export function packagesOfImage(root, projects) {
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found = new Map();
  const visited = new Set();
  const waiting = [...projects];
  while (waiting.length > 0) {
    const place = waiting.pop();
    if (visited.has(place)) continue;
    visited.add(place);
    const entry = locked[place];
    if (!entry) throw new Error(`package-lock.json does not know ${place}.`);
    if (place.includes('node_modules/')) found.set(place, entry);
    for (const name of needed(entry)) {
      const at = placeOf(locked, place, name);
      if (at) waiting.push(locked[at].link ? locked[at].resolved : at);
      else if (entry.dependencies?.[name]) throw new Error(`package-lock.json does not know ${name}, which ${place} depends on.`);
    }
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** A list of them as CycloneDX has it, which scanners for known faults and licences read. */
export function billOfMaterials(packages, { name, version }) {
  const components = [...packages].map(([place, entry]) => {
    const id = nameOf(place, entry);
    return {
      type: 'library',
      'bom-ref': `${id}@${entry.version}|${place}`,
      name: id,
      version: entry.version,
      purl: `pkg:npm/${id.replace('@', '%40')}@${entry.version}`,
      licenses: [{ expression: entry.license ?? 'NOASSERTION' }],
      hashes: entry.integrity ? [hashOf(entry.integrity)] : [],
    };
  });
  const metadata = { component: { type: 'application', 'bom-ref': name, name, version } };
  return { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata, components };
}

export function nameOf(place, { name } = {}) {
  return name ?? place.split('node_modules/').pop();
}

function needed({ dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...Object.keys(dependencies), ...peers];
}

/** Where Node finds a package that is asked for from a place: in the nearest folder above. */
function placeOf(locked, from, name) {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/')))) {
    if (!place.endsWith('node_modules')) {
      const candidate = `${place ? `${place}/` : ''}node_modules/${name}`;
      if (locked[candidate]) return candidate;
    }
    if (place === '') return undefined;
  }
}

function hashOf(integrity) {
  const [algorithm, text] = integrity.split(' ')[0].split(/-(.*)/s);
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(text, 'base64').toString('hex') };
}
