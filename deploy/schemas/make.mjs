import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/**
 * Makes `kubernetes.json`, by which `npm run check:deploy` judges what the chart renders, from what Kubernetes and two of its extensions publish of themselves:
 *
 *   go mod download -json k8s.io/kubernetes@v1.36.3 sigs.k8s.io/gateway-api@v1.4.0 github.com/prometheus-operator/prometheus-operator@v0.85.0
 *   node deploy/schemas/make.mjs 1.36.3 <kubernetes>/api/openapi-spec/swagger.json <file with a definition of a custom kind>.yaml …
 *
 * Only the kinds that the chart has are kept. Strict: a member that a kind does not have is a fault, as it is to an API server that is asked to be strict.
 */
const kinds = [
  ...['v1/Pod', 'v1/Service', 'v1/ServiceAccount', 'v1/ConfigMap', 'apps/v1/StatefulSet', 'batch/v1/Job', 'policy/v1/PodDisruptionBudget'],
  ...['autoscaling/v2/HorizontalPodAutoscaler', 'networking.k8s.io/v1/NetworkPolicy', 'networking.k8s.io/v1/Ingress'],
  ...['gateway.networking.k8s.io/v1/HTTPRoute', 'monitoring.coreos.com/v1/ServiceMonitor', 'monitoring.coreos.com/v1/PrometheusRule'],
];
/** Written as a number or a text, though the description says text. */
const numberOrText = { type: ['string', 'number'] };
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const kept = ['type', 'enum', 'required', 'minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'minItems', 'maxItems'];

const [version, swagger, ...files] = process.argv.slice(2);
const { definitions: all } = JSON.parse(readFileSync(swagger, 'utf8'));
const definitions = {};
const schemas = {};

for (const [name, definition] of Object.entries(all))
  for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) keep(group, version, kind, refTo(name));
for (const file of files)
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const { spec } = document.toJS() ?? {};
    for (const { name, schema } of spec?.versions ?? [])
      keep(spec.group, name, spec.names.kind, () => ofCustomKind(schema.openAPIV3Schema));
  }
const missing = kinds.filter((kind) => !schemas[kind]);
if (missing.length > 0) throw new Error(`Nothing describes ${missing.join(', ')}.`);
const target = join(dirname(fileURLToPath(import.meta.url)), 'kubernetes.json');
writeFileSync(target, `${JSON.stringify({ version, kinds: schemas, definitions: sorted(definitions) })}\n`);

function keep(group, version, kind, schema) {
  const name = [...(group ? [group] : []), version, kind].join('/');
  if (kinds.includes(name)) schemas[name] = schema();
}

function refTo(name) {
  return () => {
    if (!definitions[name]) {
      definitions[name] = {}; // before it is followed: some lead back to themselves
      definitions[name] = /api\.resource\.Quantity$|util\.intstr\.IntOrString$/.test(name) ? numberOrText : strict(all[name]);
    }
    return { $ref: `#/definitions/${name}` };
  };
}

function ofCustomKind(schema) {
  const described = strict(schema);
  Object.assign(described.properties, { metadata: refTo(meta)() });
  return described;
}

/** Without descriptions, and closed to members that nobody describes. */
function strict(schema) {
  if (schema.$ref) return refTo(schema.$ref.split('/').pop())();
  if (schema['x-kubernetes-int-or-string']) return numberOrText;
  const result = Object.fromEntries(kept.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]])));
  if (result.pattern && !isKnownHere(result.pattern)) delete result.pattern;
  if (schema.items) result.items = strict(schema.items);
  if (schema.properties) {
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, member]) => [name, strict(member)]));
    result.additionalProperties = schema['x-kubernetes-preserve-unknown-fields'] === true;
  } else if (typeof schema.additionalProperties === 'object') result.additionalProperties = strict(schema.additionalProperties);
  return result;
}

/** Go has forms of regular expressions that JavaScript does not have, such as `(?i)` at the beginning. */
function isKnownHere(pattern) {
  try {
    return Boolean(new RegExp(pattern, 'u'));
  } catch {
    return false;
  }
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
