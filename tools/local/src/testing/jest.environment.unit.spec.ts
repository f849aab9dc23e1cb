import { compileFunction, createContext, runInContext, type Context } from 'node:vm';

/** Jest asks for modules by this function: in a worker it is that of jest/environment.cjs. */
const compiled = <T>(source: string, parsingContext: Context) =>
  compileFunction(source, ['module'], { filename: '/spec/a.module.js', parsingContext }) as () => T;

const [one, other] = [createContext({}), createContext({})];

it('a module that is compiled once has in each spec what is built in there', () => {
  const source = 'return { map: new Map(), list: [], record: Object.assign({}, module) };';
  for (const context of [one, other]) {
    const { map, list, record } = compiled<Record<'map' | 'list' | 'record', object>>(source, context)();
    const ofContext = runInContext('({ Map, Array, Object })', context) as Record<'Map' | 'Array' | 'Object', new () => object>;
    expect([map instanceof ofContext.Map, list instanceof ofContext.Array, record instanceof ofContext.Object]).toEqual([true, true, true]);
  }
});

it('a module keeps no state from one spec to the next', () => {
  const source = 'let count = 0; return () => ++count;';
  expect([compiled<() => number>(source, one)()(), compiled<() => number>(source, other)()()]).toEqual([1, 1]);
});

it('a module sees what a spec puts in the place of the time', () => {
  runInContext('Date = { now: () => 7 };', one);
  expect(compiled<number>('return Date.now();', one)()).toBe(7);
  expect(compiled<number>('return Date.now();', other)()).toBeGreaterThan(7);
});

it('a module that is written anew is compiled anew, under the same name', () => {
  expect([compiled<number>('return 1;', one)(), compiled<number>('return 2;', one)()]).toEqual([1, 2]);
});

it('a module may call something of its own as what is built in', () => {
  expect(compiled<string>("const Map = 'of its own'; return Map;", one)()).toBe('of its own');
});

it('an error names the line and the column where it was thrown', () => {
  const thrown = compiled<Error>('return new Error();', one)();
  expect(thrown.stack).toContain('/spec/a.module.js:1:8');
  expect(compiled<Error>('\nreturn new Error();', one)().stack).toContain('/spec/a.module.js:2:8');
});
