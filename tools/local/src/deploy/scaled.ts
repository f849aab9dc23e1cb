import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Checked } from './chart';
import type { DoubledCluster } from './cluster.double';
import { chartDir, type Helm } from './helm';
import { KubernetesSchemas, readManifests, type Manifest } from './manifests';

/** Copies that run where an upgrade comes: more than an autoscaler keeps, fewer, and none, as before the first install. Two is what it keeps at least. */
const running = { subscription: 5, fulfillment: 1 };
const expected = { subscription: 5, fulfillment: 2, gateway: 2 };

/** An upgrade leaves the copies that an autoscaler has made, and begins with those that it keeps: Helm renders against a double of a cluster. */
export async function scaledChecked(helm: Helm, repository: string): Promise<Checked> {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-cluster-'));
  const sets = Object.fromEntries(Object.entries(running).map(([name, copies]) => [`landfall/landfall-${name}`, copies]));
  const workerData: DoubledCluster = { kinds: new KubernetesSchemas(repository).kinds, sets };
  const cluster = new Worker(join(__dirname, 'cluster.double.js'), { workerData });
  try {
    const [{ port }] = (await once(cluster, 'message')) as [AddressInfo];
    const config = join(dir, 'config.json');
    writeFileSync(config, JSON.stringify(reaching(`http://127.0.0.1:${port}`)));
    const { status, stdout, stderr } = helm([
      ...['template', 'landfall', chartDir, '--namespace', 'landfall', '--values', join(chartDir, 'examples', 'minimal.yaml')],
      ...['--dry-run=server', '--disable-openapi-validation', '--kubeconfig', config],
      ...Object.keys(expected).flatMap((name) => ['--set', `services.${name}.autoscaling.enabled=true`]),
    ]);
    const faults = status === 0 ? replicaFaults(readManifests(stdout)) : [stderr.trim()];
    return { what: 'an upgrade leaves the copies that an autoscaler made', faults };
  } finally {
    await cluster.terminate();
    rmSync(dir, { recursive: true });
  }
}

function replicaFaults(manifests: readonly Manifest[]): string[] {
  return Object.entries(expected).flatMap(([name, copies]) => {
    const set = manifests.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === `landfall-${name}`);
    const { replicas } = (set?.spec ?? {}) as { replicas?: number };
    return replicas === copies ? [] : [`${name} has ${replicas ?? 'no number of'} copies after an upgrade, and not ${copies}`];
  });
}

const reaching = (server: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'double', cluster: { server } }],
  users: [{ name: 'nobody', user: {} }],
  contexts: [{ name: 'double', context: { cluster: 'double', user: 'nobody' } }],
  'current-context': 'double',
});
