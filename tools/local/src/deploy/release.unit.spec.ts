import { join } from 'node:path';
import { repositoryDir } from '../repository';
import { KubernetesSchemas, readManifests } from './manifests';
import { podFaults } from './pods';
import type { Load } from './programs';
import { releaseFaults } from './release';

const load: Load = (project, file) => jest.requireActual<Record<string, unknown>>(join(repositoryDir, project, 'src', file));
const schemas = new KubernetesSchemas(repositoryDir);

/** A release of one program, as the chart renders it. */
const release = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: topics }
spec:
  serviceName: topics
  selector: { matchLabels: { part: topics } }
  template:
    metadata: { labels: { part: topics } }
    spec:
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: topics
          image: landfall:0.1.0
          args: [libs/messaging/dist/topics/main.js]
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
          env:
            - { name: KAFKA_BROKERS, value: 'kafka:9093' }
            - { name: KAFKA_SSL_CA_FILE, value: /etc/ca.crt }
            - { name: KAFKA_SSL, value: 'true' }
          ports: [{ name: management, containerPort: 9100 }]
          startupProbe: { httpGet: { path: /health/live, port: management } }
          livenessProbe: { httpGet: { path: /health/live, port: management } }
          readinessProbe: { httpGet: { path: /health/ready, port: management } }
          resources: { requests: { cpu: 250m, memory: 256Mi }, limits: { memory: 512Mi } }
          volumeMounts: [{ name: secrets, mountPath: /etc/landfall }]
      volumes: [{ name: secrets, secret: { secretName: topics, defaultMode: 0440 } }]
---
apiVersion: v1
kind: Service
metadata: { name: topics }
spec: { selector: { part: topics }, ports: [{ name: management, port: 9100 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: all }
spec: { podSelector: { matchLabels: { part: topics } }, policyTypes: [Ingress, Egress] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: public }
spec: { parentRefs: [{ name: gate }], rules: [{ backendRefs: [{ name: topics, port: 9100 }] }] }
`;

function faultsOf(text: string): string[] {
  const manifests = readManifests(text);
  const malformed = manifests.flatMap((manifest) => schemas.faults(manifest));
  return malformed.length > 0 ? malformed : [...manifests.flatMap(podFaults), ...releaseFaults(manifests, load)];
}

describe('what Kubernetes says of its kinds', () => {
  it.each(schemas.kinds)('can be used for %s', (kind) => {
    const apiVersion = kind.slice(0, kind.lastIndexOf('/'));
    const empty = { apiVersion, kind: kind.slice(apiVersion.length + 1), metadata: { name: 'empty' }, unknown: true };
    expect(schemas.faults(empty).join('\n')).toContain('must NOT have additional properties (unknown)');
  });
});

describe('what the chart renders', () => {
  it('is let through where nothing is wrong with it', () => {
    expect(faultsOf(release)).toEqual([]);
    const proxy =
      "- { name: NODE_USE_ENV_PROXY, value: '1' }\n            - { name: HTTPS_PROXY, value: 'http://proxy:3128' }\n            - { name: KAFKA_BROKERS,";
    expect(faultsOf(release.replace('- { name: KAFKA_BROKERS,', proxy))).toEqual([]);
  });

  it.each([
    [
      'a member that Kubernetes does not know',
      'serviceName: topics',
      'serviceNames: topics',
      'must NOT have additional properties (serviceNames)',
    ],
    [
      'a value of another type',
      'port: 9100 }] }\n---\napiVersion: networking',
      'port: nine }] }\n---\napiVersion: networking',
      'Service topics/spec/ports/0/port: must be integer',
    ],
    [
      'a kind that nobody described',
      'kind: NetworkPolicy',
      'kind: NetworkPolice',
      'deploy/schemas describes no networking.k8s.io/v1/NetworkPolice',
    ],
    ['root', 'runAsNonRoot: true, ', '', 'its pods may run as root'],
    [
      'a token of the account',
      'automountServiceAccountToken: false',
      'enableServiceLinks: false',
      'its pods get a token of the service account',
    ],
    ['a file system that can be written to', 'readOnlyRootFilesystem: true, ', '', 'topics: its root file system can be written to'],
    ['privileges', 'allowPrivilegeEscalation: false, ', '', 'it may get more privileges than it has'],
    ['capabilities', 'drop: [ALL]', 'drop: [KILL]', 'it has capabilities that it does not need'],
    ['a tag that moves', 'landfall:0.1.0', 'landfall:latest', 'its image landfall:latest is not a certain one'],
    ['no tag', 'landfall:0.1.0', 'landfall', 'its image landfall is not a certain one'],
    ['no limit', 'limits: { memory: 512Mi }', 'limits: {}', 'it has no limit of memory'],
    ['no probe', 'livenessProbe', 'lifecycle: {}\n          #', 'it has no livenessProbe'],
    [
      'a probe of a port that is not there',
      '/health/ready, port: management',
      '/health/ready, port: manage',
      'its readinessProbe asks a port manage',
    ],
    [
      'a folder of the node',
      'secret: { secretName: topics, defaultMode: 0440 }',
      'hostPath: { path: /etc }',
      'of a kind that restricted pod security refuses',
    ],
    ['a volume that nobody mounts', 'name: secrets, mountPath', 'name: other, mountPath', 'the volume secrets is mounted nowhere'],
    ['a variable that is set twice', 'KAFKA_SSL, value', 'KAFKA_BROKERS, value', 'KAFKA_BROKERS is set twice'],
    ['a variable that is no setting', 'KAFKA_SSL, value', 'KAFKA_TLS, value', 'topics: KAFKA_TLS is no setting of topics'],
    ['settings that do not fit together', "value: 'true'", "value: 'false'", 'KAFKA_SSL_CA is set, and KAFKA_SSL is not true'],
    [
      'a program that the image does not have',
      'topics/main.js',
      'topics/start.js',
      'the image has no program libs/messaging/dist/topics/start.js',
    ],
    [
      'a selector that is not its pods',
      'selector: { matchLabels: { part: topics } }',
      'selector: { matchLabels: { part: x } }',
      'StatefulSet topics: its selector does not match',
    ],
    ['a service without pods', 'spec: { selector: { part: topics }', 'spec: { selector: { part: x }', 'Service topics: it selects no pods'],
    [
      'pods that no policy is about',
      'policyTypes: [Ingress, Egress]',
      'policyTypes: [Ingress]',
      "no NetworkPolicy says what its pods' Egress may be",
    ],
    [
      'a hook whose pods are under no policy yet',
      'metadata: { name: topics }\nspec:\n  serviceName',
      'metadata: { name: topics, annotations: { helm.sh/hook: pre-install } }\nspec:\n  serviceName',
      "no NetworkPolicy says what its pods' Ingress may be",
    ],
    [
      'a hook that a second upgrade finds there already',
      'metadata: { name: all }',
      "metadata: { name: all, annotations: { helm.sh/hook: pre-install, helm.sh/hook-weight: '-1', helm.sh/hook-delete-policy: hook-succeeded } }",
      'a second upgrade would find it there already',
    ],
    [
      'an autoscaler that finds fewer copies than it keeps',
      'apiVersion: gateway',
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: topics }\nspec: { scaleTargetRef: { kind: StatefulSet, name: topics }, minReplicas: 2, maxReplicas: 3 }\n---\napiVersion: gateway',
      'topics begins with 1 copies, and not with 2',
    ],
    [
      'a route that leads nowhere',
      'backendRefs: [{ name: topics, port: 9100',
      'backendRefs: [{ name: topics, port: 80',
      'there is no service topics with a port 80',
    ],
  ])('is refused with %s', (_, right, wrong, fault) => {
    expect(release).toContain(right);
    expect(faultsOf(release.replace(right, wrong)).join('\n')).toContain(fault);
  });
});
