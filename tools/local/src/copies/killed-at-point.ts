/**
 * Kills the process, as SIGKILL does, when it comes to a point that is armed. Node loads it before the program (`--require`). KILL_POINTS_FILE holds the points, each a method of a class of
 * some module; the file beside it with `.armed` at its end holds the name of the one that is armed, and is renamed to `.reached` by whoever dies there: once. Runs from source too (Node
 * strips the types), so it imports nothing.
 */
interface KillPoint {
  readonly name: string;
  /** The end of the path of the module. */
  readonly module: string;
  readonly class: string;
  readonly method: string;
  /** Before the method begins, or after what it returns has resolved. */
  readonly when: 'before' | 'after';
  /** A regular expression: what the last argument or the result shows of itself. Left out: whatever it is. */
  readonly matching?: string;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Loader = (module: { exports: Record<string, unknown> }, file: string) => void;

const fs = process.getBuiltinModule('node:fs');
const { inspect } = process.getBuiltinModule('node:util');
const Modules = process.getBuiltinModule('node:module') as unknown as { _extensions: Record<string, Loader> };
const listFile = process.env['KILL_POINTS_FILE'] ?? '';
const points = JSON.parse(fs.readFileSync(listFile, 'utf8')) as KillPoint[];
const load = Modules._extensions['.js']!;

Modules._extensions['.js'] = (module, file) => {
  load(module, file);
  for (const point of points)
    if (file.endsWith(point.module)) wrap(module.exports[point.class] as { prototype: Record<string, Method> }, point);
};

function wrap({ prototype }: { prototype: Record<string, Method> }, point: KillPoint): void {
  const original = prototype[point.method]!;
  prototype[point.method] = function (...args) {
    if (point.when === 'before' && isArmed(point.name)) dieIf(point, args.at(-1));
    const result = original.apply(this, args);
    if (point.when === 'before') return result;
    return Promise.resolve(result).then((value) => {
      if (isArmed(point.name)) dieIf(point, [args.at(-1), value]);
      return value;
    });
  };
}

function isArmed(name: string): boolean {
  try {
    return fs.readFileSync(`${listFile}.armed`, 'utf8') === name;
  } catch {
    return false; // none is
  }
}

function dieIf({ name, matching }: KillPoint, shown: unknown): void {
  const text = inspect(shown, { depth: 8, maxArrayLength: null, maxStringLength: null });
  if (matching !== undefined && !new RegExp(matching).test(text)) return;
  fs.writeFileSync(`${listFile}.armed`, `${name} reached`);
  fs.renameSync(`${listFile}.armed`, `${listFile}.reached`);
  process.kill(process.pid, 'SIGKILL');
}
