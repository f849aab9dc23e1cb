import { nameOf, type Labels, type Manifest } from './manifests';

/** As far as we look at it. */
export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  ports?: { name: string }[];
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[]; add?: string[] };
  };
  resources?: { requests?: Record<string, unknown>; limits?: Record<string, unknown> };
  volumeMounts?: { name: string; mountPath: string }[];
  [probe: `${string}Probe`]: { httpGet?: { port: string | number } } | undefined;
}

export interface PodTemplate {
  metadata: { labels: Labels };
  spec: {
    automountServiceAccountToken?: boolean;
    securityContext?: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: { type: string } };
    containers: Container[];
    initContainers?: Container[];
    volumes?: ({ name: string } & Record<string, unknown>)[];
  };
}

/** The pods that a manifest leads to. Undefined where it leads to none. */
export function podOf({ kind, metadata, spec }: Manifest): PodTemplate | undefined {
  if (kind === 'Pod') return { metadata: { labels: metadata.labels ?? {} }, spec: spec as PodTemplate['spec'] };
  return ['StatefulSet', 'Deployment', 'Job'].includes(kind) ? (spec as { template: PodTemplate }).template : undefined;
}

export const containersOf = ({ spec }: PodTemplate): Container[] => [...(spec.initContainers ?? []), ...spec.containers];

/** Those that a namespace with restricted pod security lets in. */
const volumeKinds = new Set(['configMap', 'secret', 'emptyDir', 'projected', 'csi', 'downwardAPI', 'persistentVolumeClaim', 'ephemeral']);
const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;

/** What in its pods would be refused by Kubernetes' restricted pod security, or by whoever has to keep a cluster in order. */
export function podFaults(manifest: Manifest): string[] {
  const pod = podOf(manifest);
  if (!pod) return [];
  const { spec } = pod;
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  const mounted = new Set(containersOf(pod).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
  const isLong = !['Job', 'Pod'].includes(manifest.kind);
  return [
    ...unless(spec.automountServiceAccountToken === false, 'its pods get a token of the service account'),
    ...unless(spec.securityContext?.runAsNonRoot === true && spec.securityContext.runAsUser !== 0, 'its pods may run as root'),
    ...unless(spec.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'its pods have no seccomp profile'),
    ...(spec.volumes ?? []).flatMap(({ name, ...source }) =>
      unless(
        Object.keys(source).every((kind) => volumeKinds.has(kind)),
        `the volume ${name} is of a kind that restricted pod security refuses`,
      ),
    ),
    ...volumes.filter((name) => !mounted.has(name)).map((name) => `the volume ${name} is mounted nowhere`),
    ...containersOf(pod).flatMap((container) =>
      [...containerFaults(container, volumes), ...(isLong ? probeFaults(container) : [])].map((fault) => `${container.name}: ${fault}`),
    ),
  ].map((fault) => `${nameOf(manifest)}: ${fault}`);
}

function containerFaults(container: Container, volumes: readonly string[]): string[] {
  const { image, securityContext: security, resources, volumeMounts = [], env = [] } = container;
  return [
    ...unless(security?.allowPrivilegeEscalation === false, 'it may get more privileges than it has'),
    ...unless(security?.readOnlyRootFilesystem === true, 'its root file system can be written to'),
    ...unless(
      security?.capabilities?.drop?.includes('ALL') === true && !security.capabilities.add,
      'it has capabilities that it does not need',
    ),
    ...unless(/@sha256:[0-9a-f]{64}$/.test(image) || /:(?!latest$)[\w.-]+$/.test(image), `its image ${image} is not a certain one`),
    ...unless(resources?.limits?.['memory'] !== undefined, 'it has no limit of memory'),
    ...unless(
      ['cpu', 'memory'].every((name) => resources?.requests?.[name] !== undefined),
      'it does not say what it needs',
    ),
    ...volumeMounts.filter(({ name }) => !volumes.includes(name)).map(({ name }) => `there is no volume ${name}`),
    ...twice(env.map(({ name }) => name)).map((name) => `${name} is set twice`),
    ...twice(volumeMounts.map(({ mountPath }) => mountPath)).map((path) => `two volumes are mounted at ${path}`),
  ];
}

function probeFaults(container: Container): string[] {
  const ports = (container.ports ?? []).map(({ name }) => name);
  return probes.flatMap((probe) => {
    const port = container[probe]?.httpGet?.port;
    if (port === undefined) return [`it has no ${probe}`];
    return unless(ports.includes(String(port)), `its ${probe} asks a port ${port} that it does not have`);
  });
}

export const unless = (holds: boolean, fault: string): string[] => (holds ? [] : [fault]);
const twice = (names: string[]): string[] => names.filter((name, index) => names.indexOf(name) !== index);
