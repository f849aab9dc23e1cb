import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

export interface DoubledCluster {
  /** Kinds that it knows, such as `apps/v1/StatefulSet`. */
  kinds: readonly string[];
  /** How many copies of which set run, by `<namespace>/<name>`. */
  sets: Readonly<Record<string, number>>;
}

/** As much of a cluster as Helm asks while it renders. It has a thread of its own, since whoever starts Helm waits for it and does nothing else. */
const { kinds, sets } = workerData as DoubledCluster;
const known = new Map<string, object>([
  ['/version', { major: '1', minor: '36', gitVersion: 'v1.36.3' }],
  ['/api', { kind: 'APIVersions', versions: ['v1'] }],
  [
    '/apis',
    {
      kind: 'APIGroupList',
      groups: versions()
        .filter(({ name }) => name)
        .map(asGroup),
    },
  ],
  ...versions().map(({ name, groupVersion }): [string, object] => [
    name ? `/apis/${groupVersion}` : `/api/${groupVersion}`,
    { kind: 'APIResourceList', groupVersion, resources: kindsOf(groupVersion).map(asResource) },
  ]),
]);
const nothing = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://cluster').pathname;
  const body = known.get(path) ?? setAt(path);
  response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? nothing));
}).listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));

function setAt(path: string): object | undefined {
  const [, namespace, name] = /^\/apis\/apps\/v1\/namespaces\/([^/]+)\/statefulsets\/([^/]+)$/.exec(path) ?? [];
  const replicas = sets[`${namespace}/${name}`];
  if (replicas === undefined) return undefined;
  // whose it is, or Helm would not touch it
  const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
  const annotations = { 'meta.helm.sh/release-name': 'landfall', 'meta.helm.sh/release-namespace': namespace };
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { namespace, name, labels, annotations }, spec: { replicas } };
}

/** Each version of a group once; the first group has no name. */
function versions(): { name: string; groupVersion: string }[] {
  const all = new Set(kinds.map((kind) => kind.slice(0, kind.lastIndexOf('/'))));
  return [...all].map((groupVersion) => ({ name: groupVersion.split('/').slice(0, -1).join('/'), groupVersion }));
}

function asGroup({ name, groupVersion }: { name: string; groupVersion: string }): object {
  const version = { groupVersion, version: groupVersion.split('/').at(-1) };
  return { name, versions: [version], preferredVersion: version };
}

function kindsOf(groupVersion: string): string[] {
  return kinds
    .filter((kind) => kind.startsWith(`${groupVersion}/`) && !kind.slice(groupVersion.length + 1).includes('/'))
    .map((kind) => kind.slice(groupVersion.length + 1));
}

/** Not each plural is right; only that of sets is asked for. */
function asResource(kind: string): object {
  return { name: `${kind.toLowerCase()}s`, singularName: '', namespaced: true, kind, verbs: ['get'] };
}
