/** What the parent tells the guard of a foreign program. */
export type GuardOrder =
  | {
      do: 'run';
      command: string;
      args: string[];
      cwd: string;
      env: Record<string, string | undefined>;
      uid?: number;
      gid?: number;
      stopSignal: NodeJS.Signals;
      /** How long the program may take after `stopSignal` before it is killed. */
      patienceMs: number;
    }
  | { do: 'stop' }
  | { do: 'kill' };

/** What the guard tells its parent. After `failed` or `ended` it exits. */
export type GuardReport =
  | { is: 'started'; pid: number }
  | { is: 'failed'; reason: string }
  | { is: 'ended'; exitCode: number | null; signal: NodeJS.Signals | null };
