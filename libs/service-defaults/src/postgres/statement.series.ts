import * as pg from 'pg';
import { Result, types, type Connection, type QueryResult, type Submittable } from 'pg';
import { REPLY_LIMIT_MS, STATEMENT_LIMIT_MS } from './session.settings';

/** A statement with a name, under which Postgres keeps it prepared for the life of a connection. One name always has the same text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What `pg` has at run time and its types leave out. */
interface Builder extends QueryResult {
  addFields(fields: unknown): void;
  parseRow(values: unknown): unknown;
  addRow(row: unknown): void;
  addCommandComplete(message: unknown): void;
}
const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils;

type Callback = (error: unknown, results?: readonly QueryResult[]) => void;

/**
 * Several statements in one write, with one answer: a round trip instead of one for each. After the first error Postgres passes over what is behind it, up to the
 * end of the series, so that nothing after a BEGIN ever runs without it, and no COMMIT after what failed.
 *
 * It is what pg calls a submittable: its client hands it the answers of the server by the methods below, and knows by `name` and `text` which statement was
 * prepared just now.
 */
export class StatementSeries implements Submittable {
  /** Read by pg: each statement may take its time before the server is taken to be silent. In milliseconds. */
  readonly query_timeout: number;
  private readonly results: Builder[];
  private answered = 0;
  private unreadable?: unknown;

  /** `callback` belongs to pg, which wraps it to limit the time of an answer. */
  constructor(
    private readonly statements: readonly Statement[],
    public callback: Callback,
  ) {
    this.query_timeout = statements.length * STATEMENT_LIMIT_MS + (REPLY_LIMIT_MS - STATEMENT_LIMIT_MS);
    this.results = statements.map(() => new Result('', types) as unknown as Builder);
  }

  get name(): string | undefined {
    return this.statements[this.answered]?.name;
  }
  get text(): string | undefined {
    return this.statements[this.answered]?.text;
  }

  readonly submit = (connection: Connection & { parsedStatements?: Record<string, string> }): void => {
    const sent = new Set<string>(); // that it is prepared is known when it is answered, and a name may be prepared once
    connection.stream.cork();
    try {
      for (const { name, text, values } of this.statements) {
        if (connection.parsedStatements?.[name] === undefined && !sent.has(name)) connection.parse({ name, text, types: [] }, true);
        sent.add(name);
        connection.bind({ statement: name, values: values as string[], valueMapper: prepareValue }, true);
        connection.describe({ type: 'P' }, true);
        connection.execute({}, true);
      }
    } catch (error) {
      this.unreadable = error; // a value that can't be sent: what was written before it ends with the series
    } finally {
      connection.sync();
      connection.stream.uncork();
    }
  };

  handleRowDescription({ fields }: { fields: unknown }): void {
    this.results[this.answered]!.addFields(fields);
  }

  handleDataRow({ fields }: { fields: unknown }): void {
    const result = this.results[this.answered]!;
    try {
      result.addRow(result.parseRow(fields));
    } catch (error) {
      this.unreadable ??= error;
    }
  }

  handleCommandComplete(message: unknown): void {
    this.results[this.answered++]!.addCommandComplete(message);
  }

  handleEmptyQuery(): void {
    this.answered++;
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  /** The last word of the server; after an error of its own, pg does not hand it on. */
  handleReadyForQuery(): void {
    if (this.unreadable !== undefined) this.callback(this.unreadable);
    else this.callback(undefined, this.results);
  }
}
