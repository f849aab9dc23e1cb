import { spawn, type ChildProcess } from 'node:child_process';
import type { GuardOrder, GuardReport } from './guard.protocol';

/**
 * Runs one foreign program (Postgres, Java) for a parent that may be killed at any moment. Such programs do not notice that their parent is gone; this
 * process does, since its IPC channel closes, and takes the program down with it. It lives in a session of its own, so that neither Ctrl-C nor a signal to the
 * parent's process group reaches it before the program has been stopped. Runs from source too (Node strips the types), so it may import types alone.
 */
let program: ChildProcess | undefined;
let patienceMs = 0;
let stopSignal: NodeJS.Signals = 'SIGTERM';
let stopping = false;

const report = (message: GuardReport): void => {
  if (process.connected) process.send?.(message, () => undefined); // a parent that went away in this moment needs no report
};

process.on('message', (order: GuardOrder) => {
  if (order.do === 'run') run(order);
  else if (order.do === 'stop') stop();
  else program?.kill('SIGKILL');
});
process.on('disconnect', stop);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

function run(order: Extract<GuardOrder, { do: 'run' }>): void {
  ({ patienceMs, stopSignal } = order);
  const { command, args, cwd, env, uid, gid } = order;
  program = spawn(command, args, { cwd, env, uid, gid, stdio: ['ignore', 'inherit', 'inherit'] });
  program.once('spawn', () => report({ is: 'started', pid: program?.pid ?? 0 }));
  program.once('error', (error) => end({ is: 'failed', reason: error.message }));
  program.once('exit', (exitCode, signal) => end({ is: 'ended', exitCode, signal }));
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  if (!program) process.exit(0);
  program.kill(stopSignal);
  setTimeout(() => program?.kill('SIGKILL'), patienceMs);
}

function end(last: GuardReport): void {
  if (!process.connected) process.exit(0);
  process.send?.(last, () => process.exit(0));
}
