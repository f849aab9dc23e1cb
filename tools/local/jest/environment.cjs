/* eslint-disable @typescript-eslint/no-require-imports -- jest loads it as it is */
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/**
 * Each spec has a context of its own, and loads Nest, TypeORM and all that it needs anew: no spec sees what another has left in a module. That stays so. What jest does
 * besides, and what costs most of its time, is done once per worker here:
 *
 * - A module is compiled once. Its script is kept, functions that were compiled while they ran included, and run in each context. Of an ECMAScript module, such as those of
 *   Nest, Node can keep what was compiled at first.
 * - The built-in objects of a context are looked up once per module. A context asks its sandbox for a name each time that code mentions it, which makes `Math` or `Map`
 *   in a loop the dearest part of it. What specs replace, such as `Date`, timers, `fetch` or `process`, is looked up as ever.
 */
const builtIns = [
  'Array ArrayBuffer BigInt Boolean Error JSON Map Math Number Object Promise Proxy RangeError Reflect RegExp Set String Symbol SyntaxError TypeError Uint8Array',
  'WeakMap WeakSet isNaN parseInt',
].flatMap((names) => names.split(' '));

/** By file: a module may be transformed in two ways, so its source is compared. */
const scripts = new Map();
const ofContext = new WeakMap();
const lookUp = new vm.Script(`[${builtIns.join(', ')}]`);
const { compileFunction } = vm;

/** `import()` asks for modules of its own context, so code with it is compiled for each. */
const isBoundToContext = /\bimport\s*\(/;

function scriptOf(source, parameters, filename) {
  const key = `${filename}\0${parameters.join()}`;
  const kept = scripts.get(key);
  if (kept?.source === source) return kept.script;
  const isBound = isBoundToContext.test(source);
  const before = `(function (${builtIns.join(', ')}) { return function (${parameters.join(', ')}) {`;
  const script = isBound ? undefined : new vm.Script(`${before}${source}\n}; })`, { filename, columnOffset: -before.length });
  scripts.set(key, { source, script });
  return script;
}

function builtInsOf(context) {
  const known = ofContext.get(context);
  if (known) return known;
  const found = lookUp.runInContext(context);
  ofContext.set(context, found);
  return found;
}

/** What jest calls for each module of each spec. */
vm.compileFunction = (source, parameters, options) => {
  const { parsingContext, filename } = options ?? {};
  const script = parsingContext && filename ? scriptOf(source, parameters, filename) : undefined;
  return script ? script.runInContext(parsingContext)(...builtInsOf(parsingContext)) : compileFunction(source, parameters, options);
};

const { SourceTextModule } = vm;
/** By file, as above. */
const moduleCode = new Map();

/** What jest makes of each ECMAScript module of each spec. Node has none without --experimental-vm-modules. */
function keptModule(source, options) {
  const kept = moduleCode.get(options.identifier);
  if (kept?.source === source) return new SourceTextModule(source, { ...options, cachedData: kept.cachedData });
  const made = new SourceTextModule(source, options);
  moduleCode.set(options.identifier, { source, cachedData: made.createCachedData() });
  return made;
}

if (SourceTextModule) {
  vm.SourceTextModule = keptModule; // `new` gives what it returns
  vm.SourceTextModule.prototype = SourceTextModule.prototype;
}

module.exports = TestEnvironment;
