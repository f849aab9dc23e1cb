import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chartDir, type Helm } from './helm';
import { KubernetesSchemas, readManifests } from './manifests';
import { podFaults } from './pods';
import type { Load } from './programs';
import { releaseFaults } from './release';

export interface Checked {
  what: string;
  faults: string[];
}

/** Values beside those of an example that a part of the templates is only rendered with. */
const variants: readonly { name: string; example: string; set: string[] }[] = [
  {
    name: 'autoscaling',
    example: 'production',
    set: ['services.subscription.autoscaling.enabled=true', 'services.gateway.autoscaling.enabled=true'],
  },
  {
    name: 'internal routes',
    example: 'production',
    set: ['internal.parentRefs[0].name=internal', 'internal.className=', 'internal.tlsSecret='],
  },
  {
    name: 'authorities in Secrets',
    example: 'production',
    set: ['kafka.caConfigMap=', 'kafka.caSecret=a-cluster-ca-cert', 'database.caConfigMap=', 'database.caSecret=b-ca'],
  },
  {
    name: 'a proxy',
    example: 'azure',
    set: ['proxy.url=http://proxy.example.com:3128', 'proxy.noProxy=login.example.com'],
  },
  { name: 'a long name', example: 'minimal', set: [] },
];
const longName = 'a-name-that-is-as-long-as-helm-lets-it-be-53-letters';

/** Wrong values, and what is said of them. */
const refusals: readonly [set: string, said: RegExp][] = [
  ['image.tag=latest', /nobody knows what runs then/],
  ['publicUrl=http://marketplace.example.com', /publicUrl/],
  ['proxy.url=http://us:secret@proxy.example.com:3128', /proxy\/url/],
  ['kafka.brokers=', /kafka\.brokers is required/],
  ['catalog.configMap=', /catalog\.configMap is required/],
  ['kafka.saslMechanism=gssapi', /saslMechanism.*one of/s],
  ['settings.DATABASE_URL=x', /is a secret: put it into the Secret/],
  ['services.gateway.settings.PORT=1', /is set by the chart/],
  ['services.gateway.settings.PUBLIC_ULR=x', /'PUBLIC_ULR' not allowed/],
  ['settings.PUBLISHER_TENANT_ID=x', /'PUBLISHER_TENANT_ID' not allowed/],
  ['services.gateway.secretKeys[0]=DATABASE_ULR', /secretKeys\/0.*one of 'DATABASE_URL'/s],
  ['topics.settings.LOG_LEVLE=x', /'LOG_LEVLE' not allowed/],
  ['settings.DATABASE_SSL=false', /is set by the chart/],
  ['settings.KAFKA_SSL_CA_FILE=/ca', /is set by the chart/],
  ['kafka.saslMechanism=plain', /KAFKA_SASL_PASSWORD is not among the secretKeys of/],
  ['image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000000', /that of the example/],
  ['services.gateway.replicas=0', /replicas/],
  ['service.gateway.replicas=2', /additional propert.*service/i],
  ['internal.parentRefs[0].name=inside,internal.className=inside', /internal\.className is of an Ingress/],
  ['internal.parentRefs[0].name=inside,internal.tlsSecret=inside', /internal\.tlsSecret is of an Ingress/],
  ['services.gateway.autoscaling.minReplicas=7', /minReplicas is more than maxReplicas/],
  ['httpRoute.enabled=true', /httpRoute\.parentRefs is required/],
];

/** Renders each example with Helm and holds it against Kubernetes' schemas, our policies, and the settings of the programs. */
export function chartFaults(helm: Helm, repository: string, load: Load): Checked[] {
  const schemas = new KubernetesSchemas(repository);
  const valuesOf = (example: string) => ['--values', join(chartDir, 'examples', `${example}.yaml`), ...missingFiles(repository)];
  const examples = readdirSync(join(repository, chartDir, 'examples')).map((file) => file.replace('.yaml', ''));
  const render = (release: string, example: string, set: string[] = []) =>
    helm(['template', release, chartDir, '--namespace', 'landfall', ...valuesOf(example), ...set.flatMap((one) => ['--set', one])]);
  const rendered = (what: string, release: string, example: string, set?: string[]): Checked => {
    const { status, stdout, stderr } = render(release, example, set);
    if (status !== 0) return { what, faults: [stderr.trim()] };
    const manifests = readManifests(stdout);
    const malformed = manifests.flatMap((manifest) => schemas.faults(manifest));
    const unfit = () => [...manifests.flatMap(podFaults), ...releaseFaults(manifests, load)];
    return { what: `${what}: ${manifests.length} manifests`, faults: malformed.length > 0 ? malformed : unfit() };
  };
  const title = `rendered, by the schemas of Kubernetes ${schemas.version}`;
  return [
    ...examples.map((example) => {
      const { status, stdout, stderr } = helm(['lint', chartDir, '--strict', ...valuesOf(example)]);
      return { what: `example ${example}, helm lint`, faults: status === 0 ? [] : [`${stdout}${stderr}`.trim()] };
    }),
    ...examples.map((example) => rendered(`example ${example}, ${title}`, 'landfall', example)),
    ...variants.map(({ name, example, set }) =>
      rendered(`${name}, ${title}`, name === 'a long name' ? longName : 'landfall', example, set),
    ),
    {
      what: 'wrong values are refused, in words',
      faults: refusals.flatMap(([set, said]) => refusalFaults(render('landfall', 'minimal', [set]), set, said)),
    },
    { what: 'large numbers, and false, arrive as they are', faults: settingFaults(helm, valuesOf('minimal')) },
    { what: 'who installs is told whether anybody reaches the gateway', faults: noteFaults(helm, valuesOf('minimal')) },
  ];
}

function refusalFaults({ status, stderr }: ReturnType<Helm>, set: string, said: RegExp): string[] {
  if (status === 0) return [`${set} is taken`];
  return said.test(stderr) ? [] : [`${set} is refused with: ${stderr.trim()}`];
}

/** Helm reads numbers as floating point, and would write 1e+06; its `merge` takes false for nothing. */
function settingFaults(helm: Helm, values: string[]): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-values-'));
  try {
    const settings = 'settings:\n  LOG_MESSAGES: true\n';
    const own =
      'services:\n  gateway:\n    settings:\n      LOG_MESSAGES: false\n  fulfillment:\n    settings:\n      MARKETPLACE_CONCURRENCY: 1000000\n';
    writeFileSync(join(dir, 'values.yaml'), `${settings}${own}`);
    const { stdout, stderr } = helm(['template', 'landfall', chartDir, ...values, '--values', join(dir, 'values.yaml')]);
    const isLarge = stdout.includes('value: "1000000"');
    const isFalse = /name: LOG_MESSAGES\n\s+value: "false"/.test(stdout);
    return [
      ...(isLarge ? [] : [`a setting 1000000 is given to the services otherwise${stderr}`]),
      ...(isFalse ? [] : ['a setting that is false for one service is not false there']),
    ];
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** What Helm says behind an installation. */
function noteFaults(helm: Helm, values: string[]): string[] {
  const isTold = (...set: string[]) => {
    const { stdout, stderr } = helm([
      'install',
      'landfall',
      chartDir,
      '--dry-run=client',
      ...values,
      ...set.flatMap((one) => ['--set', one]),
    ]);
    const notes = stdout.split('NOTES:')[1];
    return notes === undefined ? `no notes: ${stderr.trim()}` : notes.includes('Nobody reaches the gateway yet');
  };
  const ways = ['ingress.enabled=true', 'httpRoute.enabled=true,httpRoute.parentRefs[0].name=public'];
  return [
    ...[isTold('ingress.enabled=false')]
      .filter((told) => told !== true)
      .map((told) => `without ingress and httpRoute nobody is told (${told})`),
    ...ways
      .filter((way) => isTold('ingress.enabled=false', way) !== false)
      .map((way) => `with ${way} it is said that nobody reaches the gateway`),
  ];
}

/** Alerts and dashboards lie beside the chart; without them nothing is rendered of them. */
function missingFiles(repository: string): string[] {
  const has = (name: string) => existsSync(join(repository, chartDir, 'files', name));
  return has('rules.yml') ? [] : ['--set', 'monitoring.rules.enabled=false'];
}
