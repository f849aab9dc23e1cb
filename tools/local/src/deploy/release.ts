import { nameOf, type Labels, type Manifest } from './manifests';
import { containersOf, podOf, unless, type PodTemplate } from './pods';
import { environmentFaults, programOfArguments, type Load } from './programs';

interface Selector {
  matchLabels: Labels;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
}

/** A label of a revision is the name and a hash of ten letters: 63 letters at most. */
const longestSetName = 52;

/** What does not fit together among all that a release consists of: selectors, names, ports, policies, and the settings of every program. */
export function releaseFaults(manifests: readonly Manifest[], load: Load): string[] {
  return manifests.flatMap((manifest) => {
    const faults = [
      ...selectorFaults(manifest, manifests),
      ...referenceFaults(manifest, manifests),
      ...policyFaults(manifest, manifests),
      ...hookFaults(manifest),
      ...replicaFaults(manifest, manifests),
      ...settingFaults(manifest, load),
      ...unless(manifest.kind !== 'StatefulSet' || manifest.metadata.name.length <= longestSetName, 'its name is too long for its labels'),
    ];
    return faults.map((fault) => `${nameOf(manifest)}: ${fault}`);
  });
}

function selectorFaults({ kind, spec }: Manifest, all: readonly Manifest[]): string[] {
  const { selector, podSelector, template } = (spec ?? {}) as {
    selector?: Labels | Selector;
    podSelector?: Selector;
    template?: { metadata: { labels: Labels } };
  };
  if (kind === 'StatefulSet')
    return unless(
      matches((selector as Selector).matchLabels, template!.metadata.labels),
      'its selector does not match the labels of its pods',
    );
  if (kind === 'ServiceMonitor')
    return unless(
      all.some((other) => other.kind === 'Service' && matches((selector as Selector).matchLabels, other.metadata.labels)),
      'it selects no service',
    );
  const labels = kind === 'Service' ? (selector as Labels) : (podSelector ?? (selector as Selector | undefined))?.matchLabels;
  if (!labels || !['Service', 'PodDisruptionBudget', 'NetworkPolicy'].includes(kind)) return [];
  return unless(
    all.some((other) => (other.kind === 'StatefulSet' || kind === 'NetworkPolicy') && matches(labels, podOf(other)?.metadata.labels)),
    'it selects no pods',
  );
}

interface Backend {
  name: string;
  port: string | number;
}

/** Services that an Ingress, a route, a set, an autoscaler or a test names. */
function referenceFaults(manifest: Manifest, all: readonly Manifest[]): string[] {
  const backends = backendsOf(manifest).flatMap(({ name, port }) => {
    const service = all.find((other) => other.kind === 'Service' && other.metadata.name === name);
    const ports = (service?.spec as { ports: { name: string; port: number }[] } | undefined)?.ports ?? [];
    return unless(
      ports.some((one) => one.port === port || one.name === port),
      `there is no service ${name} with a port ${port}`,
    );
  });
  const { scaleTargetRef, serviceName } = (manifest.spec ?? {}) as {
    scaleTargetRef?: { kind: string; name: string };
    serviceName?: string;
  };
  const has = (kind: string, name: string) => all.some((other) => other.kind === kind && other.metadata.name === name);
  if (scaleTargetRef && !has(scaleTargetRef.kind, scaleTargetRef.name))
    backends.push(`there is no ${scaleTargetRef.name} that it could scale`);
  if (serviceName && !has('Service', serviceName)) backends.push(`there is no service ${serviceName}`);
  return backends;
}

function backendsOf({ kind, spec }: Manifest): Backend[] {
  if (kind === 'HTTPRoute') return (spec as { rules: { backendRefs: Backend[] }[] }).rules.flatMap(({ backendRefs }) => backendRefs);
  if (kind === 'Pod') return (spec as PodTemplate['spec']).containers.flatMap(({ args = [] }) => args.flatMap(asked));
  if (kind !== 'Ingress') return [];
  type Rule = { http: { paths: { backend: { service: { name: string; port: { name?: string; number?: number } } } }[] } };
  return (spec as { rules: Rule[] }).rules.flatMap(({ http }) =>
    http.paths.map(({ backend: { service } }) => ({ name: service.name, port: service.port.name ?? service.port.number! })),
  );
}

/** Which service an argument of a program names, such as `http://landfall-gateway:9100`. */
function asked(argument: string): Backend[] {
  const [, name, port] = /^http:\/\/([a-z0-9-]+):(\d+)$/.exec(argument) ?? [];
  return name ? [{ name, port: Number(port) }] : [];
}

/** Where there are policies at all, each pod is under one for both directions from its start: pods of a hook under one that is a hook before it. */
function policyFaults(manifest: Manifest, all: readonly Manifest[]): string[] {
  const pod = podOf(manifest);
  const policies = all.filter(({ kind }) => kind === 'NetworkPolicy');
  if (!pod || policies.length === 0) return [];
  const types = policies
    .filter((policy) => isThereBefore(policy, manifest))
    .map(({ spec }) => spec as { podSelector: Selector; policyTypes: string[] })
    .filter(({ podSelector }) => selects(podSelector, pod.metadata.labels))
    .flatMap(({ policyTypes }) => policyTypes);
  return ['Ingress', 'Egress'].filter((type) => !types.includes(type)).map((type) => `no NetworkPolicy says what its pods' ${type} may be`);
}

/** Helm runs hooks before what it installs or upgrades, those with a lower weight first. A test comes after all of it. */
function isThereBefore(policy: Manifest, pod: Manifest): boolean {
  const [early, late] = [hookOf(policy), hookOf(pod)];
  if (late.events.every((event) => event === 'test')) return early.events.length === 0;
  return early.weight < late.weight && late.events.every((event) => early.events.includes(event));
}

function hookOf({ metadata: { annotations = {} } }: Manifest): { events: string[]; weight: number } {
  const events = annotations['helm.sh/hook']?.split(',') ?? [];
  return { events, weight: Number(annotations['helm.sh/hook-weight'] ?? 0) };
}

/** Helm refuses to make what is there already, and a hook may be: from the time before, or from one that failed. */
function hookFaults(manifest: Manifest): string[] {
  const policy = manifest.metadata.annotations?.['helm.sh/hook-delete-policy'] ?? 'before-hook-creation';
  return unless(policy.split(',').includes('before-hook-creation'), 'a second upgrade would find it there already');
}

/** An autoscaler finds at least the copies that it keeps: a set without a number of its own begins with one. */
function replicaFaults({ kind, spec }: Manifest, all: readonly Manifest[]): string[] {
  if (kind !== 'HorizontalPodAutoscaler') return [];
  const { scaleTargetRef, minReplicas } = spec as { scaleTargetRef: { name: string }; minReplicas: number };
  const set = all.find((other) => other.kind === 'StatefulSet' && other.metadata.name === scaleTargetRef.name);
  const { replicas = 1 } = (set?.spec ?? {}) as { replicas?: number };
  return unless(replicas >= minReplicas, `${scaleTargetRef.name} begins with ${replicas} copies, and not with ${minReplicas}`);
}

/** What each container is told, as its program would read it. What the platform fills in gets a sample. */
function settingFaults(manifest: Manifest, load: Load): string[] {
  const pod = podOf(manifest);
  return (pod ? containersOf(pod) : []).flatMap(({ name, args = [], env = [] }) => {
    try {
      const program = programOfArguments(args, load);
      const environment = Object.fromEntries(env.map((one) => [one.name, one.value ?? 'sample-0']));
      const faults = program ? environmentFaults(program, environment) : env.map((one) => `it reads no settings, and is given ${one.name}`);
      return faults.map((fault) => `${name}: ${fault}`);
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  });
}

function selects({ matchLabels, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const isMet = ({ key, operator, values }: { key: string; operator: string; values: string[] }) =>
    operator === 'In' ? values.includes(labels[key] ?? '') : operator === 'NotIn' && !values.includes(labels[key] ?? '');
  return matches(matchLabels, labels) && matchExpressions.every(isMet);
}

function matches(selector: Labels, labels: Labels = {}): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
